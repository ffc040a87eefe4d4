import { Template } from 'aws-cdk-lib/assertions';
import { encryptedBackups, ownUsers, tlsOnly } from './database';
import { tls } from './entrance';
import {
  BUCKET, CLUSTER, containerLog, DATABASE, executionRole, KEY,
  LOAD_BALANCER, LOG_GROUP, read, reports, SERVICE, SECURITY_GROUP,
  targetGroup, taskRole, variable,
} from './parts';
import { securely } from './secrets';
import { auditTrail, health, migrations, twoTasks } from './service';
import { fieldsAreEncrypted, onlyTheTaskDecrypts, reportsAreEncrypted } from './storage';
import { needsAllResources } from '../../../../src/compliance/policies/unscoped-actions';
import { keepsLogFiles } from '../../../support/template/buckets';
import {
  all, attribute, granted, only, propertiesOf, ref, rotatingKeys, storesTakeTlsAlone, text,
} from '../../../support/template/reading';

/** The type of each store, and the property with its key. */
const KEYED = {
  [LOG_GROUP]: 'KmsKeyId',
  'AWS::SNS::Topic': 'KmsMasterKeyId',
  'AWS::SQS::Queue': 'KmsMasterKeyId',
  'AWS::SecretsManager::Secret': 'KmsKeyId',
  'AWS::Backup::BackupVault': 'EncryptionKeyArn',
  [DATABASE]: 'KmsKeyId',
};

/** A rotating customer managed key of the stack encrypts each store. Buckets with logs use SSE-S3. */
export function encryptedAtRest(template: Template) {
  for (const [type, property] of Object.entries(KEYED)) {
    for (const { Properties } of all(template, type)) {
      expect({ type, keys: rotatingKeys(template) })
        .toEqual({ type, keys: expect.arrayContaining([Properties[property]]) });
    }
  }
  reportsAreEncrypted(template);
  for (const id of Object.keys(template.findResources(BUCKET))) {
    if (id !== reports(template)) keepsLogFiles(template, id);
  }
}

export function keysRotate(template: Template) {
  for (const { Properties } of all(template, KEY)) {
    expect(Properties).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
  }
}

export function managedKeys(template: Template) {
  encryptedAtRest(template);
  keysRotate(template);
}

