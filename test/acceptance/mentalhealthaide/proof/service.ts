import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_FOLDER,
  container,
  DATABASE,
  database,
  databaseGroup,
  executionRole,
  LOG_GROUP,
  MYSQL_PORT,
  service,
  serviceGroup,
  usersGroup,
  TASK,
  task,
  tcp,
  waysOut,
} from './parts';
import {
  allowing, attribute, expectSame, granted, only, openings, propertiesOf, ref,
} from '../../../support/template/reading';

export function runsOnFargate(template: Template) {
  const { LaunchType, Cluster, TaskDefinition, NetworkConfiguration } = service(template);
  expect({ LaunchType, Cluster, TaskDefinition }).toEqual({
    LaunchType: 'FARGATE',
    Cluster: ref(only(template, 'AWS::ECS::Cluster')),
    TaskDefinition: ref(only(template, TASK)),
  });
  expect(task(template).RequiresCompatibilities).toEqual(['FARGATE']);
  expect(NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
  expect(waysOut(template, NetworkConfiguration.AwsvpcConfiguration.Subnets)).toEqual(['NAT gateway', 'NAT gateway']);
}

export function runsContainers(template: Template) {
  runsOnFargate(template);
  imageComesFromEcr(template);
  expect(container(template)).toMatchObject({
    Essential: true,
    User: '1000:1000',
    Privileged: false,
    ReadonlyRootFilesystem: true,
  });
  // Tasks reach the image, the secrets and the log over HTTPS.
  expect(openings(template, 'Egress', serviceGroup(template))).toContainEqual(tcp('0.0.0.0/0', 443));
  expect(allowing(granted(template, executionRole(template)), 'ecr:BatchGetImage')).toHaveLength(1);
  // At least two tasks by the scaling policy. The service has no fixed count, which a deployment would restore.
  expect(service(template)).not.toHaveProperty('DesiredCount');
  expect(
    propertiesOf(
      template,
      'AWS::ApplicationAutoScaling::ScalableTarget',
      only(template, 'AWS::ApplicationAutoScaling::ScalableTarget'),
    ),
  ).toMatchObject({ MinCapacity: 2, MaxCapacity: 4 });
}

export function nodeExpressApi(template: Template) {
  imageComesFromEcr(template);
  // The image sets the command.
  expect(container(template)).not.toHaveProperty('Command');
  expect(container(template)).not.toHaveProperty('EntryPoint');
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(API_FOLDER, 'package.json'), 'utf8'));
  expect(dependencies).toHaveProperty('express');
  const dockerfile = fs.readFileSync(path.join(API_FOLDER, 'Dockerfile'), 'utf8');
  expect(dockerfile).toMatch(/^FROM \S+\/node:\d+/m);
  expect(dockerfile).toMatch(/^CMD \["node", "server.js"\]$/m);
}

export function imageComesFromEcr(template: Template) {
  expect(container(template).Image).toEqual({
    'Fn::Sub': expect.stringMatching(
      /^\$\{AWS::AccountId\}\.dkr\.ecr\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}\/\S+:[0-9a-f]{64}$/,
    ),
  });
}

export function reachesTheDatabase(template: Template) {
  const { Environment, Secrets } = container(template);
  expect(Environment).toEqual(expect.arrayContaining([
    { Name: 'MYSQL_HOST', Value: attribute(only(template, DATABASE), 'Endpoint.Address') },
    { Name: 'MYSQL_TCP_PORT', Value: String(MYSQL_PORT) },
    { Name: 'MYSQL_DATABASE', Value: database(template).DBName },
  ]));
  expect(Secrets.map(({ Name }: { Name: string }) => Name)).toEqual(
    expect.arrayContaining(['MYSQL_USER', 'MYSQL_PWD']),
  );
  expect(openings(template, 'Egress', serviceGroup(template))).toContainEqual(tcp(databaseGroup(template), MYSQL_PORT));
  // Nothing else reaches the database, except the function that manages its users.
  expectSame(openings(template, 'Ingress', databaseGroup(template)),
    [serviceGroup, usersGroup].map((group) => tcp(group(template), MYSQL_PORT)));
  expect(openings(template, 'Egress', databaseGroup(template))).toEqual([]);
}

export function logsToCloudWatch(template: Template) {
  const { LogDriver, Options } = container(template).LogConfiguration;
  expect(LogDriver).toBe('awslogs');
  const group = Options['awslogs-group'].Ref;
  propertiesOf(template, LOG_GROUP, group);
  const writes = allowing(granted(template, executionRole(template)), 'logs:PutLogEvents');
  expect(writes).toEqual([
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: attribute(group, 'Arn') },
  ]);
}
