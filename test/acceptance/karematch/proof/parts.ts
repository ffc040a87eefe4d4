import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { propertiesOf, theGroup, theOne } from '../../../support/template/reading';
import { LOAD_BALANCER, REPOSITORY, SERVICE, TARGET_GROUP, TASK } from '../../../support/template/types';

export { CLOSED_TO_THE_PUBLIC, expectSame, tcp } from '../../../support/template/reading';
export * from '../../../support/template/types';

export const REGION = 'us-east-1';
export const SITE_DOMAIN = 'www.karematch.com';
export const API_DOMAIN = 'api.karematch.com';
export const ZONE = 'Z0EXAMPLE0000000000';
export const CONTAINER_PORT = 5000;
export const POSTGRES_PORT = 5432;
export const CERTIFICATE_BUNDLE = '/etc/ssl/rds/global-bundle.pem';

export const CACHE_POLICY = 'AWS::CloudFront::CachePolicy';
export const DATABASE = 'AWS::RDS::DBInstance';
export const DATABASE_USER = 'Custom::DatabaseUser';
export const DISTRIBUTION = 'AWS::CloudFront::Distribution';
export const MIGRATION = 'Custom::Migration';
export const PARAMETERS = 'AWS::RDS::DBParameterGroup';
export const SITE_FILES = 'Custom::SiteFiles';

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'karematch');
export const API_FOLDER = path.join(EXAMPLE_FOLDER, 'api');
export const SITE_FOLDER = path.join(EXAMPLE_FOLDER, 'frontend', 'dist');

export const database = theOne(DATABASE);
export const loadBalancer = theOne(LOAD_BALANCER);
export const repository = theOne(REPOSITORY);
export const service = theOne(SERVICE);
export const siteFiles = theOne(SITE_FILES);
export const targetGroup = theOne(TARGET_GROUP);
export const migration = theOne(MIGRATION);
export const distribution = (template: Template) => theOne(DISTRIBUTION)(template).DistributionConfig;

/** The task definitions of the service and of the migrations. There are no others. */
export function task(template: Template) {
  template.resourceCountIs(TASK, 2);
  return propertiesOf(template, TASK, service(template).TaskDefinition.Ref);
}

export function migrationTask(template: Template) {
  expect(migration(template).TaskDefinition).not.toEqual(service(template).TaskDefinition);
  return propertiesOf(template, TASK, migration(template).TaskDefinition.Ref);
}

const onlyContainer = ({ ContainerDefinitions }: ReturnType<typeof task>) => {
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
};
export const container = (template: Template) => onlyContainer(task(template));
export const migrationContainer = (template: Template) => onlyContainer(migrationTask(template));

export const databaseGroup = (template: Template) => theGroup(database(template).VPCSecurityGroups);
export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template) =>
  theGroup(service(template).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);

export const migrationGroup = (template: Template): string => migration(template).SecurityGroup['Fn::GetAtt'][0];

export const migrationExecutionRole = (template: Template): string =>
  migrationTask(template).ExecutionRoleArn['Fn::GetAtt'][0];
export const migrationTaskRole = (template: Template): string => migrationTask(template).TaskRoleArn['Fn::GetAtt'][0];
export const executionRole = (template: Template): string => task(template).ExecutionRoleArn['Fn::GetAtt'][0];
export const taskRole = (template: Template): string => task(template).TaskRoleArn['Fn::GetAtt'][0];
/** The bucket of the site, which receives its files. */
export const siteBucket = (template: Template): string => siteFiles(template).Bucket.Ref;
/** The log group of the container. */
export const containerLog = (template: Template): string =>
  container(template).LogConfiguration.Options['awslogs-group'].Ref;
