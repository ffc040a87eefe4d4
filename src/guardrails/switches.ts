import { Aws, CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { SwitchProperties } from './contract';
import { CheckPlan } from './drift/check-plan';
import { SwitchHandler } from './drift/contract';
import { GuardrailMode } from './guardrail';
import { HandlerFunction } from '../blocks/handler-function';

/**
 * The timeout of the function for one switch, in minutes. A scan of Inspector or a standard usually takes one or two.
 */
const FUNCTION_TIMEOUT_MINUTES = 10;
/**
 * The time that CloudFormation waits, in minutes: three attempts of the function, and the pauses of 1 and 2 minutes of
 * Lambda.
 */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** The context that the guardrails share. */
export interface GuardrailContext {
  /** Returns the key of all functions. The first call creates it. */
  readonly encryptionKey: () => kms.IKey;
  /** Collects the required state for the daily check. */
  readonly check: CheckPlan;
}

/** A switch of the account, which one custom resource controls. */
export interface SwitchDefinition<Properties extends object> {
  /** The end of the ID of the custom resource: `EC2`. */
  readonly id: string;
  /** The properties that the handler identifies the switch by. */
  readonly properties: Properties;
  /** Whether a region may lack the feature. Default: false. */
  readonly whereOffered?: boolean;
  /** The mode of this switch. Default: the mode of the service. */
  readonly mode?: GuardrailMode;
}

/** The switches of one service. */
export interface SwitchesDefinition<Properties extends object> {
  /** The ID of the function, and a part of every ID: `Inspector`. */
  readonly name: string;
  /** The path of the handler below `src/guardrails/`, without `.lambda.ts`. */
  readonly handler: `${SwitchHandler}/${string}`;
  readonly description: string;
  readonly resourceType: string;
  readonly mode: GuardrailMode;
  /** The memory of the function, in MiB. Default: enough for one client of the SDK. */
  readonly memorySize?: number;
  readonly switches: Array<SwitchDefinition<Properties>>;
  /** The permissions to read the state. The check of the guardrails has them too. */
  readonly reads: iam.PolicyStatement[];
  /** The permissions to change the state. */
  readonly changes: iam.PolicyStatement[];
  readonly outsideVpcReason: string;
  readonly noReservedConcurrencyReason: string;
}

/**
 * Creates a function for a service, and a custom resource for each switch.
 *
 * CloudFormation determines which switches an update adds and removes. It creates them one after another, because the
 * services require that, and deletes them in reverse order.
 *
 * Each service has its own function. With a shared function, an update that removes a service would first remove its
 * permissions, and CloudFormation requests the deletion of the custom resources only at the end of the update.
 */
export function defineSwitches<Properties extends object>(
  scope: Construct, context: GuardrailContext, definition: SwitchesDefinition<Properties>,
): HandlerFunction {
  const { name } = definition;
  const handler = new HandlerFunction(scope, name, {
    handler: `guardrails/${definition.handler}`,
    description: definition.description,
    timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
    memorySize: definition.memorySize,
    statements: [...definition.reads, ...definition.changes],
    encryptionKey: context.encryptionKey(),
    outsideVpcReason: definition.outsideVpcReason,
    noReservedConcurrencyReason: definition.noReservedConcurrencyReason,
  });
  pinLogicalId(handler.function, `ComplianceGuardrails${name}Function`);
  const resources = definition.switches.map(({ id, properties, whereOffered = false, mode = definition.mode }) => {
    const resource = new CustomResource(handler, `Switch${id}`, {
      resourceType: definition.resourceType,
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
      properties: { ...properties, ...switchProperties(mode, whereOffered) },
    });
    pinLogicalId(resource, `ComplianceGuardrails${name}${id.replace(/\W|_/g, '')}`);
    context.check.addSwitch(definition.handler.split('/')[0] as SwitchHandler, resource.ref, {
      ...properties, ...switchProperties(mode, whereOffered),
    });
    return resource;
  });
  context.check.addReads(definition.reads);
  resources.slice(1).forEach((resource, index) => resource.node.addDependency(resources[index]));
  return handler;
}

/** The properties that every handler of a guardrail receives. */
export function switchProperties(mode: GuardrailMode, whereOffered: boolean): SwitchProperties {
  return { Mode: mode === 'adopt' ? 'adopt' : 'create', WhereOffered: whereOffered ? 'true' : 'false' };
}

/** Allows the creation of the service-linked roles of a service, each given by its principal and name. */
export function createServiceLinkedRoleStatement(
  scope: Construct,
  ...roles: Array<[service: string, role: string]>
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['iam:CreateServiceLinkedRole'],
    resources: roles.map(
      ([service, role]) =>
        `arn:${Aws.PARTITION}:iam::${Stack.of(scope).account}:role/aws-service-role/${service}/${role}`,
    ),
    conditions: { StringEquals: { 'iam:AWSServiceName': roles.map(([service]) => service) } },
  });
}

/**
 * Gives a construct a logical ID that does not depend on its path and is unique in the stack.
 *
 * CloudFormation replaces a custom resource whose ID changes: the deletion of the old resource would disable the
 * service that the new one requires. CloudFormation also refuses a change of the function of a custom resource.
 */
export function pinLogicalId(construct: Construct, id: string): void {
  (construct.node.defaultChild as CfnResource).overrideLogicalId(id);
}
