import {
  edit,
  grant,
  Mutation,
  named,
  production,
  READING,
  set,
  STARTER,
  statements,
} from './changes';
import * as type from '../proof/parts';
import { ROLES } from '../statements/delivery';

/** Changes to the roles, each with the row that it must fail. */
export const ROLES_CHANGES: Mutation[] = [
  production(
    ROLES,
    'ECS Task Execution Role: karematch-ecs-task-execution-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('ApiExecutionRole')),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    'the AWS managed policy',
    set(
      type.ROLE,
      { ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'] },
      named('ApiExecutionRole'),
    ),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    'an additional permission',
    grant('ApiExecutionRole', 's3:GetObject', 'arn:aws:s3:::bucket/key'),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Custom: Read from Secrets Manager',
    'every secret',
    statements((all) => (all.find(({ Action }) => Action.includes(READING))!.Resource = '*'), STARTER),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Custom: Read from Secrets Manager',
    'the login of the API for the migrations',
    grant('MigrationsExecutionRole', READING, { Ref: 'DatabaseUsersApiSecretE4C50F15' }),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    'an additional permission for the migrations',
    grant('MigrationsExecutionRole', 's3:GetObject', 'arn:aws:s3:::bucket/key'),
  ),
  production(
    ROLES,
    'ECS Task Role: Purpose: Application runtime permissions',
    'an additional permission for the migrations',
    grant('MigrationsTaskRole', 'sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:queue'),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Custom: Decrypt with KMS',
    'everything that the key encrypted',
    statements((all) => delete all.find(({ Action }) => Action === 'kms:Decrypt')!.Condition, STARTER),
  ),
  production(
    ROLES,
    'ECS Task Role: karematch-ecs-task-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('ApiTaskRole')),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: karematch-vpc-flow-log-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('NetworkFlowLogRole')),
  ),
  production(
    ROLES,
    'ECS Task Role: Purpose: Application runtime permissions',
    'an additional permission',
    grant('ApiTaskRole', 'sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:queue'),
  ),
  production(
    ROLES,
    'ECS Task Role: Purpose: Application runtime permissions',
    'another service can assume the role',
    edit(
      type.ROLE,
      ({ AssumeRolePolicyDocument }) => (AssumeRolePolicyDocument.Statement[0].Principal.Service = 'ec2.amazonaws.com'),
      named('ApiTaskRole'),
    ),
  ),
  production(
    ROLES,
    'ECS Task Role: Write to CloudWatch Logs',
    'the task role writes',
    grant('ApiTaskRole', 'logs:PutLogEvents', '*'),
  ),
  production(
    ROLES,
    'ECS Task Role: (Optional) RDS IAM authentication',
    'for every database user',
    grant('ApiTaskRole', 'rds-db:connect', '*'),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: Policies: CloudWatch Logs write access',
    'to every log group',
    statements(([all]) => (all.Resource = '*'), named('NetworkFlowLogRolePolicy')),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: Purpose: Write VPC flow logs',
    'for any account',
    edit(
      type.ROLE,
      ({ AssumeRolePolicyDocument }) => delete AssumeRolePolicyDocument.Statement[0].Condition.StringEquals,
      named('NetworkFlowLogRole'),
    ),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Purpose: Pull images',
    'of every repository',
    grant('ApiExecutionRole', 'ecr:BatchGetImage', '*'),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Purpose: read secrets',
    'one secret less',
    statements((all) => all.find(({ Action }) => Action.includes(READING))!.Resource.pop(), STARTER),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Purpose: write logs',
    'to every log group',
    grant('ApiExecutionRole', 'logs:PutLogEvents', '*'),
  ),
  production(
    ROLES,
    'ECS Task Role: Read from Secrets Manager (for secret refresh)',
    'a permission to read',
    grant('ApiTaskRole', READING, '*'),
  ),
];
