import { Fact } from '../../../support/template/facts';
import {
  about,
  at,
  Change,
  edit,
  Mutation as MutationOf,
  named,
  Properties,
  set,
} from '../../../support/template/mutations';
import * as type from '../proof/parts';
import { System } from '../proof/system';

export {
  about,
  add,
  addTo,
  at,
  edit,
  grant,
  inhabit,
  matching,
  named,
  open,
  remove,
  set,
  statements,
} from '../../../support/template/mutations';
export type { Properties } from '../../../support/template/mutations';

/** A change of one template that must fail a row. */
export interface Mutation extends MutationOf<System> {
  readonly of: keyof System;
}

const ofTemplate =
  (of: keyof System) =>
    (rows: Fact<System>[], words: string, what: string, change: Change): Mutation =>
      ({ rows, words, what, change, of });
export const production = ofTemplate('production');
export const development = ofTemplate('development');
export const images = ofTemplate('productionImages');

/** The permission to read a secret. */
export const READING = 'secretsmanager:GetSecretValue';
export const SITE_BUCKET = named('SiteBucket');
/** The policies of the execution role and of the rotation function. */
export const STARTER = named('ApiExecutionRolePolicy');
export const ROTATION = named('SecretsRotationFunctionRolePolicy');
export const USERS = named('DatabaseUsersFunctionRolePolicy');
export const MIGRATIONS_RUN = named('MigrationsRunFunctionRolePolicy');

/** A class that the document names for a later time. */
export const LARGER_CLASS = set(type.DATABASE, { DBInstanceClass: 'db.t4g.small' });
/** Moves a subnet to the first zone. */
export const inFirstZone = (range: string) =>
  set(type.SUBNET, { AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } }, at(range));

export const container = (change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition), named('ApiTaskDefinition'));
/** Changes the container of the migrations. */
export const migrationContainer = (change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition), named('MigrationsTaskDefinition'));
export const parameter = (name: string, value: string) =>
  edit(type.PARAMETERS, ({ Parameters }) => Object.assign(Parameters, { [name]: value }));
const attribute = (resourceType: string, list: string) => (name: string, Value: string) =>
  edit(resourceType, ({ [list]: attributes }) =>
    Object.assign(
      attributes.find(({ Key }: Properties) => Key === name),
      { Value },
    ),
  );
export const targetAttribute = attribute(type.TARGET_GROUP, 'TargetGroupAttributes');
export const balancerAttribute = attribute(type.LOAD_BALANCER, 'LoadBalancerAttributes');
export const distribution = (change: (config: Properties) => void) =>
  edit(type.DISTRIBUTION, ({ DistributionConfig }) => change(DistributionConfig));
export const alarm = (part: string, change: Properties) => set(type.ALARM, change, about(part));
/** Changes the one metric of an alarm. */
export const metric = (part: string, change: Properties) =>
  edit(type.ALARM, ({ Metrics }) => Object.assign(Metrics[0].MetricStat, change), about(part));

/** Changes the text of the dashboard. */
export const widget = (from: string, to: string) => edit('AWS::CloudWatch::Dashboard', ({ DashboardBody: body }) => {
  body['Fn::Join'][1] = body['Fn::Join'][1].map((part: unknown) =>
    typeof part === 'string' ? part.replaceAll(from, to) : part,
  );
});

/** Changes the statement of the bucket policy that allows an action. */
export const bucketPolicy = (change: (statement: Properties) => void, action: string) =>
  edit(
    type.BUCKET_POLICY,
    ({ PolicyDocument }) => change(PolicyDocument.Statement.find(({ Action }: Properties) => Action === action)),
    SITE_BUCKET,
  );
