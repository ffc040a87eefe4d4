import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../../../scripts/examples/example';
import { attribute, only, propertiesOf, ref, theGroup, theOne, wayOut } from '../../../support/template/reading';
import { FUNCTION, LOAD_BALANCER, SECRET, SERVICE, TASK } from '../../../support/template/types';

export { tcp } from '../../../support/template/reading';
export * from '../../../support/template/types';

export const DOMAIN = 'api.mentalhealthaide.com';
export const ZONE = 'Z0EXAMPLE0000000000';
export const CONTAINER_PORT = 8443;
export const MYSQL_PORT = 3306;
/** Once a month: on the first Sunday, in the maintenance window. */
export const MONTHLY_ROTATION = { ScheduleExpression: 'cron(0 5 ? * SUN#1 *)', Duration: '1h' };

export const DATABASE = 'AWS::RDS::DBInstance';

export const EXAMPLE_FOLDER = path.join(ROOT, 'examples', 'mentalhealthaide');
export const API_FOLDER = path.join(EXAMPLE_FOLDER, 'api');

export const database = theOne(DATABASE);
export const service = theOne(SERVICE);
export const task = theOne(TASK);
export const loadBalancer = theOne(LOAD_BALANCER);

export function container(template: Template) {
  const { ContainerDefinitions } = task(template);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

export const databaseGroup = (template: Template) => theGroup(database(template).VPCSecurityGroups);
export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template) =>
  theGroup(service(template).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);

/** The three secrets: RDS creates the first, for administration, and this stack the login of the API and the key. */
export const masterPassword = (template: Template) =>
  attribute(only(template, DATABASE), 'MasterUserSecret.SecretArn');
export const databasePassword = (template: Template) => ref(secretThat(template, { GenerateStringKey: 'password' }));
export const jwtSecret = (template: Template) => ref(secretThat(template, { PasswordLength: 88 }));

const secretThat = (template: Template, generated: object) =>
  only(template, SECRET, { GenerateSecretString: generated });

/** The function that manages the users of the database, and its security group. */
export const usersFunction = (template: Template) =>
  propertiesOf(template, FUNCTION, only(template, FUNCTION, { Environment: { Variables: { ENGINE: 'mysql' } } }));
export const usersGroup = (template: Template) => theGroup(usersFunction(template).VpcConfig.SecurityGroupIds);

export const waysOut = (template: Template, subnets: Array<{ Ref: string }>) =>
  subnets.map((subnet) => wayOut(template, subnet.Ref));

export function executionRole(template: Template): string {
  return task(template).ExecutionRoleArn['Fn::GetAtt'][0];
}
