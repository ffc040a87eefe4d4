import * as fs from 'fs';
import * as path from 'path';
import { FeatureFlags } from 'aws-cdk-lib';
import { FLAGS } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { pinFeatureFlags } from '../../src/core/feature-flags';
import { newStack } from '../support/app';

/**
 * The version up to which the flags are pinned. Pinning a later flag is a change of this library, reviewed with its
 * template differences.
 */
const PINNED_UP_TO = [2, 276, 0];

function isPinned(flag: string): boolean {
  // A flag without a version, or with an unreleased version, is newer than any released version.
  const version = FLAGS[flag]?.introducedIn.v2?.split('.').map(Number) ?? [Infinity];
  const decisive = PINNED_UP_TO.findIndex((part, index) => part !== version[index]);
  return decisive === -1 || version[decisive] < PINNED_UP_TO[decisive];
}

/** The flags that aws-cdk-lib recommends for a new project, except flags whose value is not a boolean. */
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

test('a pinned flag overrides the context of the app', () => {
  const flag = '@aws-cdk/aws-iam:minimizePolicies';
  const construct = pinned({ [flag]: false });
  expect(FeatureFlags.of(new Construct(construct, 'Child')).isEnabled(flag)).toBe(true);
});

test('the flags of a sibling construct do not change', () => {
  const flag = '@aws-cdk/aws-iam:minimizePolicies';
  const construct = pinned({ [flag]: false });
  expect(FeatureFlags.of(construct.node.scope!).isEnabled(flag)).toBe(false);
});

test('pinning is refused after the construct has children', () => {
  const construct = new Construct(newStack(), 'Construct');
  new Construct(construct, 'Child');
  expect(() => pinFeatureFlags(construct)).toThrow(/Cannot set context after children have been added/);
});
