import { Template } from 'aws-cdk-lib/assertions';
import {
  containerLog,
  database,
  executionRole,
  expectSame,
  FUNCTION,
  migration,
  migrationContainer,
  migrationExecutionRole,
  migrationTaskRole,
  REGION,
  ROLE,
  taskRole,
} from './parts';
import { tasksMayPull } from './registry';
import { decryptsTheSecrets, readByWhoStartsTheTasks } from './secrets';
import { logsToCloudWatch } from './service';
import { needsAllResources } from '../../../../src/compliance/policies/unscoped-actions';
import {
  allowing, allows, attribute, granted, only, propertiesOf, ref, text, whoMay,
} from '../../../support/template/reading';

const TASKS = 'ecs-tasks.amazonaws.com';
/** The permissions of aws-cdk-lib for its custom resources: write their log. */
const FUNCTIONS_OF_THE_CDK = 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

const role = (template: Template, id: string) => propertiesOf(template, ROLE, id);
const assumedBy = (template: Template, id: string): object[] => role(template, id).AssumeRolePolicyDocument.Statement
  .map(({ Effect, Action, Principal }: Record<string, unknown>) => ({ Effect, Action, Principal }));

function ownPoliciesAlone(template: Template, id: string, Service: string) {
  expect(role(template, id)).not.toHaveProperty('ManagedPolicyArns');
  expect(assumedBy(template, id)).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }]);
}

const withoutName = (template: Template, id: string) => expect(role(template, id)).not.toHaveProperty('RoleName');

export const executionRoleWithoutName = (template: Template) => withoutName(template, executionRole(template));
export const taskRoleWithoutName = (template: Template) => withoutName(template, taskRole(template));
export const flowLogRoleWithoutName = (template: Template) => withoutName(template, flowLogRole(template));

/** Exactly these permissions: pull from the repository, write the log, read the three secrets with their keys. */
export function startsTasksAndNoMore(main: Template, images: Template) {
  const id = executionRole(main);
  ownPoliciesAlone(main, id, TASKS);
  tasksMayPull(main, images);
  logsToCloudWatch(main);
  readByWhoStartsTheTasks(main);
  decryptsTheSecrets(main);
  expectSame(granted(main, id).map(({ Action }) => [Action].flat().sort().join()), [
    'ecr:BatchCheckLayerAvailability,ecr:BatchGetImage,ecr:GetDownloadUrlForLayer',
    'ecr:GetAuthorizationToken',
    'logs:CreateLogStream,logs:PutLogEvents',
    'secretsmanager:DescribeSecret,secretsmanager:GetSecretValue',
    // With the key of the database, and with the key that all other secrets share.
    'kms:Decrypt',
    'kms:Decrypt',
  ]);
  startsMigrationsAndNoMore(main);
}

/** The same for the migrations, with their own log and with one secret. */
function startsMigrationsAndNoMore(main: Template) {
  const id = migrationExecutionRole(main);
  expect(id).not.toBe(executionRole(main));
  ownPoliciesAlone(main, id, TASKS);
  expectSame(granted(main, id).map(({ Action }) => [Action].flat().sort().join()), [
    'ecr:BatchCheckLayerAvailability,ecr:BatchGetImage,ecr:GetDownloadUrlForLayer',
    'ecr:GetAuthorizationToken',
    'logs:CreateLogStream,logs:PutLogEvents',
    'secretsmanager:DescribeSecret,secretsmanager:GetSecretValue',
    'kms:Decrypt',
  ]);
  const log = migrationContainer(main).LogConfiguration.Options['awslogs-group'].Ref;
  expect(allowing(granted(main, id), 'logs:PutLogEvents').map(({ Resource }) => Resource)).toEqual([
    attribute(log, 'Arn'),
  ]);
}

/** Each program has its own role without permissions, because it receives its values before it starts. */
export function programMayDoNothing(template: Template) {
  const ids = [taskRole(template), migrationTaskRole(template)];
  expect(new Set([...ids, executionRole(template), migrationExecutionRole(template)]).size).toBe(4);
  for (const id of ids) {
    ownPoliciesAlone(template, id, TASKS);
    expect(granted(template, id)).toEqual([]);
  }
}

