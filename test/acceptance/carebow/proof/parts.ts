import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { propertiesOf, theGroup, theOne } from '../../../support/template/reading';
import { LOAD_BALANCER, REPOSITORY, SERVICE, TARGET_GROUP, TASK } from '../../../support/template/types';

export { CLOSED_TO_THE_PUBLIC, expectSame, tcp } from '../../../support/template/reading';
export * from '../../../support/template/types';

export const DOMAIN = 'api.carebow.com';
export const GIBIBYTE = 2 ** 30;
export const CONTAINER_PORT = 8443;
export const POSTGRES_PORT = 5432;

export const DATABASE = 'AWS::RDS::DBInstance';
export const MIGRATION = 'Custom::Migration';

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'carebow');
export const API_FOLDER = path.join(EXAMPLE_FOLDER, 'api');
export const PUBLIC = ['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'];
export const PRIVATE = ['10.0.11.0/24', '10.0.12.0/24', '10.0.13.0/24'];
export const ISOLATED = ['10.0.21.0/24', '10.0.22.0/24', '10.0.23.0/24'];

/** A file of the example. */
export const read = (file: string) => fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8');

export const database = theOne(DATABASE);
export const loadBalancer = theOne(LOAD_BALANCER);
export const repository = theOne(REPOSITORY);
export const service = theOne(SERVICE);
export const targetGroup = theOne(TARGET_GROUP);
export const migration = theOne(MIGRATION);

/** The task definition of the service. The other one is that of the migrations. */
export function task(template: Template) {
  template.resourceCountIs(TASK, 2);
  return propertiesOf(template, TASK, service(template).TaskDefinition.Ref);
}

export function container(template: Template) {
  const { ContainerDefinitions } = task(template);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The value of a variable of the container. */
export const variable = (template: Template, name: string) =>
  container(template).Environment.find(({ Name }: { Name: string }) => Name === name)?.Value;

export const databaseGroup = (template: Template) => theGroup(database(template).VPCSecurityGroups);
export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template) =>
  theGroup(service(template).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);
export const migrationGroup = (template: Template): string => migration(template).SecurityGroup['Fn::GetAtt'][0];

export const executionRole = (template: Template): string => task(template).ExecutionRoleArn['Fn::GetAtt'][0];
export const taskRole = (template: Template): string => task(template).TaskRoleArn['Fn::GetAtt'][0];
/** The log group of the container. */
export const containerLog = (template: Template): string =>
  container(template).LogConfiguration.Options['awslogs-group'].Ref;
/** The bucket of the reports. */
export const reports = (template: Template): string => variable(template, 'REPORTS_BUCKET_NAME').Ref;
/** The key of the encrypted fields. */
export const fieldKey = (template: Template): string => variable(template, 'FIELDS_KEY_ARN')['Fn::GetAtt'][0];
