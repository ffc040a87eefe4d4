import * as kms from 'aws-cdk-lib/aws-kms';
import { FirewallClients } from './firewall-clients';
import { FirewallRule } from './firewall-rule';
import { FirewallScope } from './firewall-scope';
import { CountOnlyRule } from './managed-rules';

/** Properties of a `WebFirewall`. */
export interface WebFirewallProps {
  /**
   * The kind of resources that the firewall protects.
   *
   * A firewall for CloudFront must be in a stack in us-east-1. Another known region is refused. For a stack without a
   * region, a rule in the template causes CloudFormation to refuse the deployment in other regions.
   * @default FirewallScope.REGIONAL
   */
  readonly webAclScope?: FirewallScope;
  /**
   * The maximum number of requests of one client in five minutes, from 10 to 2,000,000,000.
   *
   * The firewall blocks a client above the limit until its rate decreases. Clients that share an address, for example
   * those of a hospital, share the limit.
   * @default 2000
   */
  readonly rateLimit?: number;
  /**
   * How requests reach the firewall, which determines how clients are counted.
   *
   * Clients connect directly to a firewall with the scope CLOUDFRONT, so other values are refused for this scope.
   * @default FirewallClients.direct()
   */
  readonly clients?: FirewallClients;
  /**
   * Rules of the AWS managed rule groups that count requests instead of blocking them. Each one is a relaxation.
   * @default - every rule blocks
   */
  readonly countOnly?: CountOnlyRule[];
  /**
   * Your own rules. WAF evaluates them after the rules of the library, in the order of the list.
   * @default - none
   */
  readonly rules?: FirewallRule[];
  /**
   * The allowed address ranges, for example `203.0.113.0/24` or `2001:db8::/32`. Requests from other addresses are
   * blocked. An empty list and a prefix length of 0 are refused.
   *
   * All other rules still apply to these addresses. WAF compares the address that connects. Behind a distribution, this
   * is an address of CloudFront, so set this prop on the firewall of the distribution. A token must contain an IPv4
   * range.
   * @default - all addresses are allowed
   */
  readonly allowedCidrs?: string[];
  /**
   * The key that encrypts the log. The construct adds the statement for CloudWatch Logs to its policy. The policy of an
   * imported key must already contain the statement. An alias and a key of another region are refused.
   * @default - a new key with rotation
   */
  readonly encryptionKey?: kms.IKey;
}
