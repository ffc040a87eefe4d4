import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AURORA_MYSQL, disposableStack, someCluster } from './some-cluster';
import { rotatedSecretBehind } from '../../../src/binding/container-secret';
import { ServiceBinding } from '../../../src/binding/service-binding';
import { ClusterProxy } from '../../../src/database/aurora/cluster-proxy';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
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
  test('one host to write, one to read, TLS', () => {
    expect(bound({ databaseName: 'clinic' }).environment).toEqual({
      PGHOST: WRITER,
      PGHOST_READONLY: READERS,
      PGPORT: '5432',
      PGDATABASE: 'clinic',
      PGSSLMODE: 'require',
    });
  });

  test('with a bundle the server has to prove who it is', () => {
    expect(bound({}, { certificateBundlePath: BUNDLE }).environment).toMatchObject({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: BUNDLE,
    });
  });

  test('user and password are secrets', () => {
    expect(Object.keys(bound().binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
  });

  test('without readers there is no host that reads only', () => {
    expect(Object.keys(bound({ readers: 0 }, { stack: disposableStack() }).environment)).toEqual([
      'PGHOST',
      'PGPORT',
      'PGDATABASE',
      'PGSSLMODE',
    ]);
  });
});

describe('MySQL', () => {
  test('without a bundle', () => {
    expect(bound({ engine: AURORA_MYSQL }).environment).toEqual({
      MYSQL_HOST: WRITER,
      MYSQL_HOST_READONLY: READERS,
      MYSQL_TCP_PORT: '3306',
      MYSQL_DATABASE: 'app',
    });
  });

  test('with a bundle', () => {
    expect(bound({ engine: AURORA_MYSQL }, { certificateBundlePath: BUNDLE }).environment).toMatchObject({
      MYSQL_SSL_CA: BUNDLE,
    });
  });
});

describe('the secret', () => {
  test('its rotation starts the service anew', () => {
    const { database, binding } = bound();
    expect(binding.rotatedSecrets).toEqual([database.secret]);
    for (const secret of Object.values(binding.secrets!)) expect(rotatedSecretBehind(secret)).toBe(database.secret);
  });

  test('the cluster is what the service connects to', () => {
    const { database, binding } = bound();
    expect(binding.connectable).toBe(database);
  });
});

describe('a proxy that takes passwords', () => {
  const { database, binding, environment } = bound({ proxy: ClusterProxy.withPassword() });

  test('takes the place of the cluster', () => {
    expect(environment).toMatchObject({ PGHOST: PROXY, PGHOST_READONLY: PROXY_READERS });
    expect(binding.connectable).toBe(database.proxyConnections);
  });

  test('changes nothing about user, password and rotation', () => {
    expect(Object.keys(binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
    expect(binding.rotatedSecrets).toEqual([database.secret]);
  });

  test('shows other certificates, which is said where the image has a bundle', () => {
    const stack = newStack();
    bound({ proxy: ClusterProxy.withPassword() }, { stack, certificateBundlePath: BUNDLE });
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

test('a proxy that asks for tokens hands over the name of the user, and no secret', () => {
  const { binding, environment } = bound({ proxy: ClusterProxy.withIamToken() });
  expect(environment).toMatchObject({ PGHOST: PROXY, PGUSER: 'dbowner' });
  expect(binding.secrets).toBeUndefined();
  expect(binding.rotatedSecrets).toBeUndefined();
});

test('binding adds nothing to the stack of the cluster', () => {
  const stack = newStack();
  const database = someCluster(stack, { proxy: ClusterProxy.withPassword() });
  const before = stack.node.findAll().length;
  database.bindToService({ service: stack });
  expect(stack.node.findAll()).toHaveLength(before);
});
