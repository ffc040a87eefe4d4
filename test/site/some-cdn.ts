import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { StaticSiteCdnProps } from '../../src/site/static-site-cdn-props';
import { newStack, propertiesOf, templateOf } from '../support/app';

export const WEB_ACL_ARN = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/own/1';
export const US = { account: '111122223333', region: 'us-east-1' };
export const EU = { account: '111122223333', region: 'eu-west-1' };

/** A site, by default in a stack without a region. */
export function site(props: StaticSiteCdnProps = {}, stack: Stack = newStack()): StaticSiteCdn {
  return new StaticSiteCdn(stack, 'Site', props);
}

/** The configuration of the distribution in a template. */
export function distributionOf(template: Template): ReturnType<typeof propertiesOf>[string] {
  const [{ DistributionConfig }] = Object.values(propertiesOf(template, 'AWS::CloudFront::Distribution'));
  return DistributionConfig;
}

/** The configuration of the distribution of a site with these props. */
export function distributionWith(props: StaticSiteCdnProps, stack?: Stack): ReturnType<typeof distributionOf> {
  return distributionOf(templateOf(site(props, stack)));
}
