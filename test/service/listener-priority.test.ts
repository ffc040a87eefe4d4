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
import { newStack } from '../support/app';

describe('the derived priority', () => {
  test('is what it was, so that an upgrade moves no rule', () => {
    expect(derivedPriority({ path: '/api/*' })).toBe(42880);
  });

  test('is the same however often it is derived', () => {
    expect(derivedPriority({ path: '/a', host: 'b' })).toBe(derivedPriority({ path: '/a', host: 'b' }));
  });

  test.each([{}, { path: '/*' }])('of what takes every request is the last', (match) => {
    expect(derivedPriority(match)).toBe(LAST_PRIORITY);
  });

  test.each([
    ['the longer beginning', { path: '/api/v1/*' }, { path: '/api/*' }],
    ['an exact path before a pattern that begins alike', { path: '/api' }, { path: '/api*' }],
    ['a path before every path', { path: '/a' }, {}],
    ['a host before a path', { host: 'api.example.com' }, { path: '/a/very/long/path/that/is/exact' }],
    [
      'a host before a pattern of hosts',
      { host: 'api.example.com' },
      { host: '*.example.com', path: '/a/very/long/path/that/is/exact' },
    ],
    ['a pattern of hosts before a path', { host: '*.example.com' }, { path: '/a' }],
    ['a host with a path before the host alone', { host: 'api.example.com', path: '/a*' }, { host: 'api.example.com' }],
    ['a host with every path like the host alone, before everything', { host: 'api.example.com', path: '/*' }, {}],
  ])('puts first: %s', (_, first, second) => {
    expect(derivedPriority(first)).toBeLessThan(derivedPriority(second));
  });

  test('is a valid one for the longest and the shortest paths, of every kind', () => {
    const paths = ['/', '/*', '/a', `/${'a'.repeat(LONGEST_PATH - 1)}`, `/${'a'.repeat(LONGEST_PATH - 2)}*`];
    for (const host of [undefined, 'h', '*']) {
      for (const path of paths) {
        const priority = derivedPriority({ host, path });
        expect(priority).toBeGreaterThanOrEqual(FIRST_PRIORITY);
        expect(priority).toBeLessThanOrEqual(LAST_PRIORITY);
      }
    }
  });

  test('keeps a hundred services of one app apart but for a few', () => {
    const priorities = Array.from({ length: 100 }, (_, index) => derivedPriority({ path: `/service-${index}/*` }));
    expect(new Set(priorities).size).toBeGreaterThan(75);
  });
});

describe('a claimed priority', () => {
  let stack: Stack;
  let listener: elbv2.IApplicationListener;
  beforeEach(() => {
    stack = newStack();
    listener = { listenerArn: 'arn:listener/1' } as elbv2.IApplicationListener;
  });

  test('is refused to a second service on the listener, naming both', () => {
    claimPriority(new Construct(stack, 'One'), listener, 7);
    expect(() =>
      claimPriority(new Construct(stack, 'Two'), { listenerArn: 'arn:listener/1' } as elbv2.IApplicationListener, 7),
    ).toThrow(
      new Error(
        '[Stack/Two] ingress.priority must be different from the priority of Stack/One on the same listener, got 7. ' +
          'Give the two services different paths or hosts, or give one of them an explicit priority.',
      ),
    );
  });

  test('is free on another listener, with another number, and in another app', () => {
    claimPriority(new Construct(stack, 'One'), listener, 7);
    expect(() =>
      claimPriority(new Construct(stack, 'Two'), { listenerArn: 'arn:listener/2' } as elbv2.IApplicationListener, 7),
    ).not.toThrow();
    expect(() => claimPriority(new Construct(stack, 'Three'), listener, 8)).not.toThrow();
    expect(() => claimPriority(newStack(), listener, 7)).not.toThrow();
  });

  test('that is known only at deployment passes', () => {
    const priority = new CfnParameter(stack, 'Priority', { type: 'Number' }).valueAsNumber;
    claimPriority(new Construct(stack, 'One'), listener, priority);
    expect(() => claimPriority(new Construct(stack, 'Two'), listener, priority)).not.toThrow();
  });
});
