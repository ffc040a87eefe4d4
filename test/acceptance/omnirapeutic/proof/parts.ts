import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { propertiesOf, text, theGroup, theOne } from '../../../support/template/reading';
import { LOAD_BALANCER, SERVICE, TASK, TARGET_GROUP } from '../../../support/template/types';

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

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'omnirapeutic');
/** A file of the example. */
export const read = (...file: string[]) => fs.readFileSync(path.join(EXAMPLE_FOLDER, ...file), 'utf8');

/** The logical ID of the only resource of a type at a construct path. */
export function madeBy(whole: Template, type: string, construct: string): string {
  const ids = Object.keys(whole.findResources(type)).filter((id) => id.replace(/[0-9A-F]{8}$/, '') === construct);
  expect(ids).toEqual([expect.any(String)]);
  return ids[0];
}

export const aurora = theOne(AURORA);
export const bastion = theOne(BASTION);
export const loadBalancer = theOne(LOAD_BALANCER);

export const serviceId = (whole: Template, name: Service) => madeBy(whole, SERVICE, `Application${name}Service`);
export const service = (whole: Template, name: Service) => propertiesOf(whole, SERVICE, serviceId(whole, name));
/** The task definition that a service runs. */
export const taskId = (whole: Template, name: Service): string => service(whole, name).TaskDefinition.Ref;
export const task = (whole: Template, name: Service) => propertiesOf(whole, TASK, taskId(whole, name));
export const targetGroupId = (whole: Template, name: Service) =>
  madeBy(whole, TARGET_GROUP, `Application${name}TargetGroup`);
export const targetGroup = (whole: Template, name: Service) =>
  propertiesOf(whole, TARGET_GROUP, targetGroupId(whole, name));

export function container(whole: Template, name: Service) {
  const { ContainerDefinitions } = task(whole, name);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The subnets and security groups of a service. */
export const placeOf = (whole: Template, name: Service) =>
  service(whole, name).NetworkConfiguration.AwsvpcConfiguration;
export const serviceGroup = (whole: Template, name: Service) => theGroup(placeOf(whole, name).SecurityGroups);
export const auroraGroup = (whole: Template) => theGroup(aurora(whole).VpcSecurityGroupIds);
export const loadBalancerGroup = (whole: Template) => theGroup(loadBalancer(whole).SecurityGroups);
export function bastionGroup(whole: Template): string {
  const { NetworkInterfaces } = bastion(whole);
  expect(NetworkInterfaces).toHaveLength(1);
  return theGroup(NetworkInterfaces[0].GroupSet);
}

export const executionRole = (whole: Template, name: Service): string =>
  task(whole, name).ExecutionRoleArn['Fn::GetAtt'][0];
export const taskRole = (whole: Template, name: Service): string => task(whole, name).TaskRoleArn['Fn::GetAtt'][0];
/** The log group of the container of a service. */
export const serviceLog = (whole: Template, name: Service): string =>
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
