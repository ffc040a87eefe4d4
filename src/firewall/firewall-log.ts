import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { auditLogGroup } from '../blocks/log-group';
import { physicalName } from '../blocks/physical-name';

/** The headers that the log omits, because they contain session credentials. */
const REDACTED_HEADERS = ['authorization', 'cookie'];
/**
 * The prefix that WAF requires for the name of its log group:
 * https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
 */
const LOG_GROUP_PREFIX = 'aws-waf-logs';

/** Logs allowed and blocked requests to an encrypted log group. The group keeps its events for six years. */
export function firewallLog(scope: Construct, webAclArn: string, givenKey: kms.IKey | undefined): logs.LogGroup {
  const logGroupName = physicalName(scope, LOG_GROUP_PREFIX);
  const encryptionKey = encryptionKeyFor(scope, givenKey, {
    description: 'Log of the web firewall',
    users: [cloudWatchLogs],
  });
  const logGroup = auditLogGroup(scope, 'Log', { logGroupName, encryptionKey });
  (logGroup.node.defaultChild as logs.CfnLogGroup).resourcePolicyDocument = deliveryPolicy(scope, logGroupName);
  new wafv2.CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: webAclArn,
    // `logGroupArn` ends in `:*`, which WAF rejects (aws-cdk #18253).
    logDestinationConfigs: [logGroupArn(scope, logGroup.logGroupName)],
    redactedFields: REDACTED_HEADERS.map((Name) => ({ singleHeader: { Name } })),
  });
  return logGroup;
}

/**
 * The policy that allows WAF to write to the log group.
 *
 * AWS would otherwise create the same statement with the permissions of the deploying role. The policy is on the log
 * group itself, because an account can have only ten account-level resource policies in a region.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 */
function deliveryPolicy(scope: Construct, logGroupName: string): iam.PolicyDocument {
  const stack = Stack.of(scope);
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: 'AWSLogDeliveryWrite',
        principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [`${logGroupArn(scope, logGroupName)}:log-stream:*`],
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: {
            'aws:SourceArn': stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }),
          },
        },
      }),
    ],
  });
}

function logGroupArn(scope: Construct, logGroupName: string): string {
  return Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: logGroupName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
