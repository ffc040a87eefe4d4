import * as kms from 'aws-cdk-lib/aws-kms';
import { MonitoringPlan } from '../monitoring/monitored';
import { Notification } from '../monitoring/notification';

/** The requests after which fields can become unreadable, or readable for others. */
const EVENTS = ['DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion'];

/**
 * The notification of a field key. KMS publishes no metric of a key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
 */
export function fieldKeyPlan(path: string, { keyArn, keyId }: kms.IKey): MonitoringPlan {
  return {
    title: `Field encryption key ${path}`,
    alarms: [],
    widgets: [],
    notifications: [Notification.event({
      id: 'KeyChanged',
      eventPattern: {
        source: ['aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['kms.amazonaws.com'],
          eventName: EVENTS,
          requestParameters: { keyId: [keyId, keyArn] },
        },
      },
      description: `Disabling, deletion or policy change of ${path}`,
      message: `The key ${path} was disabled or scheduled for deletion, or its policy was changed. Without the key, no `
        + 'encrypted field can be read. First look up the event in CloudTrail. If no deployment caused it, run aws kms '
        + 'cancel-key-deletion and aws kms enable-key, restore the policy, and block the caller.',
    })],
  };
}