/** Client to load balancer, load balancer to task, task to database, and all clients to buckets, queues and topics. */
export function encryptedInTransit(template: Template) {
  tls(template);
  const { Protocol, HealthCheckProtocol } = targetGroup(template);
  expect({ Protocol, HealthCheckProtocol }).toEqual({ Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
  expect(read('api/server.js')).toContain("https.createServer({ ...certificate(), minVersion: 'TLSv1.2' }, app)");
  tlsOnly(template);
  storesTakeTlsAlone(template);
}

/** Statements name actions, and resources unless the action supports none. */
export function leastPrivilege(template: Template) {
  for (const { Action, Resource } of granted(template)) {
    const actions = [Action].flat();
    for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
    if ([Resource].flat().includes('*')) expect(actions.filter((action) => !needsAllResources(action))).toEqual([]);
  }
  expect(taskRole(template)).not.toBe(executionRole(template));
  ownUsers(template);
}

/** Field encryption, audit log, encryption at rest and in transit. */
export function safeguards(template: Template) {
  fieldsAreEncrypted(template);
  auditTrail(template);
}

export function fieldKeyOfTheTask(template: Template) {
  onlyTheTaskDecrypts(template);
  keysRotate(template);
}

/** Every query of the program contains the owner, and the program logs in with a user of its own. */
export function userIsolation(template: Template) {
  ownUsers(template);
  const queries = [...read('api/routes.js').matchAll(/[`'](SELECT [^`']+)[`']/g)].map(([, query]) => query);
  expect(queries.length).toBeGreaterThan(3);
  expect(queries.filter((query) => !/ owner = \$\d/.test(query))).toEqual([]);
}

/** The migrations create the table of decisions, and the program adds a row for each decision, with the version. */
export function consent(template: Template) {
  migrations(template);
  expect(read('api/migrate.js')).toContain('CREATE TABLE IF NOT EXISTS consents (');
  expect(read('api/routes.js')).toContain('INSERT INTO consents (owner, version, given)');
  expect(read('api/routes.js')).not.toMatch(/(UPDATE|DELETE FROM) consents/);
}

/** A request with a field that the API does not need is refused, so the tables contain no other field. */
export function minimal(template: Template) {
  migrations(template);
  expect(read('api/routes.js').match(/requireFields\(body, '[^)]+\)/g)).toEqual([
    "requireFields(body, 'version', 'given')",
    "requireFields(body, 'primary_complaint')",
    "requireFields(body, 'bytes')",
  ]);
}

/** The whole workload. */
export function everything(template: Template) {
  for (const type of [LOAD_BALANCER, SERVICE, DATABASE, CLUSTER]) template.resourceCountIs(type, 1);
  managedKeys(template);
  securely(template);
  encryptedBackups(template);
}

/** The value of an output of the stack. */
const output = (template: Template, name: string) => template.toJSON().Outputs[name]?.Value;
const script = () => read('carebow.sh');

/** Scaling changes the range of the service, and the number of its tasks. */
export function scaleCommand(template: Template) {
  twoTasks(template);
  expect(output(template, 'ClusterName')).toEqual(ref(only(template, CLUSTER)));
  expect(output(template, 'ServiceName')).toEqual(attribute(only(template, SERVICE), 'Name'));
  expect(script()).toContain('--resource-id "service/$cluster/$service"');
  expect(script()).toContain('--min-capacity "$count" --max-capacity "$most"');
}

export function migrateCommand(template: Template) {
  migrations(template);
  expect(text(output(template, 'Migrate'))).toMatch(/^aws ecs run-task /);
  expect(script()).toContain('task=$(eval "$start")');
}

export function logsCommand(template: Template) {
  expect(output(template, 'LogGroupName')).toEqual(ref(containerLog(template)));
  expect(script()).toContain('aws logs tail "$group" --follow "$@"');
}

/** The deletion requires a confirmation. The data, its keys and its backups remain. */
export function destroyCommand(template: Template) {
  expect(script()).toContain("[ \"$*\" = '--confirm CareBow' ]");
  const policies = [KEY, LOG_GROUP, 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::Backup::BackupVault']
    .flatMap((type) => all(template, type).map(({ DeletionPolicy }) => DeletionPolicy));
  for (const policy of policies) expect(policy).toMatch(/^Retain(ExceptOnCreate)?$/);
}

export function url(template: Template) {
  health(template);
  tls(template);
  expect(output(template, 'Url')).toBe('https://api.carebow.com');
  expect(['JWT_ISSUER', 'JWT_AUDIENCE'].map((name) => variable(template, name)))
    .toEqual(['https://login.carebow.com', 'https://api.carebow.com']);
}

/** The identifier contains the stack ID, so that a second copy has another one. An output contains it. */
export function databaseHasNoFixedName(template: Template) {
  const { DBInstanceIdentifier } = propertiesOf(template, DATABASE, only(template, DATABASE));
  expect(text(DBInstanceIdentifier)).toContain('AWS::StackId');
  expect(output(template, 'DatabaseIdentifier')).toEqual(ref(only(template, DATABASE)));
}

export function noFixedNames(template: Template) {
  expect(propertiesOf(template, CLUSTER, only(template, CLUSTER))).not.toHaveProperty('ClusterName');
  scaleCommand(template);
}

export function describedGroups(template: Template) {
  for (const { Properties } of all(template, SECURITY_GROUP)) expect(Properties.GroupDescription).toBeTruthy();
}

/** The task role has managed policies, which `aws iam list-attached-role-policies` lists. */
export function managedPolicies(template: Template) {
  const { Policies } = propertiesOf(template, 'AWS::IAM::Role', taskRole(template));
  expect(Policies).toBeUndefined();
  expect(granted(template, taskRole(template)).length).toBeGreaterThan(1);
}
