import { Construct } from 'constructs';
import { refuse } from '../core/refusal';

/** A web firewall: a `WebFirewall`, an existing web ACL, or none. */
export interface IWebFirewall {
  /**
   * The ARN of the web ACL.
   * @default - no web ACL: `WebFirewall.none`
   */
  readonly webAclArn?: string;
  /**
   * Protects a regional resource. The association is created below the resource, in its stack.
   * @param resource the protected resource, for example an `elbv2.ApplicationLoadBalancer`
   * @param resourceArn its ARN
   */
  protect(resource: Construct, resourceArn: string): void;
  /**
   * Returns the ARN of the web ACL for a CloudFront distribution.
   *
   * The stack of the distribution can read the ARN in any region. A distribution has no association: it refers to its
   * web ACL.
   * @param site the distribution, or a construct that contains it
   * @returns undefined for `WebFirewall.none`, which adds its warning to the site
   */
  webAclArnForDistribution(site: Construct): string | undefined;
}

/** Refuses a value that is not a firewall, for example the web ACL of one. `undefined` passes. */
export function requireFirewall(scope: Construct, firewall: IWebFirewall | undefined): void {
  if (firewall === undefined) return;
  // Without types, any value may be passed.
  const methods = [firewall?.protect, firewall?.webAclArnForDistribution];
  if (methods.every((method) => typeof method === 'function')) return;
  refuse(scope, {
    prop: 'firewall',
    given: firewall,
    allowed: 'a WebFirewall, WebFirewall.fromWebAclArn or WebFirewall.none',
    change: 'pass the WebFirewall itself, or leave firewall out: the construct then creates one',
  });
}
