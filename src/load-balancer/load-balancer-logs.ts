import { Annotations, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { emptyAfterWriters } from '../blocks/empty-after-writers';
import { logBucket } from '../blocks/log-bucket';
import { refuse, Situation } from '../core/refusal';

/** What is logged, by the attribute of the load balancer, and below which prefix of the bucket it stands. */
const LOGS = { access_logs: 'access-logs', connection_logs: 'connection-logs' };

/** The bucket that the app gave, or one of the load balancer's own. */
export function loadBalancerLogBucket(scope: Construct, given: s3.IBucket | undefined): s3.IBucket {
  if (given?.encryptionKey) {
    refuse(scope, {
      prop: 'accessLogBucket',
      given: new Situation(`a bucket with the key ${given.encryptionKey.node.path}`),
      allowed: 'a bucket with S3 managed keys (SSE-S3), the only keys that Elastic Load Balancing supports for logs',
      change: 'pass another bucket, or leave accessLogBucket out: the construct then creates one',
    });
  }
  return given ?? logBucket(scope, 'AccessLogs', {
    holds: 'the access and connection logs of a load balancer',
    encryption: { noKeyReason: 'Elastic Load Balancing writes access logs under the keys of S3 (SSE-S3) only: under a customer-managed key it writes none.' },
  });
}

/**
 * Has a load balancer log its requests and its connections.
 *
 * Written out since `logAccessLogs` throws without a region (aws-cdk #27432) and admits a service that writes no such logs. The account in
 * the path is what keeps load balancers of others out: each writes below its own account's id, and can choose no other.
 */
export function logTo(loadBalancer: elbv2.ApplicationLoadBalancer, bucket: s3.IBucket): void {
  for (const [attribute, prefix] of Object.entries(LOGS)) {
    loadBalancer.setAttribute(`${attribute}.s3.enabled`, 'true');
    loadBalancer.setAttribute(`${attribute}.s3.bucket`, bucket.bucketName);
    loadBalancer.setAttribute(`${attribute}.s3.prefix`, prefix);
  }
  // Who writes the logs, in every region: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
  const writer = new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com');
  const { statementAdded, policyDependable } = bucket.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'LoadBalancerLogs',
    principals: [writer],
    actions: ['s3:PutObject'],
    resources: Object.values(LOGS).map((prefix) => bucket.arnForObjects(`${prefix}/AWSLogs/${Stack.of(loadBalancer).account}/*`)),
  }));
  // Elastic Load Balancing tries the bucket when the load balancer is made, and refuses one that it cannot write to.
  if (policyDependable) loadBalancer.node.defaultChild!.node.addDependency(policyDependable);
  emptyAfterWriters(bucket, loadBalancer.node.defaultChild!);
  if (statementAdded) return;
  Annotations.of(loadBalancer).addWarningV2('cdk-hipaa:access-log-bucket-policy',
    `the policy of the imported bucket ${bucket.node.path} cannot be changed from here: it has to let ${writer.service} put objects below `
    + `${Object.values(LOGS).map((prefix) => `${prefix}/AWSLogs/<account>/`).join(' and ')}, else the load balancer cannot be deployed`);
}
