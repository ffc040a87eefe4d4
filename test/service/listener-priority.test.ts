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
  test('is stable across versions, so that an upgrade moves no rule', () => {
    expect(derivedPriority({ path: '/api/*' })).toBe(42880);
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

  test('is unique for most of a hundred services of one app', () => {
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

  test('is refused for a second service on the listener, and the error names the first', () => {
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

  test('can be repeated on another listener and in another app', () => {
    claimPriority(new Construct(stack, 'One'), listener, 7);
    expect(() =>
      claimPriority(new Construct(stack, 'Two'), { listenerArn: 'arn:listener/2' } as elbv2.IApplicationListener, 7),
    ).not.toThrow();
    expect(() => claimPriority(new Construct(stack, 'Three'), listener, 8)).not.toThrow();
    expect(() => claimPriority(newStack(), listener, 7)).not.toThrow();
  });

  test('can be a token', () => {
    const priority = new CfnParameter(stack, 'Priority', { type: 'Number' }).valueAsNumber;
    claimPriority(new Construct(stack, 'One'), listener, priority);
    expect(() => claimPriority(new Construct(stack, 'Two'), listener, priority)).not.toThrow();
  });
});
