import { createHash } from 'crypto';
import { Stack, Token } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { deployedStackOf } from '../core/deployed-stack';

const HASH_LENGTH = 8;
/** The name and the ID of the load balancer in the ARN of a listener: `…:listener/app/<name>/<ID>/<listener>`. */
const LOAD_BALANCER_OF_LISTENER = /\/(app\/.+)\/[^/]+$/;
/** The same in the ARN of a load balancer: `…:loadbalancer/app/<name>/<ID>`. */
const LOAD_BALANCER = /\/(app\/.+)$/;

/**
 * Returns the ID of a target group, which is different for each load balancer.
 *
 * Elastic Load Balancing accepts a target group for one load balancer only. When a service moves to another load
 * balancer, or when its load balancer is replaced, CloudFormation creates the new rule before it deletes the old one,
 * so the new rule needs a new target group.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/424
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/780
 */
export function targetGroupId(scope: Construct, listener: elbv2.IApplicationListener): string {
  const identity = JSON.stringify(loadBalancerOf(scope, listener));
  return `TargetGroup${createHash('sha256').update(identity).digest('hex').slice(0, HASH_LENGTH).toUpperCase()}`;
}

/**
 * Values that change exactly when the load balancer is another one.
 *
 * A change of the name or the scheme replaces a load balancer.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
 */
function loadBalancerOf(scope: Construct, listener: elbv2.IApplicationListener): unknown[] {
  const { loadBalancer } = listener as Partial<elbv2.ApplicationListener>;
  const resource = loadBalancer?.node.defaultChild as Partial<elbv2.CfnLoadBalancer> | undefined;
  if (loadBalancer && resource) {
    return [...placeOf(loadBalancer, scope), ...Stack.of(loadBalancer).resolve([resource.name, resource.scheme])];
  }
  const arn = loadBalancer?.loadBalancerArn ?? listener.listenerArn;
  // Without the region and the account: the ID is the same for an app in several regions.
  const identity = (loadBalancer ? LOAD_BALANCER : LOAD_BALANCER_OF_LISTENER).exec(arn)?.[1] ?? arn;
  return [Token.isUnresolved(identity) ? Stack.of(scope).resolve(identity) : identity];
}

/** The path of a construct below its stack, and the name of the stack if the service is in another one. */
function placeOf(construct: IConstruct, service: IConstruct): string[] {
  const stack = deployedStackOf(construct);
  const path = construct.node.path.slice(stack.node.path.length);
  return stack === deployedStackOf(service) ? [path] : [stack.stackName, path];
}
