/** The site in a real browser, behind a stand-in that applies the rules of the template of the distribution. */
import * as fs from 'fs';
import * as http from 'http';
import * as os from 'os';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { Browser, BrowserContext, chromium, Page } from 'playwright-core';
import { bucketOf } from './bucket';
import { Edge, Origin } from './edge';
import { EdgeServer, serve } from './server';
import { DEVELOPMENT, Environment, PRODUCTION } from '../../../../examples/karematch/environments';
import { ImagesStack } from '../../../../examples/karematch/images-stack';
import { KareMatchStack } from '../../../../examples/karematch/karematch-stack';
import { ROOT } from '../../../../scripts/examples/example';
import { newApp } from '../../../support/app';

/** The path of the Debian package. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const DIST = path.join(ROOT, 'examples', 'karematch', 'frontend', 'dist');

const json = (status: number, body: unknown) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
});

/** The API calls of the pages. None of them returns a page. */
const api: Origin = async ({ path: at, method, headers }) => {
  if (at === '/api/therapists') return json(200, [{ id: '1', name: 'Ada Rivera' }, { id: '2', name: 'Noor Haddad' }]);
  if (at === '/api/therapists/2') return json(200, { id: '2', name: 'Noor Haddad' });
  if (at === '/api/therapists/forbidden') return json(403, { error: 'not yours' });
  if (at === '/api/therapists/broken') return json(500, { error: 'internal' });
  if (at === '/api/notes' && method === 'POST') return json(201, {});
  if (at.startsWith('/api/refused/')) {
    return headers.authorization ? json(200, { mine: true }) : json(Number(path.basename(at)), { error: 'not you' });
  }
  if (at === '/api') return json(200, { name: 'KareMatch' });
  return json(404, { error: 'there is no such therapist' });
};

function templateOf(environment: Environment): Template {
  const app = newApp();
  const env = { region: 'us-east-1' };
  const { backend } = new ImagesStack(app, 'Images', { env, environment });
  return Template.fromStack(new KareMatchStack(app, 'KareMatch', { env, environment, image: backend.image('1.0.0') }));
}

