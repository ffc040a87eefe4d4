import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DISABLE_ASSET_STAGING_CONTEXT, DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

/**
 * A stack in a new app, without account and region by default. Policy validation is off. Tests of the validation turn
 * it on.
 */
export function newStack(options: { env?: Environment; context?: Record<string, unknown>; id?: string } = {}): Stack {
  return new Stack(newApp(options.context), options.id ?? 'Stack', { env: options.env });
}

/** The context of an app that copies the assets into its cloud assembly. */
export const WITH_ASSETS = { [DISABLE_ASSET_STAGING_CONTEXT]: false };

/**
 * A new app that synthesizes only templates: without policy validation, which takes seconds, and without the stack
 * trace of each resource, the tree of the constructs and copies of assets, which take half of the rest. An app with a
 * directory for its output has the tree and the copies.
 */
export function newApp(context: Record<string, unknown> = {}, outdir?: string): App {
  process.env.CDK_VALIDATION = 'false';
  const noTraces = { [DISABLE_CREATION_STACK_TRACES]: true };
  const noAssets = outdir === undefined ? { [DISABLE_ASSET_STAGING_CONTEXT]: true } : {};
  return new App({
    analyticsReporting: false,
    treeMetadata: outdir !== undefined,
    context: { ...noTraces, ...noAssets, ...context },
    outdir,
  });
}

/** The template of the stack that contains a construct. */
export function templateOf(scope: Construct): Template {
  return Template.fromStack(Stack.of(scope));
}

/**
 * A VPC with public, private and isolated subnets in two zones, for tests of other constructs. CloudFormation Validate
 * accepts only subnet IDs with a number.
 */
export function someVpc(scope: Construct, idOf: (name: string) => string = (name) => `subnet-${name}`): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(scope, 'SomeVpc', {
    vpcId: 'vpc-12345678',
    vpcCidrBlock: '10.0.0.0/16',
    availabilityZones: ['a', 'b'],
    publicSubnetIds: [idOf('pub1'), idOf('pub2')],
    publicSubnetRouteTableIds: ['rtb-pub1', 'rtb-pub2'],
    privateSubnetIds: [idOf('priv1'), idOf('priv2')],
    privateSubnetRouteTableIds: ['rtb-priv1', 'rtb-priv2'],
    isolatedSubnetIds: [idOf('iso1'), idOf('iso2')],
    isolatedSubnetRouteTableIds: ['rtb-iso1', 'rtb-iso2'],
  });
}

/** The properties of the resources of a type, by logical ID. They have any shape, as in CloudFormation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function propertiesOf(template: Template, type: string): Record<string, Record<string, any>> {
  return Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, resource]) => [id, resource.Properties]),
  );
}
