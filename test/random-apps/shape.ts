import * as fs from 'fs';
import * as path from 'path';
import { Environment } from 'aws-cdk-lib';
import { Random } from './random';

const ACCOUNT = '111122223333';
const ENVIRONMENTS: Array<Environment | undefined> = [
  undefined,
  { region: 'us-east-1' },
  ...['us-east-1', 'us-east-1', 'eu-west-1', 'us-gov-west-1', 'cn-north-1']
    .map((region) => ({ account: ACCOUNT, region })),
];
/** The flags of aws-cdk-lib that a new project sets. */
export const FLAGS: Record<string, unknown> = JSON.parse(fs.readFileSync(
  path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json'), 'utf8'));

/** The settings of an app, besides its constructs. */
export interface Shape {
  readonly env?: Environment;
  readonly rooms: boolean;
  readonly stage: boolean;
  readonly disposable: boolean;
  readonly flags: boolean;
  readonly boundary: boolean;
  readonly tags: boolean;
  readonly sharedKey: boolean;
  readonly ownVpc: boolean;
  /** Whether a stack of the user, with findings, is excluded from the checks. */
  readonly excluded: boolean;
  /** Whether the findings of the first stack are only reported. */
  readonly reportOnly: boolean;
}

/** The settings of a random app. */
export function shapeOf(random: Random): Shape {
  return {
    env: random.pick(ENVIRONMENTS),
    rooms: random.chance(0.5),
    stage: random.chance(0.3),
    disposable: random.chance(0.4),
    flags: random.chance(0.5),
    boundary: random.chance(0.2),
    tags: random.chance(0.3),
    sharedKey: random.chance(0.4),
    ownVpc: random.chance(0.7),
    excluded: random.chance(0.2),
    reportOnly: random.chance(0.1),
  };
}
