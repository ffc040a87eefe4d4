import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { cloudWatchAlarms, encryptionKeyFor } from '../blocks/encryption-key';

/**
 * Creates an encrypted topic for alarms.
 *
 * Only the CloudWatch alarms of this account and region can publish to it.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
export function alarmTopic(scope: Construct, encryptionKey: kms.IKey | undefined): sns.Topic {
  const key = encryptionKeyFor(scope, encryptionKey, { description: 'Alarm messages', users: [cloudWatchAlarms] });
  const topic = new sns.Topic(scope, 'Topic', { masterKey: key, enforceSSL: true });
  const alarms = {
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'CloudWatchAlarms',
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn(alarms) },
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
    },
  }));
  return topic;
}

/** Whether the app contains a subscription to a topic. */
export function hasSubscriber(topic: sns.ITopic): boolean {
  return topic.node.root.node.findAll()
    .some((child) => child instanceof sns.CfnSubscription && child.topicArn === topic.topicArn);
}
