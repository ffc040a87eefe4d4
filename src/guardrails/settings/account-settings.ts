import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineSwitches, GuardrailContext, SwitchDefinition } from '../switches';
import { acknowledge } from '../../core/acknowledge';
import { HandlerFunction } from '../../blocks/handler-function';

/** The memory of the function, in MiB. It loads the clients of EC2, IAM and S3 Control, which take about 120 with Node.js before the first call. */
const FUNCTION_MEMORY_MEBIBYTES = 512;

/** A setting of the account, and what setting it takes. */
export interface AccountSetting extends SwitchDefinition {
  readonly statements: iam.PolicyStatement[];
}

/**
 * The function that sets what an account has settings for, and a custom resource for each of them; nothing where there are none.
 *
 * One function serves them all: none of them is ever given back, so it never needs a permission that an update has taken.
 */
export function defineAccountSettings(scope: Construct, context: GuardrailContext, settings: AccountSetting[]): HandlerFunction | undefined {
  if (settings.length === 0) return undefined;
  const handler = defineSwitches(scope, context, {
    name: 'AccountSettings',
    handler: 'settings/set-account-settings',
    description: 'Sets safe defaults for this account',
    resourceType: 'Custom::AccountSetting',
    mode: 'create',
    memorySize: FUNCTION_MEMORY_MEBIBYTES,
    switches: settings,
    statements: settings.flatMap(({ statements }) => statements),
    outsideVpcReason: 'Settings of an account are set through the public APIs of EC2, IAM and S3, which this function calls for seconds during a deployment and never else.',
    noReservedConcurrencyReason: 'An account has few settings, and CloudFormation sets them in a row: what would be reserved for this function it could never use.',
  });
  acknowledge(handler.policy, {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'A setting of an account belongs to the account and not to a resource in it: EC2, IAM and S3 take no resource for these actions (Service Authorization Reference).',
  });
  return handler;
}
