import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { requireInKeyPolicy } from '../core/imported-key-policy';

/**
 * Allows the distribution, by its ARN, to decrypt with the key.
 *
 * The policy of a key in another stack cannot contain the ARN: the stack of the site is deployed after that of the key,
 * and the reference would create a cycle. Such a policy allows every distribution of the account. The policy of an
 * imported key does not change, and must allow the same.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html#oac-permissions-for-sse-kms
 */
export function letDecrypt(site: Construct, key: kms.IKey, distribution: cloudfront.Distribution): void {
  const stack = Stack.of(site);
  const own = Stack.of(key) === stack;
  const anyDistribution = stack.formatArn({
    service: 'cloudfront',
    region: '',
    resource: 'distribution',
    resourceName: '*',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const allow = (conditions: iam.Conditions) => new iam.PolicyStatement({
    sid: `CloudFront${site.node.addr.slice(-8)}`,
    principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions,
  });
  const one = allow({ StringEquals: { 'aws:SourceArn': distribution.distributionArn } });
  const any = allow({
    StringEquals: { 'aws:SourceAccount': stack.account }, ArnLike: { 'aws:SourceArn': anyDistribution },
  });
  const { statementAdded } = key.addToResourcePolicy(own ? one : any);
  if (!statementAdded) requireInKeyPolicy(site, key, [any]);
  if (own || !statementAdded) return;
  Annotations.of(site).addWarningV2('cdk-hipaa:site-key-of-another-stack',
    `the key ${key.node.path} is in another stack, so its policy allows every distribution of the account to decrypt; `
    + 'leave encryptionKey out, or create the key in this stack');
}
