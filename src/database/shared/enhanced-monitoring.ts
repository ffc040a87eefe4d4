import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { acknowledge } from '../../core/acknowledge';

/** The interval of Enhanced Monitoring, in seconds. */
export const MONITORING_SECONDS = 60;
/** The log group of Enhanced Monitoring, one per account and region. RDS defines the name. */
const OS_METRICS_LOG_GROUP = 'RDSOSMetrics';

/**
 * Creates the role that RDS assumes to publish operating system metrics.
 *
 * RDS can assume it for the given databases only.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
 */
export function enhancedMonitoringRole(scope: Construct, id: string, databaseArns: string[]): iam.Role {
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
        StringLike: { 'aws:SourceArn': databaseArns },
      },
    }),
    description: 'Publishes the operating system metrics of a database',
  });
  // Pseudo parameters: the acknowledgement below then matches in a stack with an explicit environment too.
  const logGroup = `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:${OS_METRICS_LOG_GROUP}`;
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:GetLogEvents',
        'logs:PutLogEvents',
        'logs:PutRetentionPolicy',
      ],
      resources: [logGroup, `${logGroup}:*`],
    }),
  );
  acknowledge(role.node.findChild('Policy'), {
    rules: [
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:' +
        `${OS_METRICS_LOG_GROUP}:*]`,
    ],
    reason: `RDS names the log stream after the resource ID of the database, which exists only after ${role.node.path}`,
  });
  return role;
}
