import { createHash } from 'crypto';
import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import {
  claimPriority,
  derivedPriority,
  FIRST_PRIORITY,
  LAST_PRIORITY,
  LONGEST_PATH,
} from '../../src/service/listener-priority';
import { coversMatch, RuleMatch } from '../../src/service/rule-match';
import { newStack } from '../support/app';

describe('the derived priority', () => {
  test('is stable across versions, so that an upgrade moves no rule', () => {
    expect(derivedPriority({ path: '/api/*' })).toBe(44229);
  });

  test('is deterministic', () => {
    expect(derivedPriority({ path: '/a', host: 'b' })).toBe(derivedPriority({ path: '/a', host: 'b' }));
  });

  test.each([{}, { path: '/*' }])('is the last one for a rule that matches every request', (match) => {
    expect(derivedPriority(match)).toBe(LAST_PRIORITY);
  });

  test.each([
    ['the longer prefix', { path: '/api/v1/*' }, { path: '/api/*' }],
    ['an exact path before a pattern with the same prefix', { path: '/api' }, { path: '/api*' }],
    ['a path before a rule for every path', { path: '/a' }, {}],
    ['a host before a path', { host: 'api.example.com' }, { path: '/a/very/long/path/that/is/exact' }],
    [
      'a host before a host pattern',
      { host: 'api.example.com' },
      { host: '*.example.com', path: '/a/very/long/path/that/is/exact' },
    ],
    ['a host pattern before a path', { host: '*.example.com' }, { path: '/a' }],
    ['a host with a path before only the host', { host: 'api.example.com', path: '/a*' }, { host: 'api.example.com' }],
    ['a host with every path before a rule for every request', { host: 'api.example.com', path: '/*' }, {}],
  ])('evaluates first: %s', (_, first, second) => {
    expect(derivedPriority(first)).toBeLessThan(derivedPriority(second));
  });

  test('is in the valid range for the longest and the shortest paths of every kind', () => {
    const paths = ['/', '/*', '/a', `/${'a'.repeat(LONGEST_PATH - 1)}`, `/${'a'.repeat(LONGEST_PATH - 2)}*`];
    for (const host of [undefined, 'h', '*']) {
      for (const path of paths) {
        const priority = derivedPriority({ host, path });
        expect(priority).toBeGreaterThanOrEqual(FIRST_PRIORITY);
        expect(priority).toBeLessThanOrEqual(LAST_PRIORITY);
      }
    }
  });

  test.each([
    ['a folder of each depth', (n: number) => ({ path: `/s${String(n).padStart(3, '0')}/*` })],
    ['a nested folder', (n: number) => ({ path: `/api/v1/service-${n}/*` })],
    ['an exact path', (n: number) => ({ path: `/service-${n}` })],
    ['a prefix', (n: number) => ({ path: `/s${n}*` })],
    ['a host', (n: number) => ({ host: `tenant-${n}.example.com` })],
    ['a host with a path', (n: number) => ({ host: `tenant-${n}.example.com`, path: '/api/v2/*' })],
  ])('is unique for a hundred numbered services: %s', (_, match) => {
    const priorities = Array.from({ length: 100 }, (__, index) => derivedPriority(match(index)));
    expect(new Set(priorities).size).toBe(100);
  });

  test.each([
    ['/api/v*', '/api/*'],
    ['/api/v1/*', '/api/v*'],
    ['/api/v1/*', '/a*'],
    ['/api/*/orders', '/api/*'],
    ['/a/b/c/d/e/f/g/*', '/a/b/c/d/e/f/*'],
    ['/a/b/c/d/e/f/*', '/a/b/c/d/e/*'],
    [`/${'a'.repeat(60)}b*`, `/${'a'.repeat(60)}*`],
  ])('evaluates %s before %s', (first, second) => {
    for (const host of [undefined, 'h', '*']) {
      expect(derivedPriority({ host, path: first })).toBeLessThan(derivedPriority({ host, path: second }));
    }
  });
});

