import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { ContentSecurityPolicy } from '../../src/site/content-security-policy';
import { newStack } from '../support/app';

const STRICT =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; connect-src "
    + "'self'; " +
  "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; upgrade-insecure-requests";

const allowed = (directive: string, source: string) =>
  `[Stack] contentSecurityPolicy '${directive}' must be a host with TLS such as 'https://api.example.com', a hash such `
    + 'as \'sha256-…\', '
  + `or data: and blob: for media, got '${source}'. Write the host, move inline code to a file of the site, `
  + 'or use ContentSecurityPolicy.custom with a reason.';

function strict(additions?: Record<string, string[]>): string {
  return ContentSecurityPolicy.strict(additions)._render(newStack());
}

/** The directive of a policy. */
const directive = (policy: string, name: string) => policy.split('; ').find((part) => part.startsWith(`${name} `));

describe('the strict policy', () => {
  test('allows only sources of the site', () => {
    expect(strict()).toBe(STRICT);
  });

  test('accepts additional sources', () => {
    const policy = strict({ 'connect-src': ['https://api.example.com', 'wss://live.example.com:8443'] });
    expect(directive(policy, 'connect-src')).toBe(
      "connect-src 'self' https://api.example.com wss://live.example.com:8443",
    );
    expect(policy.replace(' https://api.example.com wss://live.example.com:8443', '')).toBe(STRICT);
  });

  test("replaces 'none' with a source", () => {
    expect(directive(strict({ 'frame-ancestors': ['https://portal.example.com'] }), 'frame-ancestors')).toBe(
      'frame-ancestors https://portal.example.com',
    );
  });

  test('contains a source once', () => {
    expect(
      directive(
        strict({ 'script-src': ["'self'", 'https://cdn.example.com/lib/', 'https://cdn.example.com/lib/'] }),
        'script-src',
      ),
    ).toBe("script-src 'self' https://cdn.example.com/lib/");
  });

  test('adds a directive that otherwise falls back to default-src', () => {
    expect(directive(strict({ 'frame-src': ['https://*.video.example.com'] }), 'frame-src')).toBe(
      "frame-src 'self' https://*.video.example.com",
    );
    expect(strict({ 'frame-src': [] })).toBe(STRICT);
  });

  test.each([
    ['script-src', "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
    ['script-src', "'wasm-unsafe-eval'"],
    ['media-src', 'blob:'],
    ['worker-src', 'blob:'],
    ['img-src', 'blob:'],
  ])('accepts for %s %s', (name, source) => {
    expect(directive(strict({ [name]: [source] }), name)).toContain(source);
  });

  test('accepts a token as a source', () => {
    const host = new CfnParameter(newStack(), 'Host').valueAsString;
    expect(directive(strict({ 'connect-src': [`https://${host}`] }), 'connect-src')).toMatch(
      /^connect-src 'self' https:\/\/\$\{Token/,
    );
  });

  test.each([
    ["'unsafe-inline'"],
    ["'unsafe-eval'"],
    ["'unsafe-hashes'"],
    ["'none'"],
    ["'nonce-abc'"],
    ['*'],
    ['https:'],
    ['http:'],
    ['http://api.example.com'],
    ['https://*'],
    ['api.example.com'],
    [''],
    [' '],
    ['https://a.example.com; script-src *'],
    ['https://a.example.com,b'],
    ['https://*.com'],
    ['https://a.example.com:99999'],
    ['https://a.example.com https://b.example.com'],
    ['data:'],
    ['blob:'],
  ])('refuses %p for script-src', (source) => {
    expect(() => strict({ 'script-src': [source] })).toThrow(new Error(allowed('script-src', source)));
  });

  test('refuses an unknown directive and lists the known ones', () => {
    expect(() => strict({ script: [] })).toThrow(new Error(
      '[Stack] a directive of contentSecurityPolicy must be one of default-src, script-src, style-src, img-src, '
        + 'font-src, connect-src, object-src, '
      + 'base-uri, form-action, frame-ancestors, frame-src, manifest-src, media-src, worker-src, '
      + "got 'script'. Correct the directive, or use ContentSecurityPolicy.custom."));
  });
});

describe('a custom policy', () => {
  const reason = 'the video partner demands inline styles';

  test('is sent unchanged and adds a warning', () => {
    const stack = newStack();
    expect(ContentSecurityPolicy.custom("default-src 'self' 'unsafe-inline'", { reason })._render(stack)).toBe(
      "default-src 'self' 'unsafe-inline'",
    );
    Annotations.fromStack(stack).hasWarning('/Stack', 'the library checks only the form of the Content-Security-Policy '
      + 'header of the site '
      + `(reason given: ${reason}) [ack: cdk-hipaa:own-content-security-policy]`);
  });

  test.each([
    [
      ' ',
      reason,
      "contentSecurityPolicy must be a non-blank string, got ' '. Pass a policy, or leave contentSecurityPolicy out "
        + 'for the strict one.',
    ],
    [
      "default-src 'self';\nimg-src *",
      reason,
      'contentSecurityPolicy must be a header value on one line, got ' + 'several lines. Join the lines.',
    ],
    [
      "default-src 'self' https://räume.example.com",
      reason,
      'contentSecurityPolicy must be a header value of printable ASCII characters, got one with U+00E4. Write the '
        + 'host of a source in Punycode and its path with percent signs, and remove other characters.',
    ],
    [
      "default-src\t'self'",
      reason,
      'contentSecurityPolicy must be a header value of printable ASCII characters, got one with U+0009. Write the '
        + 'host of a source in Punycode and its path with percent signs, and remove other characters.',
    ],
    [
      `default-src ${'x'.repeat(1_772)}`,
      reason,
      'contentSecurityPolicy must be a header value of at most 1783 characters (the CloudFront quota "Length of the '
        + 'content security policy value in a response headers policy"), got 1784 characters. List fewer sources, for '
        + 'example one wildcard instead of several hosts of a domain.',
    ],
    [
      "default-src 'self'",
      ' ',
      "reason must be a non-blank string, got ' '. Say why it is acceptable that the library checks only the " +
        'form of the Content-Security-Policy header of the site.',
    ],
  ])('refuses %p for the reason %p', (policy, given, message) => {
    expect(() => ContentSecurityPolicy.custom(policy, { reason: given })._render(newStack())).toThrow(
      new Error(`[Stack] ${message}`),
    );
  });
});

describe('the header', () => {
  const policyWith = (sources: string[]) =>
    ContentSecurityPolicy.strict({ 'connect-src': sources })._render(newStack());
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, index) => `https://api-${index + 100}.example.com`);

  test('has at most 1,783 characters', () => {
    const fitting = policyWith(hosts(50));
    expect(fitting.length).toBeLessThanOrEqual(1_783);
    expect(() => policyWith(hosts(60))).toThrow(
      '[Stack] contentSecurityPolicy must be a header value of at most 1783 characters (the CloudFront quota "Length '
        + 'of the content security policy value in a response headers policy"), got ');
  });

  test('has only ASCII characters', () => {
    expect(() => policyWith(['https://api.example.com/räume'])).toThrow(new Error(
      '[Stack] contentSecurityPolicy must be a header value of printable ASCII characters, got one with U+00E4. Write '
        + 'the host of a source in Punycode and its path with percent signs, and remove other characters.'));
  });

  test('can contain tokens, whose length is unknown', () => {
    const token = Lazy.string({ produce: () => 'https://api.example.com' });
    expect(() => policyWith([...hosts(60), token])).not.toThrow();
  });

  test.each(['constructor', 'toString'])('refuses the source %s', (source) => {
    expect(() => policyWith([source])).toThrow('[Stack] contentSecurityPolicy \'connect-src\' must be a host with TLS');
  });
});
