import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SettingProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { defineSwitches, GuardrailContext, SwitchDefinition } from '../switches';

/**
 * The memory of the function, in MiB. Node.js and the clients of EC2, IAM and S3 Control use 120 before the first call.
 */
const FUNCTION_MEMORY_MEBIBYTES = 512;

/** A setting of the account, and the permissions to read and to change it. */
export interface AccountSetting extends SwitchDefinition<SettingProperties> {
  readonly reads: iam.PolicyStatement[];
  readonly changes: iam.PolicyStatement[];
}

/** A permission for actions that have no resource type, because they apply to the account. */
export function onAccount(...actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: ['*'] });
}

/**
 * Creates the function for the settings of the account, and a custom resource for each setting. Without settings,
 * creates nothing.
 *
 * The settings share a function, because they stay when the stack removes them: the function never needs a permission
 * that an update has removed.
 */
export function defineAccountSettings(
  scope: Construct, context: GuardrailContext, settings: AccountSetting[],
): HandlerFunction | undefined {
  if (settings.length === 0) return undefined;
  const handler = defineSwitches<SettingProperties>(scope, context, {
    name: 'AccountSettings',
    handler: 'settings/set-account-settings',
    description: 'Sets safe defaults for this account',
    resourceType: 'Custom::AccountSetting',
    mode: 'create',
    memorySize: FUNCTION_MEMORY_MEBIBYTES,
    switches: settings,
    reads: settings.flatMap(({ reads }) => reads),
    changes: settings.flatMap(({ changes }) => changes),
    outsideVpcReason: 'The function changes settings of the account through the public APIs of EC2, IAM and S3. It '
      + 'runs for seconds during a deployment and at no other time.',
    noReservedConcurrencyReason: 'CloudFormation changes the few settings of the account one after another. The '
      + 'function would not use a reservation.',
  });
  acknowledge(handler.policy, {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'The actions of EC2, IAM and S3 for account settings have no resource type, because they apply to the '
      + 'account (Service Authorization Reference).',
  });
  return handler;
}