describe('a claimed priority', () => {
  let stack: Stack;
  let listener: elbv2.IApplicationListener;
  beforeEach(() => {
    stack = newStack();
    listener = { listenerArn: 'arn:listener/1' } as elbv2.IApplicationListener;
  });

  const claim = (id: string, match: RuleMatch, priority?: number) =>
    claimPriority(new Construct(stack, id), { ...listener } as elbv2.IApplicationListener, match, priority);

  test('is refused for a second service on the listener, and the error names the first', () => {
    claim('One', { path: '/a' }, 7);
    expect(() => claim('Two', { path: '/b' }, 7)).toThrow(
      new Error(
        '[Stack/Two] ingress.priority must be different from the priority of Stack/One on the same listener, got 7. '
          + 'Give one of the two services another priority, or remove ingress.priority to derive it from path and '
          + 'host; to exchange two priorities, first deploy with free numbers.',
      ),
    );
  });

  test('can be repeated on another listener and in another app', () => {
    claimPriority(new Construct(stack, 'One'), listener, {}, 7);
    expect(() =>
      claimPriority(
        new Construct(stack, 'Two'), { listenerArn: 'arn:listener/2' } as elbv2.IApplicationListener, {}, 7,
      ),
    ).not.toThrow();
    expect(() => claimPriority(newStack(), listener, {}, 7)).not.toThrow();
  });

  test('can be a token, but not for the same conditions', () => {
    const priority = new CfnParameter(stack, 'Priority', { type: 'Number' }).valueAsNumber;
    claim('One', { path: '/a' }, priority);
    expect(() => claim('Two', { path: '/*' }, priority)).not.toThrow();
    expect(() => claim('Three', {}, priority)).toThrow(
      '[Stack/Three] ingress must be for a path or host that differs from those of Stack/Two on the same listener');
  });

  test('is the derived one of each service, whatever services are added after it', () => {
    const words = Array.from({ length: 100 }, (_, index) => createHash('md5').update(`${index}`).digest('hex'));
    const claimAll = (count: number) => {
      const app = newStack();
      return words.slice(0, count).map((word) =>
        claimPriority(new Construct(app, word), listener, { path: `/${word.slice(0, 8)}/*` }));
    };
    const all = claimAll(100);
    expect(new Set(all).size).toBe(100);
    expect(claimAll(60)).toEqual(all.slice(0, 60));
    expect(claimAll(20)).toEqual(all.slice(0, 20));
  });

  test('is another one of the range if the derived one is taken, with the value to pin', () => {
    const first = derivedPriority({ path: '/api/*' });
    claim('One', { path: '/other' }, first);
    const two = new Construct(stack, 'Two');
    const second = claimPriority(two, listener, { path: '/api/*' });
    expect(second).not.toBe(first);
    expect(derivedPriority({ path: '/api/v1/*' })).toBeLessThan(second);
    expect(second).toBeLessThan(derivedPriority({}));
    const message = `The derived priority of the listener rule belongs to Stack/One, so this service has ${second}. `
      + `Set ingress.priority to ${second} before you remove Stack/One or change the order of the two: Elastic Load `
      + 'Balancing refuses a priority that another rule has.';
    expect(JSON.stringify(two.node.metadata)).toContain(message);
  });

  test.each<[string, RuleMatch, RuleMatch, string]>([
    ['a path', { path: '/api/*' }, { path: '/api/*' }, "path '/api/*'"],
    ['every request', {}, { path: '/*' }, "path '/*'"],
    ['a host in another case', { host: 'a.example.com' }, { host: 'A.example.com' }, "host 'A.example.com'"],
    ['a host and a path', { host: 'a', path: '/b' }, { host: 'a', path: '/b' }, "host 'a' and path '/b'"],
  ])('is refused for the same conditions, whatever the priorities are: %s', (_, one, two, shown) => {
    for (const priority of [undefined, 7]) {
      const app = newStack();
      claimPriority(new Construct(app, 'One'), listener, one);
      expect(() => claimPriority(new Construct(app, 'Two'), listener, two, priority)).toThrow(new Error(
        '[Stack/Two] ingress must be for a path or host that differs from those of Stack/One on the same listener, got '
          + `${shown}. Give the two services different paths or hosts; only the one with the lower priority receives `
          + 'requests.'));
    }
  });

  test('is refused in both orders if a rule before the other one matches all its requests', () => {
    const sentence = "the listener rule of Stack/Api (path '/api/*', priority 44229) receives no request, because the "
      + "rule of Stack/Web (path '/*', priority 1) matches all of them first. Set ingress.priority so that Stack/Api "
      + 'has the lower number.';
    claim('Web', {}, 1);
    expect(() => claim('Api', { path: '/api/*' })).toThrow(new Error(`[Stack/Api] ${sentence}`));
    stack = newStack();
    claim('Api', { path: '/api/*' });
    expect(() => claim('Web', {}, 1)).toThrow(new Error(`[Stack/Web] ${sentence}`));
  });

  test.each<[RuleMatch, RuleMatch, boolean]>([
    [{ path: '/a*' }, { path: '/a/b/*' }, true],
    [{ path: '/a?' }, { path: '/ab' }, true],
    [{ path: '/a?' }, { path: '/a?' }, true],
    [{ path: '/?/c' }, { path: '/*/c' }, false],
    [{ path: '/a' }, { path: '/a*' }, false],
    [{ path: '/a.c' }, { path: '/abc' }, false],
    [{ path: '/(a|b)[c]^$+{1}' }, { path: '/(a|b)[c]^$+{1}' }, true],
    [{ path: '/A*' }, { path: '/a' }, false],
    [{ host: '*.example.com' }, { host: 'API.example.com', path: '/a' }, true],
    [{ host: '*.example.com', path: '/a' }, { host: 'api.example.com' }, false],
    [{ host: '*.example.com' }, {}, false],
    [{}, { host: '*.example.com' }, true],
  ])('%j covers %j: %s', (general, specific, covered) => {
    expect(coversMatch(general, specific)).toBe(covered);
  });

  test('is accepted if a condition is a token', () => {
    const path = new CfnParameter(stack, 'Path').valueAsString;
    claim('One', { path }, 2);
    expect(() => claim('Two', { path }, 3)).not.toThrow();
    expect(() => claim('Three', {}, 1)).not.toThrow();
  });

  test('is refused for service 101 of a load balancer, with the name of the quota', () => {
    for (let n = 0; n < 100; n++) claimPriority(new Construct(stack, `S${n}`), listener, { path: `/s${n}/*` });
    expect(() => claimPriority(new Construct(stack, 'More'), listener, { path: '/more/*' })).toThrow(new Error(
      '[Stack/More] ingress must be one of at most 100 services of a load balancer (the quota "Target Groups per '
        + 'Application Load Balancer", which cannot be raised), got 101 services. Create another SecureLoadBalancer '
        + 'for the other services.'));
  });
});
