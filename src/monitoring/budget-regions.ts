import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The regions in which CloudFormation does not offer AWS::Budgets::Budget.
 *
 * Source: the data of CloudFormation Validate in aws-cdk-lib 2.271.0, with which a test compares this list.
 */
export const REGIONS_WITHOUT_BUDGETS = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-3',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'mx-central-1',
  'us-gov-east-1',
  'us-gov-west-1',
];

/** Refuses a budget in a stack that is known to be in a region without budgets. */
export function requireBudgets(scope: IConstruct, prop: string): void {
  const { region } = Stack.of(scope);
  if (!REGIONS_WITHOUT_BUDGETS.includes(region)) return;
  refuse(scope, {
    prop,
    given: new Situation(`a limit in ${region}`),
    allowed: `unset in ${region}, where CloudFormation does not offer AWS::Budgets::Budget`,
    change: 'use Notification.costs with a WorkloadMonitoring in a stack of another region, such as us-east-1, because '
      + 'a budget counts the costs of all regions',
  });
}
