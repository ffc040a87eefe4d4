import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AURORA_MYSQL, disposableStack, someCluster } from './some-cluster';
import { rotatedSecretBehind } from '../../../src/binding/container-secret';
import { ServiceBinding } from '../../../src/binding/service-binding';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newStack } from '../../support/app';

const WRITER = { 'Fn::GetAtt': ['DatabaseCluster5B53A178', 'Endpoint.Address'] };
const READERS = { 'Fn::GetAtt': ['DatabaseCluster5B53A178', 'ReadEndpoint.Address'] };
const PROXY = { 'Fn::GetAtt': ['DatabaseProxy93FB7815', 'Endpoint'] };
const PROXY_READERS = { 'Fn::GetAtt': ['DatabaseProxyReadOnly0EB6DBD8', 'Endpoint'] };
const BUNDLE = '/etc/ssl/rds/global-bundle.pem';

interface Bound {
  readonly database: EncryptedAuroraCluster;
  readonly binding: ServiceBinding;
  readonly environment: Record<string, unknown>;
}

function bound(
  props: Parameters<typeof someCluster>[1] = {},
  options: { stack?: Stack; certificateBundlePath?: string } = {},
): Bound {
  const stack = options.stack ?? newStack();
  const database = someCluster(stack, props);
  const binding = database.bindToService({ service: stack, certificateBundlePath: options.certificateBundlePath });
  return { database, binding, environment: stack.resolve(binding.environment) };
}

describe('PostgreSQL', () => {
  test('the environment has a host for writes, a host for reads, and TLS', () => {
    expect(bound({ databaseName: 'clinic' }).environment).toEqual({
      PGHOST: WRITER,
      PGHOST_READONLY: READERS,
      PGPORT: '5432',
      PGDATABASE: 'clinic',
      PGSSLMODE: 'require',
    });
  });

  test('with a certificate bundle, the client verifies the server', () => {
    expect(bound({}, { certificateBundlePath: BUNDLE }).environment).toMatchObject({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: BUNDLE,
    });
  });

  test('the user and the password are secrets', () => {
    expect(Object.keys(bound().binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
  });

  test('without readers, there is no read-only host', () => {
    expect(Object.keys(bound({ readers: 0 }, { stack: disposableStack() }).environment)).toEqual([
      'PGHOST',
      'PGPORT',
      'PGDATABASE',
      'PGSSLMODE',
    ]);
  });
});

describe('MySQL', () => {
  test('the environment has both hosts', () => {
    expect(bound({ engine: AURORA_MYSQL }).environment).toEqual({
      MYSQL_HOST: WRITER,
      MYSQL_HOST_READONLY: READERS,
      MYSQL_TCP_PORT: '3306',
      MYSQL_DATABASE: 'app',
    });
  });

  test('with a certificate bundle, the environment has its path', () => {
    expect(bound({ engine: AURORA_MYSQL }, { certificateBundlePath: BUNDLE }).environment).toMatchObject({
      MYSQL_SSL_CA: BUNDLE,
    });
  });
});

describe('the secret', () => {
  test('is that of a user of the service, whose previous login stays valid', () => {
    const { binding } = bound();
    const secrets = Object.values(binding.secrets!).map(rotatedSecretBehind);
    expect(secrets).toEqual([binding.overlappingSecrets![0], binding.overlappingSecrets![0]]);
    expect(binding.overlappingSecrets![0].node.path).toBe('Stack/Database/Users/Service/Secret');
    expect(binding.rotatedSecrets).toBeUndefined();
  });

  test('is bound with the cluster as the connection target', () => {
    const { database, binding } = bound();
    expect(binding.connectable).toBe(database);
  });
});

describe('a proxy with passwords', () => {
  const { database, binding, environment } = bound({ proxy: DatabaseProxy.withPassword() });

  test('replaces the cluster', () => {
    expect(environment).toMatchObject({ PGHOST: PROXY, PGHOST_READONLY: PROXY_READERS });
    expect(binding.connectable).toBe(database.proxyConnections);
  });

  test('does not change the variables of user and password, and their rotation', () => {
    expect(Object.keys(binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
    expect(binding.rotatedSecrets).toBeUndefined();
    expect(binding.overlappingSecrets).toHaveLength(1);
  });

  test('has other certificates, and adds an info message if the image has a certificate bundle', () => {
    const stack = newStack();
    bound({ proxy: DatabaseProxy.withPassword() }, { stack, certificateBundlePath: BUNDLE });
    expect(
      Annotations.fromStack(stack).findInfo(
        '/Stack',
        Match.stringLikeRegexp(
          `^Stack/Database has a proxy, which presents certificates of Amazon Trust Services: ${BUNDLE} must also `
            + 'contain their roots',
        ),
      ),
    ).toHaveLength(1);
  });
});

test('a proxy with IAM tokens passes the name of the user and no secret', () => {
  const { binding, environment } = bound({ proxy: DatabaseProxy.withIamToken() });
  expect(environment).toMatchObject({ PGHOST: PROXY, PGUSER: 'service' });
  expect(binding.secrets).toBeUndefined();
  expect(binding.rotatedSecrets).toBeUndefined();
});