/** The log driver writes the output to CloudWatch with the execution role. */
export function programLogsByTheDriver(template: Template) {
  logsToCloudWatch(template);
  programMayDoNothing(template);
  propertiesOf(template, 'AWS::Logs::LogGroup', containerLog(template));
}

/** The database accepts it, and no identity has the permission. */
export function iamLoginIsAnOption(template: Template) {
  expect(database(template).EnableIAMDatabaseAuthentication).toBe(true);
  expect(whoMay(template, 'rds-db:connect')).toEqual([]);
}

const flowLogRole = (template: Template): string =>
  propertiesOf(template, 'AWS::EC2::FlowLog', only(template, 'AWS::EC2::FlowLog')).DeliverLogsPermissionArn[
    'Fn::GetAtt'
  ][0];

/** Only the flow logs of this account and region may write, into their log group. */
export function flowLogRoleWrites(template: Template) {
  const id = flowLogRole(template);
  ownPoliciesAlone(template, id, 'vpc-flow-logs.amazonaws.com');
  const [{ Condition }] = role(template, id).AssumeRolePolicyDocument.Statement;
  expect(Condition.StringEquals).toEqual({ 'aws:SourceAccount': ref('AWS::AccountId') });
  expect(text(Condition.ArnLike['aws:SourceArn'])).toContain(`:ec2:${REGION}:`);
  const { LogGroupName } = propertiesOf(template, 'AWS::EC2::FlowLog', only(template, 'AWS::EC2::FlowLog'));
  expect(granted(template, id)).toMatchObject([{ Effect: 'Allow', Resource: attribute(LogGroupName.Ref, 'Arn') }]);
}

/** The function that runs the migrations passes their two roles to ECS, and runs only their task definition. */
function passesTheRolesOfTheMigrations(template: Template) {
  const { ServiceToken, Cluster, TaskDefinition } = migration(template);
  const runner = propertiesOf(template, FUNCTION, ServiceToken['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
  const roles = [migrationTaskRole(template), migrationExecutionRole(template)].map((id) => attribute(id, 'Arn'));
  expectSame(whoMay(template, 'iam:PassRole'), roles.map((resource) => ({ role: runner, resource })));
  expect(allowing(granted(template, runner), 'iam:PassRole').map(({ Condition }) => Condition)).toEqual([
    { StringEquals: { 'iam:PassedToService': TASKS } },
  ]);
  expect(whoMay(template, 'ecs:RunTask')).toEqual([{ role: runner, resource: TaskDefinition }]);
  expect(allowing(granted(template, runner), 'ecs:RunTask').map(({ Condition }) => Condition)).toEqual([
    { ArnEquals: { 'ecs:cluster': Cluster } },
  ]);
}

/**
 * Every statement names its actions, and its resources if the action supports them. No role may change permissions, and
 * only the function that runs the migrations may pass roles.
 */
export function leastPrivilege(main: Template, images: Template) {
  startsTasksAndNoMore(main, images);
  programMayDoNothing(main);
  passesTheRolesOfTheMigrations(main);
  for (const statement of granted(main)) {
    const actions = [statement.Action].flat();
    for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
    if ([statement.Resource].flat().includes('*')) {
      expect(actions.filter((action) => !needsAllResources(action))).toEqual([]);
    }
    for (const action of [
      'iam:PutRolePolicy',
      'iam:AttachRolePolicy',
      'sts:AssumeRole',
      'kms:PutKeyPolicy',
    ]) {
      expect(allows(statement, action)).toBe(false);
    }
  }
  for (const { Properties } of Object.values(main.findResources(ROLE))) {
    expect(
      (Properties.ManagedPolicyArns ?? []).filter(
        (arn: { 'Fn::Sub'?: string }) => arn['Fn::Sub'] !== FUNCTIONS_OF_THE_CDK,
      ),
    ).toEqual([]);
  }
}
