import { CfnRule, Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deployedStackOf } from '../core/deployed-stack';
import { refuse, Refusal } from '../core/refusal';

/**
 * Where CloudFront looks for its web ACLs and certificates, wherever the distribution's stack is.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
 */
export const US_EAST_1 = 'us-east-1';
/** The rule's id in the stack, and so in the template. A stack has one, however many constructs ask for it. */
const RULE_ID = 'CloudFrontNeedsUsEast1';
const RULE_DESCRIPTION = 'Web ACLs and certificates for CloudFront exist in us-east-1 only, and a stack without a region can use them only there. '
  + "Deploy this stack in us-east-1, or set the regions of the stacks and make these in one with env: { region: 'us-east-1' }.";

/**
 * Refuses a construct in a stack of another region than us-east-1.
 *
 * Where the region is known only at deployment, a rule in the template has CloudFormation refuse the stack elsewhere, before
 * it makes anything.
 * @param refusal what to say where the region is known
 */
export function requireUsEast1(scope: Construct, refusal: Refusal): void {
  const stack = deployedStackOf(scope);
  if (stack.region === US_EAST_1) return;
  if (!Token.isUnresolved(stack.region)) refuse(scope, refusal);
  if (stack.node.tryFindChild(RULE_ID)) return;
  new CfnRule(stack, RULE_ID).addAssertion(Fn.conditionEquals(stack.region, US_EAST_1), RULE_DESCRIPTION);
}
