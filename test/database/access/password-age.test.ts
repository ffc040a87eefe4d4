import { Stack } from 'aws-cdk-lib';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { someService } from '../../service/fargate-fixtures';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { cycles } from '../../support/task-start';
import { someCluster } from '../aurora/some-cluster';
import { Properties, someDatabase } from '../instance/some-database';

const { iamToken, owner, readWrite } = DatabaseAccess;

/** The resources of a type that belong to the measurement. */
const ofAge = (stack: Stack, type: string): Properties[] => Object.entries(propertiesOf(templateOf(stack), type))
  .filter(([id]) => id.includes('UsersAge')).map(([, each]) => each);

const inputsOf = (stack: Stack) => ofAge(stack, 'AWS::Events::Rule')
  .flatMap(({ Targets }) => Targets.map(({ Input }: Properties) => Input));

describe('the age of the passwords of the users', () => {
  const stack = newStack();
  const database = someDatabase(stack);
  const [api, migrations] = [database.access('Api', readWrite()), database.access('Migrations', owner())];
  database.access('Signer', iamToken());
  const arns = [api, migrations].map(({ secret }) => stack.resolve(secret!.secretArn));

  test('is measured every day and after each deployment, for each user with a password', () => {
    expect(ofAge(stack, 'AWS::Events::Rule')).toEqual([{
      Description: 'Measures the age of the passwords of database users every day and after each deployment',
      ScheduleExpression: 'rate(1 day)',
      EventPattern: {
        'source': ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        'detail': {
          'stack-id': [{ Ref: 'AWS::StackId' }],
          'status-details': {
            status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'],
          },
        },
      },
      State: 'ENABLED',
      Targets: [{
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^DatabaseUsersAgeFunction/), 'Arn'] },
        Id: 'Target0',
        Input: {
          'Fn::Join': ['', [
            '{"dimension":"FunctionName","secretArns":["', arns[0], '","', arns[1], '"]}',
          ]],
        },
      }],
    }]);
  });

  test('is measured by one function outside the VPC, with the key of the database', () => {
    expect(ofAge(stack, 'AWS::Lambda::Function')).toEqual([expect.objectContaining({
      Description: 'Measures the age of the passwords of database users',
      KmsKeyArn: stack.resolve(database.encryptionKey.keyArn),
      Timeout: 60,
    })]);
    const [handler] = ofAge(stack, 'AWS::Lambda::Function');
    expect([handler.VpcConfig, handler.Environment]).toEqual([undefined, undefined]);
  });

  test('is measured without a permission to read a password', () => {
    const statements = ofAge(stack, 'AWS::IAM::ManagedPolicy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager'))).toEqual([
      { Action: 'secretsmanager:ListSecretVersionIds', Effect: 'Allow', Resource: arns },
    ]);
    expect(JSON.stringify(statements)).not.toContain('"*"');
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('UsersAge'))).toEqual([]);
  });
});

test('without a password, nothing is measured', () => {
  const stack = newStack();
  const database = someDatabase(stack);
  database.access('Signer', iamToken());
  expect([ofAge(stack, 'AWS::Lambda::Function'), ofAge(stack, 'AWS::Events::Rule')]).toEqual([[], []]);
  expect(database.monitoringPlan().alarms.map(({ id }) => id).filter((id) => id.startsWith('Users')))
    .toEqual(['UsersErrors', 'UsersDeadLetters']);
});

test('behind a proxy, the secret of the login in use is measured, and not the copies of the proxy', () => {
  const stack = newStack();
  const user = someCluster(stack, { proxy: DatabaseProxy.withPassword() }).access('Api', readWrite());
  expect(inputsOf(stack)).toEqual([{
    'Fn::Join': ['', [
      '{"dimension":"FunctionName","secretArns":["', stack.resolve(user.secret!.secretArn), '"]}',
    ]],
  }]);
});

test('the user of a service in another stack is measured in the stack of the database, also after watch', () => {
  const app = newApp();
  const [data, application, operations] = ['Data', 'App', 'Operations'].map((id) => new Stack(app, id));
  const vpc = someVpc(data);
  const database = someDatabase(data, { vpc });
  const monitoring = new WorkloadMonitoring(operations, 'Monitoring', { email: 'oncall@example.com' });
  monitoring.watch(database);
  someService(application, { vpc, uses: [database] });
  someService(application, { vpc, uses: [database] }, 'Worker');
  app.synth();
  expect(JSON.stringify(inputsOf(data))).toMatch(/DatabaseUsersApp\w+Secret.*DatabaseUsersApp\w+Secret/);
  expect(ofAge(application, 'AWS::Lambda::Function')).toEqual([]);
  expect(monitoring.alarms.map(({ node }) => node.id)).toContain('UsersRotationOverdue');
  for (const stack of [data, application, operations]) expect(cycles(templateOf(stack).toJSON() as never)).toEqual([]);
  expect(data.dependencies).toEqual([]);
});
