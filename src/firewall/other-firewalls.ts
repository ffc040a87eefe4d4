import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { IWebFirewall } from './web-firewall-interface';
import { US_EAST_1 } from '../blocks/us-east-1';
import { acknowledge } from '../core/acknowledge';
import { refuse } from '../core/refusal';
import { relax } from '../core/relaxation';

/**
 * The part of an ARN that marks a web ACL for CloudFront:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
 */
const GLOBAL_WEB_ACL = ':global/webacl/';

/**
 * A web ACL of AWS WAF: its partition, its region, its account and its scope. The ARN of a web ACL for CloudFront has
 * the region us-east-1. Source: the same page.
 */
const WEB_ACL = /^arn:([^:]+):wafv2:([^:]+):(\d*):(regional|global)\/webacl\/[^/\s]+\/[^/\s]+$/;

/** Associates a web ACL with a regional resource. */
export function associate(resource: Construct, resourceArn: string, webAclArn: string): void {
  new wafv2.CfnWebACLAssociation(resource, 'Firewall', { resourceArn, webAclArn });
}

/** An existing web ACL. An ARN that contains a token is not checked. */
export class ExistingFirewall implements IWebFirewall {
  constructor(public readonly webAclArn: string) {}

  public protect(resource: Construct, resourceArn: string): void {
    if (!Token.isUnresolved(this.webAclArn) && this.webAclArn.includes(GLOBAL_WEB_ACL)) {
      refuse(resource, {
        prop: 'firewall',
        given: this.webAclArn,
        allowed: 'the ARN of a regional web ACL in the region of the protected resource',
        change: 'pass a web ACL with the scope REGIONAL; the scope CLOUDFRONT is only for distributions',
      });
    }
    this.requirePlace(resource, Stack.of(resource).region, 'the region of the protected resource');
    associate(resource, resourceArn, this.webAclArn);
  }

  public webAclArnForDistribution(site: Construct): string {
    if (!Token.isUnresolved(this.webAclArn) && !this.webAclArn.includes(GLOBAL_WEB_ACL)) {
      refuse(site, {
        prop: 'firewall',
        given: this.webAclArn,
        allowed: 'the ARN of a web ACL for CloudFront, which contains global/webacl',
        change: 'pass a web ACL with the scope CLOUDFRONT from us-east-1',
      });
    }
    this.requirePlace(site, US_EAST_1, 'the region of web ACLs for CloudFront');
    return this.webAclArn;
  }

  /** Refuses the ARN of another resource, and a web ACL of another region or account. */
  private requirePlace(scope: Construct, region: string, which: string): void {
    if (Token.isUnresolved(this.webAclArn)) return;
    const [, itsPartition, itsRegion, itsAccount] = WEB_ACL.exec(this.webAclArn) ?? [];
    const refuseArn = (allowed: string, change: string) =>
      refuse(scope, { prop: 'firewall', given: this.webAclArn, allowed, change });
    if (itsRegion === undefined) refuseArn('the ARN of a web ACL', 'copy the ARN from the AWS WAF console');
    const known = (value: string) => !Token.isUnresolved(value);
    if (known(region) && itsRegion !== region) {
      refuseArn(`the ARN of a web ACL in ${region}, ${which}`, 'pass a web ACL of that region');
    }
    const partition = known(region) ? RegionInfo.get(region).partition : undefined;
    if (partition !== undefined && itsPartition !== partition) {
      refuseArn(`the ARN of a web ACL in ${partition}, the partition of the stack`, 'correct the ARN');
    }
    const { account } = Stack.of(scope);
    if (known(account) && itsAccount !== account) {
      refuseArn(`the ARN of a web ACL in ${account}, the account of the stack`, 'pass a web ACL of that account');
    }
  }
}

/** No firewall, with the reason. */
export class NoFirewall implements IWebFirewall {
  constructor(private readonly reason: string) {}

  public protect(resource: Construct): void {
    this.giveUp(resource);
    this.answer(resource, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'NIST.800.53.R5-ALBWAFEnabled');
  }

  public webAclArnForDistribution(site: Construct): undefined {
    this.giveUp(site);
    this.answer(site, 'AWS::CloudFront::Distribution', 'AwsSolutions-CFR2');
  }

  private giveUp(scope: Construct): void {
    relax(scope, { id: 'no-firewall', what: 'no web firewall inspects the requests', reason: this.reason });
  }

  /**
   * Acknowledges the rule that requires a firewall.
   *
   * It does so if the construct wraps a resource of the type that the rule checks.
   */
  private answer(scope: Construct, type: string, rule: string): void {
    const { defaultChild } = scope.node;
    if (!CfnResource.isCfnResource(defaultChild) || defaultChild.cfnResourceType !== type) return;
    acknowledge(defaultChild, {
      rules: [rule],
      reason: `The app has no web firewall for ${scope.node.path}, for this reason: ${this.reason}`,
    });
  }
}
