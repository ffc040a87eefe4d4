import { Annotations, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { emptyAfterWriters } from '../blocks/empty-after-writers';
import { logBucket } from '../blocks/log-bucket';
import { refuse, Situation } from '../core/refusal';

/** The prefixes of the logs in the bucket, by the attribute of the load balancer. */
const LOGS = { access_logs: 'access-logs', connection_logs: 'connection-logs' };

/** The existing log bucket, or a new one. */
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
    encryption: {
      noKeyReason: 'Elastic Load Balancing writes access logs only to a bucket with S3 managed keys (SSE-S3): '
        + 'with a customer managed key, it writes none.',
    },
  });
}

/**
 * Enables the access logs and connection logs of a load balancer.
 *
 * `logAccessLogs` of aws-cdk-lib throws without a region (aws-cdk #27432), and allows a service that does not write
 * these logs. The account in the path excludes load balancers of other accounts: each one writes only below the id of
 * its own account.
 */
export function logTo(loadBalancer: elbv2.ApplicationLoadBalancer, bucket: s3.IBucket): void {
  for (const [attribute, prefix] of Object.entries(LOGS)) {
    loadBalancer.setAttribute(`${attribute}.s3.enabled`, 'true');
    loadBalancer.setAttribute(`${attribute}.s3.bucket`, bucket.bucketName);
    loadBalancer.setAttribute(`${attribute}.s3.prefix`, prefix);
  }
  // The service that writes the logs in every region:
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
  const writer = new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com');
  const { statementAdded, policyDependable } = bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'LoadBalancerLogs',
      principals: [writer],
      actions: ['s3:PutObject'],
      resources: Object.values(LOGS).map((prefix) =>
        bucket.arnForObjects(`${prefix}/AWSLogs/${Stack.of(loadBalancer).account}/*`),
      ),
    }),
  );
  // Elastic Load Balancing writes a test file when it creates the load balancer, and fails if it cannot.
  if (policyDependable) loadBalancer.node.defaultChild!.node.addDependency(policyDependable);
  emptyAfterWriters(bucket, loadBalancer.node.defaultChild!);
  if (statementAdded) return;
  const prefixes = Object.values(LOGS).map((prefix) => `${prefix}/AWSLogs/<account>/`);
  Annotations.of(loadBalancer).addWarningV2(
    'cdk-hipaa:access-log-bucket-policy',
    `the app cannot change the policy of the imported bucket ${bucket.node.path}: it must allow ${writer.service} ` +
      `to put objects with the prefixes ${prefixes.join(' and ')}; otherwise the deployment of the load balancer fails`,
  );
}
