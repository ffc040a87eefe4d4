import { headersOf, isEntryPoint } from '../../../src/site/deployment/object-headers';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATED = 'public, max-age=0, must-revalidate';
const typeOf = (path: string) => headersOf(path, []).contentType;
const cachingOf = (path: string, ...patterns: string[]) => headersOf(path, patterns).cacheControl;

describe('the content type', () => {
  test.each([
    ['/index.html', 'text/html; charset=utf-8'],
    ['/assets/app.css', 'text/css; charset=utf-8'],
    ['/assets/app.js', 'text/javascript; charset=utf-8'],
    ['/assets/app.mjs', 'text/javascript; charset=utf-8'],
    ['/assets/app.js.map', 'application/json'],
    ['/assets/engine.wasm', 'application/wasm'],
    ['/manifest.webmanifest', 'application/manifest+json'],
    ['/data.json', 'application/json'],
    ['/robots.txt', 'text/plain; charset=utf-8'],
    ['/sitemap.xml', 'application/xml'],
    ['/leaflet.pdf', 'application/pdf'],
    ['/favicon.ico', 'image/x-icon'],
    ['/logo.svg', 'image/svg+xml'],
    ['/photo.avif', 'image/avif'],
    ['/photo.webp', 'image/webp'],
    ['/photo.jpg', 'image/jpeg'],
    ['/photo.png', 'image/png'],
    ['/font.woff', 'font/woff'],
    ['/font.woff2', 'font/woff2'],
    ['/intro.mp4', 'video/mp4'],
  ])('of %s is %s', (path, type) => expect(typeOf(path)).toBe(type));

  test('does not depend on case', () => expect(typeOf('/PHOTO.JPG')).toBe('image/jpeg'));

  test('depends on the last extension of the file name', () => {
    expect(typeOf('/v1.html/archive.tar.gz')).toBe('application/gzip');
    expect(typeOf('/v1.html/readme')).toBe('application/octet-stream');
  });

  test.each([
    '/file.unknown',
    '/LICENSE',
    '/.hidden',
    '/file.',
    '/constructor',
    '/file.constructor',
    '/file.__proto__',
  ])('of %s is the type of a download', (path) => {
    expect(typeOf(path)).toBe('application/octet-stream');
  });

  test.each(['/.well-known/apple-app-site-association', '/.well-known/openid-configuration'])(
    'of %s without an extension is the required type',
    (path) => {
      expect(typeOf(path)).toBe('application/json');
    },
  );

  test('does not require a leading slash', () =>
    expect(headersOf('assets/app.js', ['/assets/*'])).toEqual(headersOf('/assets/app.js', ['/assets/*'])));
});

describe('the cache control', () => {
  test('allows caching for a year without revalidation below an immutable path', () =>
    expect(cachingOf('/assets/app-4f2a.js', '/assets/*')).toBe(IMMUTABLE));

  test('requires revalidation for everything else', () => {
    expect(cachingOf('/app.js', '/assets/*')).toBe(REVALIDATED);
    expect(cachingOf('/app.js')).toBe(REVALIDATED);
  });

  test.each([
    '/assets/index.html',
    '/assets/old.HTM',
    '/assets/page.xhtml',
    '/assets/strings.json',
    '/assets/app.webmanifest',
    '/assets/sw.js',
    '/assets/service-worker.js',
    '/assets/serviceworker.mjs',
    '/assets/ngsw-worker.js',
    '/assets/firebase-messaging-sw.js',
    '/assets/SW.js',
  ])('of %s requires revalidation even there, because its name does not change with its content', (path) =>
    expect(cachingOf(path, '/assets/*')).toBe(REVALIDATED),
  );

  test.each([
    '/assets/news-4f2a.js',
    '/assets/answer.js',
    '/assets/app.js.map',
    '/assets/html.js',
    '/assets/worker-1.js',
  ])('of %s allows caching, because it only resembles an entry point', (path) => {
    expect(cachingOf(path, '/assets/*')).toBe(IMMUTABLE);
  });
});

describe('a pattern is matched as in CloudFront', () => {
  test.each([
    ['/assets/*', '/assets/deep/down/app.js', true],
    ['/assets/*', '/assets/', true],
    ['/assets/*', '/Assets/app.js', false],
    ['/assets/*', '/de/assets/app.js', false],
    ['assets/*', '/assets/app.js', true],
    ['*/assets/*', '/de/assets/app.js', true],
    ['*.js', '/deep/down/app.js', true],
    ['*.js', '/app.jsx', false],
    ['*.js', '/appxjs', false],
    ['/app-????.js', '/app-4f2a.js', true],
    ['/app-????.js', '/app-4f2.js', false],
    ['/a+b/(c)/*', '/a+b/(c)/app.js', true],
    ['/a**b.js', '/a--b.js', true],
  ])('%s and %s: %s', (pattern, path, immutable) =>
    expect(cachingOf(path, pattern)).toBe(immutable ? IMMUTABLE : REVALIDATED),
  );

  test('one matching pattern '
    + 'is enough', () => expect(cachingOf('/fonts/a.woff2', '/assets/*', '/fonts/*')).toBe(IMMUTABLE));
});

test.each([
  ['index.html', true], ['docs/a.htm', true], ['sw.js', true], ['js/service-worker.js', true],
  ['app.js', false], ['data.json', false], ['sw.js/readme', false],
])('%s is an entry point of the browser: %s', (path, entry) => expect(isEntryPoint(path)).toBe(entry));
