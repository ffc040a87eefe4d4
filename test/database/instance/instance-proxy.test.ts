import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { MYSQL, only, someDatabase } from './some-database';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newStack, propertiesOf, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';

const PROXY = 'AWS::RDS::DBProxy';
const MASTER_SECRET = { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'MasterUserSecret.SecretArn'] };
const ENDPOINT = { 'Fn::GetAtt': [expect.stringMatching(/^DatabaseProxy/), 'Endpoint'] };

describe('a proxy with passwords in front of an instance', () => {
  const stack = newStack();
  const database = someDatabase(stack, { proxy: DatabaseProxy.withPassword() });
  const template = templateOf(stack);

  test('requires TLS, logs no statements, and reads the master secret', () => {
    expect(only(template, PROXY)).toMatchObject({
      EngineFamily: 'POSTGRESQL',
      RequireTLS: true,
      DebugLogging: false,
      Auth: [{
        AuthScheme: 'SECRETS',
        ClientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256',
        IAMAuth: 'DISABLED',
        SecretArn: MASTER_SECRET,
      }],
    });
  });

  test('names the instance in the description of its security group', () => {
    expect(Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroup')).map((group) => group.GroupDescription))
      .toContain('Clients of the proxy, and the instance behind it');
  });

  test('has the instance as its target, which exists first', () => {
    const [group] = Object.values(template.findResources('AWS::RDS::DBProxyTargetGroup'));
    expect(group.Properties).toMatchObject({
      DBInstanceIdentifiers: [{ Ref: 'DatabaseInstanceAA8A5FDE' }], TargetGroupName: 'default',
    });
    expect(group.Properties.DBClusterIdentifiers).toBeUndefined();
    expect(group.DependsOn).toContain('DatabaseInstanceAA8A5FDE');
  });

  test('has no read-only endpoint, because the instance has no reader', () => {
    template.resourceCountIs('AWS::RDS::DBProxyEndpoint', 0);
  });

  test('can connect to the instance on the port of the engine', () => {
    const rules = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroupIngress'));
    expect(rules).toMatchObject([{ FromPort: 5432, ToPort: 5432 }]);
  });

  test('has an alarm', () => {
    const alarm = database.monitoringPlan().alarms.find(({ id }) => id === 'ProxyTarget');
    expect(alarm).toMatchObject({ threshold: 100, missingData: 'breaching' });
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

test('users connect to the proxy, and the proxy reads their secrets', () => {
  const stack = newStack();
  const database = someDatabase(stack, { proxy: DatabaseProxy.withPassword() });
  const { environment } = database.access('Reports', DatabaseAccess.readOnly()).bindToService({ service: stack });
  expect(stack.resolve(environment!.PGHOST)).toEqual(ENDPOINT);
  // The master user, and the two logins of the user.
  expect(only(templateOf(stack), PROXY).Auth).toHaveLength(3);
});

test('with IAM tokens, the proxy reads no secret and logs in with tokens', () => {
  const stack = newStack();
  const database = someDatabase(stack, { engine: MYSQL, proxy: DatabaseProxy.withIamToken() });
  const role = new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  database.grantConnect(role, 'ada');
  const template = templateOf(stack);
  expect(only(template, PROXY)).toMatchObject({ EngineFamily: 'MYSQL', DefaultAuthScheme: 'IAM_AUTH' });
  expect(only(template, PROXY).Auth).toBeUndefined();
  const granted = JSON.stringify(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).match(/rds-db:connect/g);
  // One statement of the analyst for the instance and the proxy, and one of the proxy for the instance.
  expect(granted).toHaveLength(2);
});

test('the proxy and its connections are public fields', () => {
  const database = someDatabase(newStack(), { proxy: DatabaseProxy.withPassword() });
  expect(database.proxy).toBeDefined();
  expect(database.proxyConnections!.defaultPort!.toString()).toBe('5432');
});

test('an instance without a proxy has none', () => {
  const database = someDatabase();
  expect([database.proxy, database.proxyConnections]).toEqual([undefined, undefined]);
  Template.fromStack(database.instance.stack).resourceCountIs(PROXY, 0);
});

test('a region without RDS Proxy is refused', () => {
  const stack = newStack({ env: { region: 'ap-east-2' } });
  expect(() => someDatabase(stack, { proxy: DatabaseProxy.withPassword() })).toThrow(
    '[Stack/Database] proxy must not be set, because ap-east-2 does not offer RDS Proxy. Remove it: clients then '
      + 'connect to the database.');
});
