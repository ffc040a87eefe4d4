import { Fact } from '../../facts';
import * as type from '../proof/parts';
import { System } from '../proof/system';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Properties = Record<string, any>;
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  DeletionPolicy?: string;
}
export interface Json {
  readonly Resources: Record<string, Resource>;
}
/** Which resources of a type. */
export type Where = (properties: Properties, id: string) => boolean;
export type Change = (template: Json) => void;
/** A change of one template, and the row that it has to break. */
export interface Mutation {
  readonly rows: Fact<System>[];
  readonly words: string;
  readonly what: string;
  readonly change: Change;
  readonly of: keyof System;
}

/** The resources of a type that a change is about, of which there has to be one at least. */
export function matching({ Resources }: Json, resourceType: string, where: Where = () => true): Array<[string, Resource]> {
  const found = Object.entries(Resources).filter(([id, { Type, Properties }]) => Type === resourceType && where(Properties, id));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Changes the properties of all resources of a type, or of some. */
export const edit = (resourceType: string, change: (properties: Properties, resource: Resource) => void, where?: Where): Change => (template) => {
  for (const [, resource] of matching(template, resourceType, where)) change(resource.Properties, resource);
};
/** Gives properties other values. */
export const set = (resourceType: string, properties: Properties, where?: Where) =>
  edit(resourceType, (given) => Object.assign(given, properties), where);
export const remove = (resourceType: string, where?: Where): Change => (template) => {
  for (const [id] of matching(template, resourceType, where)) delete template.Resources[id];
};
export const add = (Type: string, Properties: Properties): Change => ({ Resources }) => {
  Resources.Added = { Type, Properties };
};
/** Adds a resource that has to name one that is there. */
export const addTo = (resourceType: string, where: Where, made: (id: string) => [string, Properties]): Change => (template) => {
  const [[id]] = matching(template, resourceType, where);
  add(...made(id))(template);
};

const ofTemplate = (of: keyof System) => (rows: Fact<System>[], words: string, what: string, change: Change): Mutation =>
  ({ rows, words, what, change, of });
export const production = ofTemplate('production');
export const development = ofTemplate('development');
export const images = ofTemplate('productionImages');

/** Resources whose logical id begins so. */
export const named = (start: string): Where => (_properties, id) => id.startsWith(start);
/** Resources in whose logical id this stands. */
export const about = (part: string): Where => (_properties, id) => id.includes(part);
/** Subnets of a range. */
export const at = (CidrBlock: string): Where => (properties) => properties.CidrBlock === CidrBlock;

export const SITE_BUCKET = named('SiteBucket');
/** The policy of the role that starts the tasks, and that of the function that rotates secrets. */
export const STARTER = named('ApiExecutionRolePolicy');
export const ROTATION = named('SecretsRotationFunctionRolePolicy');

export const container = (change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition));
export const parameter = (name: string, value: string) =>
  edit(type.PARAMETERS, ({ Parameters }) => Object.assign(Parameters, { [name]: value }));
const attribute = (resourceType: string, list: string) => (name: string, Value: string) =>
  edit(resourceType, ({ [list]: attributes }) => Object.assign(attributes.find(({ Key }: Properties) => Key === name), { Value }));
export const targetAttribute = attribute(type.TARGET_GROUP, 'TargetGroupAttributes');
export const balancerAttribute = attribute(type.LOAD_BALANCER, 'LoadBalancerAttributes');
export const distribution = (change: (config: Properties) => void) =>
  edit(type.DISTRIBUTION, ({ DistributionConfig }) => change(DistributionConfig));
export const alarm = (part: string, change: Properties) => set(type.ALARM, change, about(part));
/** Changes the one metric of an alarm. */
export const metric = (part: string, change: Properties) =>
  edit(type.ALARM, ({ Metrics }) => Object.assign(Metrics[0].MetricStat, change), about(part));

/** Changes what the dashboard says. */
export const widget = (from: string, to: string) => edit('AWS::CloudWatch::Dashboard', ({ DashboardBody: body }) => {
  body['Fn::Join'][1] = body['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part.replaceAll(from, to) : part);
});

/** Changes the statements of managed policies. */
export const statements = (change: (statements: Properties[]) => void, where: Where) =>
  edit('AWS::IAM::ManagedPolicy', ({ PolicyDocument }) => change(PolicyDocument.Statement), where);
/** Changes the statement by which the policy of the site's bucket allows an action. */
export const bucketPolicy = (change: (statement: Properties) => void, action: string) => edit(type.BUCKET_POLICY, ({ PolicyDocument }) =>
  change(PolicyDocument.Statement.find(({ Action }: Properties) => Action === action)), SITE_BUCKET);
/** Gives a role a right more. */
export const grant = (role: string, Action: string, Resource: unknown): Change => addTo(type.ROLE, named(role), (id) =>
  ['AWS::IAM::ManagedPolicy', { Roles: [{ Ref: id }], PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] } }]);
/** Opens a port of a security group to addresses. */
export const open = (group: string, port: number, CidrIp: string): Change => addTo('AWS::EC2::SecurityGroup', named(group), (id) =>
  ['AWS::EC2::SecurityGroupIngress', { GroupId: { 'Fn::GetAtt': [id, 'GroupId'] }, IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp }]);
