import { CfnRule, Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deployedStackOf } from '../core/deployed-stack';
import { refuse, Refusal } from '../core/refusal';

/**
 * The region of the web ACLs and certificates of CloudFront, for distributions of any region.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
 */
export const US_EAST_1 = 'us-east-1';
/** The ID of the rule in the stack and in the template. All constructs of a stack share one rule. */
const RULE_ID = 'CloudFrontNeedsUsEast1';
const RULE_DESCRIPTION = 'CloudFront accepts web ACLs and certificates of us-east-1 only. '
  + "Deploy this stack in us-east-1, or create these resources in a stack with env: { region: 'us-east-1' }, and set "
  + 'the region of the other stacks.';

/**
 * Refuses a construct in a stack of a region other than us-east-1.
 *
 * If the region is known only at deployment, a rule in the template makes CloudFormation refuse the stack in another
 * region before it creates resources.
 *
 * @param refusal the refusal, for a stack whose region is known
 */
export function requireUsEast1(scope: Construct, refusal: Refusal): void {
  const stack = deployedStackOf(scope);
  if (stack.region === US_EAST_1) return;
  if (!Token.isUnresolved(stack.region)) refuse(scope, refusal);
  if (stack.node.tryFindChild(RULE_ID)) return;
  new CfnRule(stack, RULE_ID).addAssertion(Fn.conditionEquals(stack.region, US_EAST_1), RULE_DESCRIPTION);
}
