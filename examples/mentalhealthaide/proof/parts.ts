import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { attribute, only, propertiesOf, ref, wayOut } from '../../reading';

export const DOMAIN = 'api.mentalhealthaide.com';
export const ZONE = 'Z0EXAMPLE0000000000';
export const CONTAINER_PORT = 8443;
export const MYSQL_PORT = 3306;
export const DAYS_OF_ROTATION = 30;

export const CERTIFICATE = 'AWS::CertificateManager::Certificate';
export const DATABASE = 'AWS::RDS::DBInstance';
export const FIREWALL = 'AWS::WAFv2::WebACL';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const LOG_GROUP = 'AWS::Logs::LogGroup';
export const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
export const SECRET = 'AWS::SecretsManager::Secret';
export const SERVICE = 'AWS::ECS::Service';
export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const TASK = 'AWS::ECS::TaskDefinition';

export const EXAMPLE_FOLDER = path.join(__dirname, '..');
export const API_FOLDER = path.join(EXAMPLE_FOLDER, 'api');

export const database = (template: Template) => propertiesOf(template, DATABASE, only(template, DATABASE));
export const service = (template: Template) => propertiesOf(template, SERVICE, only(template, SERVICE));
export const task = (template: Template) => propertiesOf(template, TASK, only(template, TASK));
export const loadBalancer = (template: Template) => propertiesOf(template, LOAD_BALANCER, only(template, LOAD_BALANCER));

export function container(template: Template) {
  const { ContainerDefinitions } = task(template);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The one security group of what is in the VPC. */
export function theGroup(groups: Array<{ 'Fn::GetAtt': string[] }>): string {
  expect(groups).toHaveLength(1);
  return groups[0]['Fn::GetAtt'][0];
}
export const databaseGroup = (template: Template) => theGroup(database(template).VPCSecurityGroups);
export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template) => theGroup(service(template).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);

/** The two secrets: RDS makes the first one, this stack the second one. */
export const databasePassword = (template: Template) => attribute(only(template, DATABASE), 'MasterUserSecret.SecretArn');
export const jwtSecret = (template: Template) => ref(only(template, SECRET));

export const waysOut = (template: Template, subnets: Array<{ Ref: string }>) => subnets.map((subnet) => wayOut(template, subnet.Ref));
export const tcp = (peer: string, port: number) => ({ peer, protocol: 'tcp', from: port, to: port });

export function executionRole(template: Template): string {
  return task(template).ExecutionRoleArn['Fn::GetAtt'][0];
}
