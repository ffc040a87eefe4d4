import * as vm from 'vm';
import { SiteRouting } from '../../src/site/site-routing';

interface ViewerRequest {
  uri: string;
  querystring?: object;
  method?: string;
}

/** Runs the unchanged code as CloudFront does, without Node.js globals. */
function run(routing: SiteRouting, request: ViewerRequest): ViewerRequest {
  return vm.runInNewContext(`'use strict';${routing._functionCode!}\nhandler(event);`, {
    event: { version: '1.0', request },
  });
}

describe('SiteRouting.files', () => {
  test('rewrites no path and has no function', () => {
    expect(SiteRouting.files()._functionCode).toBeUndefined();
  });
});

describe('SiteRouting.singlePageApp', () => {
  test.each([
    ['/'],
    ['/patients'],
    ['/patients/'],
    ['/patients/17'],
    ['/patients/17/notes'],
    ['/v1.2/patients'],
    ['//'],
    ['//example.com/'],
    ['/patients/M%C3%BCller'],
    ['/well-known/patients'],
    ['/assets'],
  ])('rewrites %s to its index.html', (uri) => {
    expect(run(SiteRouting.singlePageApp(), { uri }).uri).toBe('/index.html');
  });

  test.each([
    ['/index.html'],
    ['/favicon.ico'],
    ['/assets/app-4f3a9c21.js'],
    ['/missing.js'],
    ['/docs/guide%2Epdf'],
    ['/docs/guide%2epdf'],
    ['/.well-known/apple-app-site-association'],
    ['/.well-known/'],
    ['/.env'],
    ['/jane.doe@example.com'],
  ])('does not rewrite %s, so that a missing file returns 404', (uri) => {
    expect(run(SiteRouting.singlePageApp(), { uri }).uri).toBe(uri);
  });
});

describe('SiteRouting.multiPage', () => {
  test.each([
    ['/', '/index.html'],
    ['/docs', '/docs/index.html'],
    ['/docs/', '/docs/index.html'],
    ['/docs/guide', '/docs/guide/index.html'],
    ['/v1.2/docs', '/v1.2/docs/index.html'],
    ['/M%C3%BCnchen/', '/M%C3%BCnchen/index.html'],
    ['//', '//index.html'],
  ])('rewrites %s to %s', (uri, file) => {
    expect(run(SiteRouting.multiPage(), { uri }).uri).toBe(file);
  });

  test.each([
    ['/index.html'],
    ['/docs/guide.pdf'],
    ['/docs/guide%2Epdf'],
    ['/.well-known/openid-configuration'],
    ['/.well-known/'],
  ])('does not rewrite %s', (uri) => {
    expect(run(SiteRouting.multiPage(), { uri }).uri).toBe(uri);
  });
});

describe.each([
  ['singlePageApp', SiteRouting.singlePageApp()],
  ['multiPage', SiteRouting.multiPage()],
])('the function of %s', (_name, routing) => {
  test('does not change other parts of the request', () => {
    const querystring = { q: { value: 'a.b/c' } };
    expect(run(routing, { uri: '/patients', querystring, method: 'HEAD' })).toMatchObject({
      querystring,
      method: 'HEAD',
    });
  });

  test('is small and uses only features of the CloudFront runtime', () => {
    const code = routing._functionCode!;
    expect(code.length).toBeLessThan(10_240);
    expect(code).not.toMatch(/=>|`|\b(let|const|class|async|require|import|eval)\b/);
  });
});
