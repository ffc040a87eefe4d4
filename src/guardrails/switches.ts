import { Aws, CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { GuardrailMode } from './guardrail';
import { HandlerFunction } from '../blocks/handler-function';

/** How long one switch may take, in minutes. Inspector's scans and Security Hub's standards usually take one or two. */
const FUNCTION_TIMEOUT_MINUTES = 10;
/** How long CloudFormation waits for an answer, in minutes: three attempts of the function, and Lambda's pauses of one and two minutes between them. */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** Where a guardrail is set up. */
export interface GuardrailContext {
  /** The key that the functions of the guardrails share, made when the first of them asks for it. */
  readonly encryptionKey: () => kms.IKey;
}

/** One switch of the account: one custom resource. */
export interface SwitchDefinition {
  /** The end of the custom resource's id: `EC2`. */
  readonly id: string;
  /** What tells the handler which switch it is. */
  readonly properties: { readonly [name: string]: string | undefined };
  /** A region that does not offer it is fine. Default: false. */
  readonly whereOffered?: boolean;
  /** Default: that of all the switches. */
  readonly mode?: GuardrailMode;
}

/** The switches of one service. */
export interface SwitchesDefinition {
  /** The id of the function, and a part of every id: `Inspector`. */
  readonly name: string;
  /** The handler's path below `src/guardrails/`, without `.lambda.ts`. */
  readonly handler: string;
  readonly description: string;
  readonly resourceType: string;
  readonly mode: GuardrailMode;
  /** The memory of the function, in MiB. Default: that of a handler that loads one client of the SDK. */
  readonly memorySize?: number;
  readonly switches: SwitchDefinition[];
  readonly statements: iam.PolicyStatement[];
  readonly outsideVpcReason: string;
  readonly noReservedConcurrencyReason: string;
}

/**
 * A function for one service, and a custom resource for each of its switches, so that CloudFormation works out what an update
 * adds and removes; one after the other, as the services want it, and in the end the other way round.
 *
 * Each service has a function of its own: one that served several would lose the permissions of a service that an update
 * takes out before CloudFormation, at the end of the update, asks it to give that service back.
 */
export function defineSwitches(scope: Construct, context: GuardrailContext, definition: SwitchesDefinition): HandlerFunction {
  const { name } = definition;
  const handler = new HandlerFunction(scope, name, {
    handler: `guardrails/${definition.handler}`,
    description: definition.description,
    timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
    memorySize: definition.memorySize,
    statements: definition.statements,
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
      properties: { ...properties, Mode: mode, WhereOffered: String(whereOffered) },
    });
    pinLogicalId(resource, `ComplianceGuardrails${name}${id.replace(/\W|_/g, '')}`);
    return resource;
  });
  resources.slice(1).forEach((resource, index) => resource.node.addDependency(resources[index]));
  return handler;
}

/** The roles that a service makes for itself when it is enabled, each as its principal and its name. */
export function mayCreateServiceLinkedRole(scope: Construct, ...roles: Array<[service: string, role: string]>): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['iam:CreateServiceLinkedRole'],
    resources: roles.map(([service, role]) => `arn:${Aws.PARTITION}:iam::${Stack.of(scope).account}:role/aws-service-role/${service}/${role}`),
    conditions: { StringEquals: { 'iam:AWSServiceName': roles.map(([service]) => service) } },
  });
}

/**
 * An id that does not follow the construct's place in the tree, of which there is one in a stack. A custom resource under
 * another id would be made anew and the old one deleted, which would switch off what the new one relies on; and
 * CloudFormation lets nobody change the function of a custom resource.
 */
export function pinLogicalId(construct: Construct, id: string): void {
  (construct.node.defaultChild as CfnResource).overrideLogicalId(id);
}