describe.each([
  ['production', PRODUCTION],
  ['development', DEVELOPMENT],
] as const)('the site in %s', (_name, environment) => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let edge: Edge;
  let server: EdgeServer;
  let folder: string;
  let template: Template;
  let origin: string;
  let troubles: string[];

  beforeAll(async () => {
    // A copy, because one test deploys a new version.
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'));
    fs.cpSync(DIST, folder, { recursive: true });
    template = templateOf(environment);
    edge = new Edge(template, { bucket: bucketOf(template, folder), custom: api });
    server = await serve(edge);
    origin = `https://localhost:${server.httpsPort}`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    troubles = [];
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.addInitScript({
      content:
        'document.addEventListener("securitypolicyviolation", (event) => console.error(`refused by '
          + '${event.violatedDirective}: ${event.blockedURI}`))',
    });
  });
  afterEach(() => context.close());

  const heading = () => page.locator('h1').textContent();

  test('runs a Vite-built app under the security headers without errors in the browser', async () => {
    const response = (await page.goto(origin))!;
    await page.waitForLoadState('networkidle');
    expect(response.status()).toBe(200);
    expect(await heading()).toBe('Find the care that fits');
    // Styles of React, styles of a file, and images that Vite inlines all load.
    expect(await page.evaluate('getComputedStyle(document.querySelector("h1")).color')).toBe('rgb(11, 114, 133)');
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).backgroundImage')).toMatch(
      /^url\("data:image\/svg\+xml/,
    );
    expect(await page.evaluate('document.querySelector("header img").naturalWidth')).toBe(20);
    expect(troubles).toStrictEqual([]);
  });

  test('returns the security headers with every response: page, file, missing file, API', async () => {
    for (const at of ['/', '/robots.txt', '/assets/gone.js', '/api/therapists']) {
      const headers = (await context.request.get(`${origin}${at}`)).headers();
      expect(headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': expect.stringMatching(/^(strict-origin-when-cross-origin|same-origin|no-referrer)$/),
        'content-security-policy': expect.stringMatching(/default-src 'self'.*frame-ancestors 'none'/),
      });
    }
  });

  test('returns the page for a path that the app routes', async () => {
    const response = (await page.goto(`${origin}/therapists/2`))!;
    expect(response.status()).toBe(200);
    await page.getByText('Noor Haddad').waitFor();
    expect(troubles).toStrictEqual([]);
  });

  test('fetches a chunk when its page is opened', async () => {
    await page.goto(origin);
    const [chunk] = await Promise.all([
      page.waitForResponse(/\/assets\/Therapists-/),
      page.getByRole('link', { name: 'Therapists' }).click(),
    ]);
    expect(chunk.status()).toBe(200);
    await page.getByText('Ada Rivera').waitFor();
    expect(new URL(page.url()).pathname).toBe('/therapists');
    expect(troubles).toStrictEqual([]);
  });

  test.each([
    ['no-such-person', 404, 'there is no such therapist'],
    ['forbidden', 403, 'not yours'],
    ['broken', 500, 'internal'],
  ])('passes an API error to the app unchanged: %s', async (id, status, error) => {
    await page.goto(`${origin}/therapists/${id}`);
    expect(await page.getByRole('alert').textContent()).toBe(`The API answered ${status}: ${error}`);
  });

  test.each([400, 403, 404, 405, 414, 500, 501, 502, 503, 504])(
    'does not cache an API error %i for the next user',
    async (status) => {
      const at = `${origin}/api/refused/${status}`;
      const ask = (headers: Record<string, string>) => context.request.get(at, { headers });
      expect((await ask({})).status()).toBe(status);
      const next = await ask({ authorization: 'Bearer of another user' });
      expect([next.status(), await next.json()]).toEqual([200, { mine: true }]);
      expect((await ask({})).headers()['x-cache']).toBe('Miss from cloudfront');
    },
  );

  test('would cache an API error without custom error responses', async () => {
    const silent = Template.fromJSON(structuredClone(template.toJSON()));
    delete Object.values(silent.findResources('AWS::CloudFront::Distribution'))[0].Properties.DistributionConfig
      .CustomErrorResponses;
    const keeps = new Edge(silent, { bucket: bucketOf(template, folder), custom: api });
    const ask = (headers: Record<string, string>) =>
      keeps.answer({
        protocol: 'https',
        host: 'localhost',
        method: 'GET',
        url: '/api/refused/403',
        headers,
        body: Buffer.alloc(0),
      });
    await ask({});
    expect(await ask({ authorization: 'Bearer of another user' })).toMatchObject({
      status: 403,
      headers: { 'x-cache': 'Hit from cloudfront' },
    });
  });

  test('returns the API, not a page, at the root path of the API', async () => {
    expect(await (await context.request.get(`${origin}/api`)).json()).toEqual({ name: 'KareMatch' });
  });

  test('passes requests with every method to the API', async () => {
    await page.goto(origin);
    expect(await page.evaluate(async () => (await fetch('/api/notes', { method: 'POST', body: '{}' })).status)).toBe(
      201,
    );
  });

  test('returns 404 for a missing file', async () => {
    const response = await context.request.get(`${origin}/assets/gone.js`);
    expect(response.status()).toBe(404);
    expect(await response.text()).not.toContain('<!doctype html>');
  });

  test('blocks an injected script with the content security policy', async () => {
    await page.goto(origin);
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.body.append(script);
    }`);
    expect(await page.title()).toBe('KareMatch');
    expect(troubles.some((trouble) => trouble.startsWith('refused by script-src'))).toBe(true);
  });

  test('prevents other sites from framing a page', async () => {
    const frame = http.createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(`<iframe src="${origin}/"></iframe>`),
    );
    await new Promise<void>((resolve) => frame.listen(0, '127.0.0.1', resolve));
    try {
      await page.goto(`http://127.0.0.1:${(frame.address() as { port: number }).port}/`);
      await page.waitForLoadState('networkidle');
      expect(troubles.join()).toMatch(/frame-ancestors|X-Frame-Options/i);
      expect(
        await Promise.all(
          page
            .frames()
            .slice(1)
            .map((each) => each.locator('#root').count()),
        ),
      ).toEqual([0]);
    } finally {
      frame.close();
    }
  });

  test('redirects HTTP to HTTPS for pages, and refuses it for the API', async () => {
    const get = (at: string) => context.request.get(`http://localhost:${server.httpPort}${at}`, { maxRedirects: 0 });
    const redirect = await get('/therapists');
    expect([redirect.status(), redirect.headers().location]).toEqual([
      301,
      `https://localhost:${server.httpPort}/therapists`,
    ]);
    expect((await get('/api/therapists')).status()).toBe(403);
  });

  test('caches assets for a year in the edge and the browser, and pages in neither', async () => {
    edge.invalidate();
    const asset = fs.readdirSync(path.join(folder, 'assets')).find((file) => /^index-.*\.js$/.test(file))!;
    const twice = async (at: string) =>
      [await context.request.get(`${origin}${at}`), await context.request.get(`${origin}${at}`)].map((response) =>
        response.headers(),
      );
    for (const headers of await twice(`/assets/${asset}`)) {
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect((await twice(`/assets/${asset}`)).map((headers) => headers['x-cache'])).toEqual([
      'Hit from cloudfront',
      'Hit from cloudfront',
    ]);
    for (const at of ['/', '/therapists', '/manifest.webmanifest']) {
      expect((await twice(at)).map((headers) => [headers['x-cache'], headers['cache-control']])).toEqual(
        Array(2).fill(['Miss from cloudfront', 'public, max-age=0, must-revalidate']),
      );
    }
  });

  test.each(['br', 'gzip'])('compresses text: %s', async (encoding) => {
    const asset = fs.readdirSync(path.join(folder, 'assets')).find((file) => /^index-.*\.js$/.test(file))!;
    const response = await context.request.get(`${origin}/assets/${asset}`, {
      headers: { 'accept-encoding': encoding },
    });
    expect(response.headers()['content-encoding']).toBe(encoding);
  });

  test('shows a new version at once, without old files', async () => {
    await page.goto(origin);
    const old = fs.readdirSync(path.join(folder, 'assets')).find((file) => /^index-.*\.js$/.test(file))!;
    const renamed = old.replace(/-.*\./, '-NEWHASH0.');
    fs.renameSync(path.join(folder, 'assets', old), path.join(folder, 'assets', renamed));
    const index = path.join(folder, 'index.html');
    fs.writeFileSync(
      index,
      fs.readFileSync(index, 'utf8').replace(old, renamed).replace('<title>KareMatch', '<title>KareMatch 2'),
    );
    edge.invalidate();
    await page.reload();
    expect(await page.title()).toBe('KareMatch 2');
    expect(await heading()).toBe('Find the care that fits');
    expect((await context.request.get(`${origin}/assets/${old}`)).status()).toBe(404);
  });
});
