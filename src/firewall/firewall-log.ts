import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { auditLogGroup } from '../blocks/log-group';
import { physicalName } from '../blocks/physical-name';

/** Headers that are never logged: they hold what a session can be taken over with. */
const REDACTED_HEADERS = ['authorization', 'cookie'];
/** What WAF demands of the name of its log group: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html */
const LOG_GROUP_PREFIX = 'aws-waf-logs';

/** Has a web ACL log every request that it inspects into an encrypted log group, kept for six years. */
export function firewallLog(scope: Construct, webAclArn: string, givenKey: kms.IKey | undefined): logs.LogGroup {
  const logGroupName = physicalName(scope, LOG_GROUP_PREFIX);
  const encryptionKey = encryptionKeyFor(scope, givenKey, { description: 'Log of the web firewall', users: [cloudWatchLogs] });
  const logGroup = auditLogGroup(scope, 'Log', { logGroupName, encryptionKey });
  (logGroup.node.defaultChild as logs.CfnLogGroup).resourcePolicyDocument = deliveryPolicy(scope, logGroupName);
  new wafv2.CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: webAclArn,
    // Not `logGroupArn`, which ends in `:*`: WAF refuses that (aws-cdk #18253).
    logDestinationConfigs: [logGroupArn(scope, logGroup.logGroupName)],
    redactedFields: REDACTED_HEADERS.map((Name) => ({ singleHeader: { Name } })),
  });
  return logGroup;
}

/**
 * What lets WAF write into the log group. It is the policy that AWS would put there by itself on behalf of whoever deploys, if
 * that one may; and it stands on the log group, since an account has ten policies of the other kind in a region.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 */
function deliveryPolicy(scope: Construct, logGroupName: string): iam.PolicyDocument {
  const stack = Stack.of(scope);
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({
      sid: 'AWSLogDeliveryWrite',
      principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`${logGroupArn(scope, logGroupName)}:log-stream:*`],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }) },
      },
    })],
  });
}

function logGroupArn(scope: Construct, logGroupName: string): string {
  return Stack.of(scope).formatArn({ service: 'logs', resource: 'log-group', resourceName: logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
