import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { endpointsOf, isOfType } from '../../binding/readiness';
import { ServicePlacement } from '../service-placement';

/**
 * The services with which an instance joins its cluster, and reports to Systems Manager.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
 */
const AGENT_SERVICES = ['ecs', 'ecs-agent', 'ecs-telemetry', 'ssm'];

/**
 * At synthesis, warns about subnets without a route, in which instances do not reach these services.
 *
 * Tasks would wait for instances, and the deployment of their services for tasks. Imported subnets are unknown, and
 * another app can share its endpoints, so it is no refusal.
 */
export function warnIfIsolated(scope: IConstruct, { vpc, subnets: { subnets } }: ServicePlacement): void {
  scope.node.addValidation({
    validate: () => {
      const missing = subnets.some(isIsolated) ? missingEndpoints(scope, vpc) : [];
      if (missing.length > 0) warn(scope, missing);
      return [];
    },
  });
}

/** Whether the app creates a subnet, and no route leads out of it. */
function isIsolated(subnet: ec2.ISubnet): boolean {
  const parts = subnet.node.findAll();
  return parts.some((each) => isOfType(each, 'AWS::EC2::Subnet'))
    && !parts.some((each) => isOfType(each, 'AWS::EC2::Route'));
}

function missingEndpoints(scope: IConstruct, vpc: ec2.IVpc): string[] {
  const resources = scope.node.root.node.findAll().filter((each) => CfnResource.isCfnResource(each)) as CfnResource[];
  const names = endpointsOf(vpc, resources)
    .map((endpoint) => JSON.stringify(Stack.of(endpoint).resolve((endpoint as ec2.CfnVPCEndpoint).serviceName)))
    // The name ends with the service. The text of a token ends with quotes and brackets.
    .map((name) => name.replace(/[^\w-]+$/, ''));
  return AGENT_SERVICES.filter((service) => !names.some((name) => name.endsWith(`.${service}`)));
}

function warn(scope: IConstruct, missing: string[]): void {
  Annotations.of(scope).addWarningV2('cdk-hipaa:capacity-unreachable',
    'the subnets of the instances have no route to the internet, and their VPC has no endpoint for '
    + `${missing.join(', ')}, so the instances do not join the cluster or do not report: add the endpoints, or choose `
    + 'subnets with a route');
}
