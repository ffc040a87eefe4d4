import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { propertiesOf, text, theGroup, theOne } from '../../../support/template/reading';
import { FUNCTION, LOAD_BALANCER, SECRET, SERVICE, TASK, TARGET_GROUP } from '../../../support/template/types';

export const REGION = 'us-east-1';
export const DOMAIN = 'app.omnirapeutic.com';
export const ZONE = 'Z0EXAMPLE0000000000';
export const CONTAINER_PORT = 8443;
export const POSTGRES_PORT = 5432;
/** Six years, with the two leap days that they may have: 45 CFR 164.316(b)(2)(i). */
export const SIX_YEARS = 2192;

export const AURORA = 'AWS::RDS::DBCluster';
export const AURORA_INSTANCE = 'AWS::RDS::DBInstance';
export const BASTION = 'AWS::EC2::Instance';

/** The IDs of the services. */
export const SERVICES = ['Api', 'Web', 'Worker'] as const;
export type Service = typeof SERVICES[number];
/** The programs that run as tasks: the services, and the migrations before their deployment. */
export const PROGRAMS = [...SERVICES, 'Migrations'] as const;
export type Program = typeof PROGRAMS[number];
/** The programs that use the database, each with its own user of the database. */
export const CLIENTS = ['Api', 'Worker', 'Migrations'] as const;
export type Client = typeof CLIENTS[number];

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'omnirapeutic');
/** A file of the example. */
export const read = (...file: string[]) => fs.readFileSync(path.join(EXAMPLE_FOLDER, ...file), 'utf8');

/** The logical ID of the only resource of a type at a construct path. The ID of a target group has two hashes. */
export function madeBy(whole: Template, type: string, construct: string): string {
  const hashes = type === TARGET_GROUP ? /[0-9A-F]{16}$/ : /[0-9A-F]{8}$/;
  const ids = Object.keys(whole.findResources(type)).filter((id) => id.replace(hashes, '') === construct);
  expect(ids).toEqual([expect.any(String)]);
  return ids[0];
}

export const aurora = theOne(AURORA);
export const bastion = theOne(BASTION);
export const loadBalancer = theOne(LOAD_BALANCER);

export const serviceId = (whole: Template, name: Service) => madeBy(whole, SERVICE, `Application${name}Service`);
export const service = (whole: Template, name: Service) => propertiesOf(whole, SERVICE, serviceId(whole, name));
export const MIGRATION = 'Custom::Migration';
/** The run of the migrations in a deployment. */
export const migration = theOne(MIGRATION);
/** The task definition that a service or the migration runs. */
export const taskId = (whole: Template, name: Program): string =>
  (name === 'Migrations' ? migration(whole) : service(whole, name)).TaskDefinition.Ref;
export const task = (whole: Template, name: Program) => propertiesOf(whole, TASK, taskId(whole, name));
export const targetGroupId = (whole: Template, name: Service) =>
  madeBy(whole, TARGET_GROUP, `Application${name}TargetGroup`);
export const targetGroup = (whole: Template, name: Service) =>
  propertiesOf(whole, TARGET_GROUP, targetGroupId(whole, name));

export function container(whole: Template, name: Program) {
  const { ContainerDefinitions } = task(whole, name);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The subnets and security groups of a service. */
export const placeOf = (whole: Template, name: Service) =>
  service(whole, name).NetworkConfiguration.AwsvpcConfiguration;
export const serviceGroup = (whole: Template, name: Service) => theGroup(placeOf(whole, name).SecurityGroups);
export const migrationsGroup = (whole: Template) => theGroup([migration(whole).SecurityGroup]);
export const auroraGroup = (whole: Template) => theGroup(aurora(whole).VpcSecurityGroupIds);
export const loadBalancerGroup = (whole: Template) => theGroup(loadBalancer(whole).SecurityGroups);
export function bastionGroup(whole: Template): string {
  const { NetworkInterfaces } = bastion(whole);
  expect(NetworkInterfaces).toHaveLength(1);
  return theGroup(NetworkInterfaces[0].GroupSet);
}

export const executionRole = (whole: Template, name: Program): string =>
  task(whole, name).ExecutionRoleArn['Fn::GetAtt'][0];
export const taskRole = (whole: Template, name: Program): string => task(whole, name).TaskRoleArn['Fn::GetAtt'][0];

/** The function that manages the users of the database. */
export const usersFunctionId = (whole: Template) => madeBy(whole, FUNCTION, 'DataDatabaseUsersFunction');
export const usersFunction = (whole: Template) => propertiesOf(whole, FUNCTION, usersFunctionId(whole));
export const usersGroup = (whole: Template) => theGroup(usersFunction(whole).VpcConfig.SecurityGroupIds);
/** The construct of the database user of a program, which contains its secret. */
const USERS: Record<Client, string> = {
  Api: 'DataDatabaseUsersOmnirapeuticApplicationApi',
  Worker: 'DataDatabaseUsersOmnirapeuticApplicationWorker',
  Migrations: 'DataDatabaseUsersMigrations',
};
export const DATABASE_USER = 'Custom::DatabaseUser';
export const userId = (whole: Template, name: Client) => madeBy(whole, DATABASE_USER, USERS[name]);
export const userSecret = (whole: Template, name: Client) => madeBy(whole, SECRET, `${USERS[name]}Secret`);
/** The secret of the application: the key of the partner. */
export const partnerSecret = (whole: Template) => madeBy(whole, SECRET, 'ApplicationSecretsExternalclearinghouse');

/** The log group of the container of a program. */
export const serviceLog = (whole: Template, name: Program): string =>
  container(whole, name).LogConfiguration.Options['awslogs-group'].Ref;

/** The only value of a list. */
export function single<T>(found: T[]): T {
  expect(found).toHaveLength(1);
  return found[0];
}

/** The content of each dashboard, with `${…}` for values that are known only at deployment. */
export const dashboards = (whole: Template): string[] =>
  Object.values(whole.findResources('AWS::CloudWatch::Dashboard')).map(({ Properties }) =>
    text(Properties.DashboardBody),
  );
