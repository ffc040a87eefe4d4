import { Aws } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';

/** The states of a stack at the end of a successful deployment or of its rollback. */
const DEPLOYED = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'];

/**
 * The event that a deployment of the stack of a rule has ended. A rule can have a schedule and a pattern.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
 */
export const AFTER_DEPLOYMENT: events.EventPattern = {
  source: ['aws.cloudformation'],
  detailType: ['CloudFormation Stack Status Change'],
  detail: { 'stack-id': [Aws.STACK_ID], 'status-details': { status: DEPLOYED } },
};
