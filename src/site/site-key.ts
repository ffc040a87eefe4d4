import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * Lets the one distribution decrypt, named by its ARN.
 *
 * The policy of a key of another stack cannot name it: the site's stack is deployed after the key's, and a reference back would be a circle. There, and
 * only there, any distribution of the account may; an imported key is not changed at all.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html#oac-permissions-for-sse-kms
 */
export function letDecrypt(site: Construct, key: kms.IKey, distribution: cloudfront.Distribution): void {
  const stack = Stack.of(site);
  const own = Stack.of(key) === stack;
  const anyDistribution = stack.formatArn({ service: 'cloudfront', region: '', resource: 'distribution', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  const { statementAdded } = key.addToResourcePolicy(new iam.PolicyStatement({
    sid: `CloudFront${site.node.addr.slice(-8)}`,
    principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions: own
      ? { StringEquals: { 'aws:SourceArn': distribution.distributionArn } }
      : { StringEquals: { 'aws:SourceAccount': stack.account }, ArnLike: { 'aws:SourceArn': anyDistribution } },
  }));
  if (own || !statementAdded) return;
  Annotations.of(site).addWarningV2('cdk-hipaa:site-key-of-another-stack',
    `the key ${key.node.path} is of another stack, so its policy admits every distribution of the account; leave encryptionKey out, or make the key in this stack`);
}
