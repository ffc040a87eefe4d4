import { CfnResource, Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { IWebFirewall } from './web-firewall';
import { acknowledge } from '../core/acknowledge';
import { refuse } from '../core/refusal';
import { relax } from '../core/relaxation';

/** What the ARN of a web ACL for CloudFront contains: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html */
const GLOBAL_WEB_ACL = ':global/webacl/';

/** Puts a web ACL before a regional resource. */
export function associate(resource: Construct, resourceArn: string, webAclArn: string): void {
  new wafv2.CfnWebACLAssociation(resource, 'Firewall', { resourceArn, webAclArn });
}

/** A web ACL that somebody else looks after. An ARN that is known only at deployment is taken for what it is used as. */
export class ExistingFirewall implements IWebFirewall {
  constructor(public readonly webAclArn: string) {}

  public protect(resource: Construct, resourceArn: string): void {
    if (!Token.isUnresolved(this.webAclArn) && this.webAclArn.includes(GLOBAL_WEB_ACL)) {
      refuse(resource, {
        prop: 'firewall',
        given: this.webAclArn,
        allowed: 'the ARN of a regional web ACL, in the region of what it protects',
        change: 'pass a web ACL whose scope is REGIONAL; one for CloudFront stands before distributions only',
      });
    }
    associate(resource, resourceArn, this.webAclArn);
  }

  public webAclArnForDistribution(site: Construct): string {
    if (!Token.isUnresolved(this.webAclArn) && !this.webAclArn.includes(GLOBAL_WEB_ACL)) {
      refuse(site, {
        prop: 'firewall',
        given: this.webAclArn,
        allowed: 'the ARN of a web ACL for CloudFront, which has global/webacl in its middle',
        change: 'pass a web ACL whose scope is CLOUDFRONT, of us-east-1',
      });
    }
    return this.webAclArn;
  }
}

/** No firewall, and the reason why. */
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

  /** Answers the rule that asks for a firewall, where the construct wraps a resource of the type that it asks it of. */
  private answer(scope: Construct, type: string, rule: string): void {
    const { defaultChild } = scope.node;
    if (!CfnResource.isCfnResource(defaultChild) || defaultChild.cfnResourceType !== type) return;
    acknowledge(defaultChild, { rules: [rule], reason: `The app gave up the web firewall of ${scope.node.path}, with this reason: ${this.reason}` });
  }
}
