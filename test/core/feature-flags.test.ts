import * as fs from 'fs';
import * as path from 'path';
import { FeatureFlags } from 'aws-cdk-lib';
import { FLAGS } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { pinFeatureFlags } from '../../src/core/feature-flags';
import { newStack } from '../support/app';

/**
 * The version up to which the flags are pinned. Later ones are a change of ours, made with the template differences in
 * view.
 */
const PINNED_UP_TO = [2, 276, 0];

function isPinned(flag: string): boolean {
  // A flag without a version, or of one that is not released yet, is newer than any.
  const version = FLAGS[flag]?.introducedIn.v2?.split('.').map(Number) ?? [Infinity];
  const decisive = PINNED_UP_TO.findIndex((part, index) => part !== version[index]);
  return decisive === -1 || version[decisive] < PINNED_UP_TO[decisive];
}

/**
 * The flags that a new project starts with, as aws-cdk-lib itself lists them, but for those with a value that is not a
 * boolean.
 */
function recommended(): string[] {
  const file = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json');
  return Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')))
    .filter(([, value]) => value === true)
    .map(([flag]) => flag)
    .filter(isPinned);
}

function pinned(context: Record<string, unknown> = {}): Construct {
  const construct = new Construct(newStack({ context }), 'Construct');
  pinFeatureFlags(construct);
  return construct;
}

test('every flag that aws-cdk-lib recommends is on below the construct', () => {
  const construct = pinned();
  expect(recommended().length).toBeGreaterThan(50);
  expect(recommended().filter((flag) => construct.node.tryGetContext(flag) !== true)).toEqual([]);
});

test('whatever the app says', () => {
  const flag = '@aws-cdk/aws-iam:minimizePolicies';
  const construct = pinned({ [flag]: false });
  expect(FeatureFlags.of(new Construct(construct, 'Child')).isEnabled(flag)).toBe(true);
});

test('nothing changes beside the construct', () => {
  const flag = '@aws-cdk/aws-iam:minimizePolicies';
  const construct = pinned({ [flag]: false });
  expect(FeatureFlags.of(construct.node.scope!).isEnabled(flag)).toBe(false);
});

test('it is too late once there are children', () => {
  const construct = new Construct(newStack(), 'Construct');
  new Construct(construct, 'Child');
  expect(() => pinFeatureFlags(construct)).toThrow(/Cannot set context after children have been added/);
});
