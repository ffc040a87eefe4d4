import { Lazy, Token } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/aws-events';
import { CostNotificationOptions, EventNotificationOptions, Notification } from '../../src/monitoring/notification';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newStack } from '../support/app';
import { WatchedThing } from '../support/watched-thing';

const costs = (options: Partial<CostNotificationOptions>) =>
  () => Notification.costs({ id: 'Costs', monthlyLimit: 100, ...options });
const event = (options: Partial<EventNotificationOptions>) => () => Notification.event({
  id: 'Events', description: 'Events', eventPattern: { source: ['aws.s3'] }, message: 'An event', ...options,
});

test.each([-1, 0, -0.01, 1e-9, 0.009, 1e30, 1e12 + 1])('a monthly limit of %p is refused', (monthlyLimit) => {
  expect(costs({ monthlyLimit })).toThrow(new Error(
    `[Notification.costs] monthlyLimit must be a number from 0.01 to 1000000000000, got ${monthlyLimit}.`
      + ' Pass an amount in USD.'));
});

test.each([NaN, Infinity, -Infinity])('a monthly limit of %p is refused', (monthlyLimit) => {
  expect(costs({ monthlyLimit })).toThrow(
    `[Notification.costs] monthlyLimit must be a finite number, got ${monthlyLimit}.`);
});

test.each(['', ' ', '\n\t'])('%j is refused as message, description and ID', (blank) => {
  const text = (prop: string) => `${prop} must be a non-blank string, got '${blank}'.`;
  expect(event({ message: blank })).toThrow(`[Notification.event] ${text('message')} State what happened`);
  expect(event({ description: blank })).toThrow(`[Notification.event] ${text('description')} Describe the events.`);
  const id = `id must be a letter followed by up to 127 letters, digits, hyphens and underscores, got '${blank}'. `
    + "Write a name such as 'FreeStorage'.";
  expect(event({ id: blank })).toThrow(new Error(`[Notification.event] ${id}`));
  expect(costs({ id: blank })).toThrow(new Error(`[Notification.costs] ${id}`));
});

test('an event pattern without a field is refused', () => {
  expect(event({ eventPattern: {} })).toThrow(new Error(
    '[Notification.event] eventPattern must be a pattern with at least one field, got an empty one. '
      + 'Name the source and the type of the events.'));
});

test.each<[EventNotificationOptions['eventPattern'], string]>([
  [{ source: [] }, 'source'], [{ source: ['aws.s3'], detail: {} }, 'detail'],
  [{ detail: { bucket: { name: [] } } }, 'detail.bucket.name'],
])('%j is refused, because EventBridge accepts no empty part', (eventPattern, part) => {
  expect(event({ eventPattern })).toThrow(new Error(
    `[Notification.event] eventPattern.${part} must be a list or an object with at least one entry, got an empty one. `
      + `Add an entry, or leave eventPattern.${part} out.`));
});

test('a text above the maximum of EventBridge is refused', () => {
  expect(event({ description: 'x'.repeat(512), message: 'x'.repeat(8_192) })).not.toThrow();
  expect(event({ description: 'x'.repeat(513) })).toThrow(new Error(
    '[Notification.event] description must be at most 512 characters, got 513 characters. Shorten the text.'));
  expect(event({ message: 'x'.repeat(8_193) })).toThrow(new Error(
    '[Notification.event] message must be at most 8192 characters, got 8193 characters. Shorten the text.'));
});

test('a pattern above the quota of EventBridge is refused', () => {
  const watch = (sources: number) => () => {
    const stack = newStack();
    const eventPattern = { source: Array.from({ length: sources }, (_, i) => `source${100 + i}`) };
    const thing = new WatchedThing(stack, 'Thing', { notifications: [event({ eventPattern })()] });
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'a@example.com' }).watch(thing);
  };
  expect(watch(150)).not.toThrow();
  expect(watch(200)).toThrow(new Error(
    "[Stack/Monitoring/Stack:Thing] eventPattern of notification 'Events' must be at most 2048 characters, "
      + 'the quota "Event pattern size" of EventBridge, got about 2412 characters. '
      + 'Create several notifications with shorter patterns.'));
});

test('other values and tokens are accepted', () => {
  const eventPattern = { source: Match.prefix('aws.'), detail: { size: Match.greaterThan(1) } };
  expect(event({ eventPattern })).not.toThrow();
  expect(costs({ monthlyLimit: 0.5 })).not.toThrow();
  expect(costs({ monthlyLimit: Token.asNumber({ Ref: 'Limit' }) })).not.toThrow();
  expect(event({ message: Lazy.string({ produce: () => 'text' }) })).not.toThrow();
});

test('a monthly limit is refused in a region without budgets', () => {
  const stack = newStack({ env: { region: 'eu-north-1' } });
  const thing = new WatchedThing(stack, 'Thing', { notifications: [costs({})()] });
  expect(() => new WorkloadMonitoring(stack, 'Monitoring', { email: 'a@example.com' }).watch(thing)).toThrow(
    'Notification.costs must be unset in eu-north-1, where CloudFormation does not offer AWS::Budgets::Budget');
});
