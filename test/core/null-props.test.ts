import { Stack } from 'aws-cdk-lib';
import { HardenedRepository, HipaaVpc, SsmBastion, StaticSiteCdn } from '../../src';
import { newStack, someVpc } from '../support/app';

/** Props that relax a safeguard with a reason. `null` comes from JavaScript, and from TypeScript without strict. */
const RELAXATIONS: Array<[string, string, (stack: Stack) => unknown]> = [
  ['SsmBastion', 'portForwarding', (stack) =>
    new SsmBastion(stack, 'It', { vpc: someVpc(stack), portForwarding: null as never })],
  ['HardenedRepository', 'mutableTags', (stack) =>
    new HardenedRepository(stack, 'It', { mutableTags: null as never })],
  ['HipaaVpc', 'dataSubnetEgress', (stack) => new HipaaVpc(stack, 'It', { dataSubnetEgress: null as never })],
  ['StaticSiteCdn', 'hstsDomainOnly', (stack) => new StaticSiteCdn(stack, 'It', { hstsDomainOnly: null as never })],
];

test.each(RELAXATIONS)('null does not relax %s.%s', (_name, prop, create) => {
  expect(() => create(newStack())).toThrow(new Error(
    `[Stack/It] ${prop} must be a RelaxationOptions object, got null. Leave it out.`));
});
