import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { only, propertiesOf, theGroup, theOne } from '../../../support/template/reading';
import { LOAD_BALANCER, SERVICE, TARGET_GROUP, TASK } from '../../../support/template/types';

export { CLOSED_TO_THE_PUBLIC, expectSame, tcp } from '../../../support/template/reading';
export * from '../../../support/template/types';

export const DB_CLUSTER = 'AWS::RDS::DBCluster';
export const DB_INSTANCE = 'AWS::RDS::DBInstance';
export const DB_PROXY = 'AWS::RDS::DBProxy';
export const AUTO_SCALING_GROUP = 'AWS::AutoScaling::AutoScalingGroup';
export const CAPACITY_PROVIDER = 'AWS::ECS::CapacityProvider';
export const EC2_INSTANCE = 'AWS::EC2::Instance';
export const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
export const KEY_PAIR = 'AWS::EC2::KeyPair';
export const QUEUE = 'AWS::SQS::Queue';
export const USER = 'Custom::DatabaseUser';

export const CONTAINER_PORT = 8443;
export const POSTGRES_PORT = 5432;
export const PUBLIC = ['10.0.1.0/24', '10.0.2.0/24'];
export const PRIVATE = ['10.0.11.0/24', '10.0.12.0/24'];
export const ISOLATED = ['10.0.21.0/24', '10.0.22.0/24'];

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'backend');
export const PROGRAMS_FOLDER = path.join(EXAMPLE_FOLDER, 'programs');
/** A file of the example. */
export const read = (file: string) => fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8');

export const loadBalancer = theOne(LOAD_BALANCER);
export const targetGroup = theOne(TARGET_GROUP);
export const proxy = theOne(DB_PROXY);
export const bastion = theOne(EC2_INSTANCE);
/** The group of the instances of the cluster. */
export const instanceGroup = theOne(AUTO_SCALING_GROUP);

/** The database has the form of a cluster or of an instance. */
export const isCluster = (template: Template) => Object.keys(template.findResources(DB_CLUSTER)).length > 0;
/** The resource of the database: the cluster, or the instance. */
export const databaseType = (template: Template) => isCluster(template) ? DB_CLUSTER : DB_INSTANCE;
export const databaseId = (template: Template) => only(template, databaseType(template));
export const database = (template: Template) => propertiesOf(template, databaseType(template), databaseId(template));
/** The instances of the database: those of a cluster, or the database itself. */
export const instances = (template: Template) =>
  Object.values(template.findResources(DB_INSTANCE)).map(({ Properties }) => Properties);

/** The only resource of a type whose ID begins with the ID of its construct. */
export function idOf(template: Template, type: string, beginning: string): string {
  const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(beginning));
  expect(ids).toEqual([expect.any(String)]);
  return ids[0];
}

/** The properties of the only resource of a type whose ID begins with the ID of its construct. */
export const partOf = (template: Template, type: string, beginning: string) =>
  propertiesOf(template, type, idOf(template, type, beginning));

export const service = (template: Template, name: 'Api' | 'Worker') => partOf(template, SERVICE, name);
export const task = (template: Template, name: string) => partOf(template, TASK, `${name}TaskDefinition`);

export function container(template: Template, name: string) {
  const { ContainerDefinitions } = task(template, name);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The value of a variable of a container. */
export const variable = (template: Template, name: string, key: string) =>
  container(template, name).Environment.find(({ Name }: { Name: string }) => Name === key)?.Value;
export const taskRole = (template: Template, name: string): string => task(template, name).TaskRoleArn['Fn::GetAtt'][0];

export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template, name: 'Api' | 'Worker') =>
  theGroup(service(template, name).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);
export const proxyGroup = (template: Template) => theGroup(proxy(template).VpcSecurityGroupIds);
export const databaseGroup = (template: Template) =>
  theGroup(database(template).VpcSecurityGroupIds ?? database(template).VPCSecurityGroups);
export const bastionGroup = (template: Template) => theGroup(bastion(template).NetworkInterfaces[0].GroupSet);

/** The queue of the jobs, and the dead-letter queue. */
export const jobs = (template: Template): string => variable(template, 'Worker', 'JOBS_QUEUE_URL').Ref;
export const deadLetters = (template: Template): string =>
  propertiesOf(template, QUEUE, jobs(template)).RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0];
/** The bucket of the API. */
export const storage = (template: Template): string => variable(template, 'Api', 'STORAGE_BUCKET_NAME').Ref;
