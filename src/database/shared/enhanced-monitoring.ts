import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';

/** How often the operating system is asked, in seconds. */
export const MONITORING_SECONDS = 60;
/** The one log group of an account and region into which RDS writes what the operating systems report. The name is RDS's own. */
const OS_METRICS_LOG_GROUP = 'RDSOSMetrics';

/**
 * The role with which RDS publishes the operating system's metrics of the given databases, and of no others.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
 */
export function enhancedMonitoringRole(scope: Construct, id: string, databaseArns: string[]): iam.Role {
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account }, StringLike: { 'aws:SourceArn': databaseArns } },
    }),
    description: 'Publishes the metrics of the operating system below a database',
  });
  // Pseudo parameters, so that the text is the same in a stack with an environment and the acknowledgement below fits it.
  const logGroup = `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:${OS_METRICS_LOG_GROUP}`;
  role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:PutLogEvents', 'logs:PutRetentionPolicy'],
    resources: [logGroup, `${logGroup}:*`],
  }));
  acknowledge(role.node.findChild('Policy'), {
    rules: [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:${OS_METRICS_LOG_GROUP}:*]`],
    reason: `the log stream is named after a resource id that RDS gives a database when it makes it, which is after it has asked for ${role.node.path}`,
  });
  return role;
}
