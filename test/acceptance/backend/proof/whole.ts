import { Template } from 'aws-cdk-lib/assertions';
import { cleansUpDaily, cluster, deadLetterQueue, queue } from './compute';
import { backedUpAndEncrypted, chosenCapacity, encrypted, leastSecrets, pooled, tlsOnly } from './database';
import { buckets, firewall, tlsEndsAtTheLoadBalancer } from './entrance';
import { everyAlarm } from './monitoring';
import { groups, subnetsInTwoZones } from './network';
import {
  BUCKET, CLUSTER, databaseType, expectSame, isCluster, KEY, LOAD_BALANCER, LOG_GROUP, read, REPOSITORY, ROLE, SERVICE,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { needsAllResources } from '../../../../src/compliance/policies/unscoped-actions';
import {
  all, granted, only, propertiesOf, rotatingKeys, storesTakeTlsAlone,
} from '../../../support/template/reading';

/** The type of each store, and the property with its key. */
const KEYED = {
  [LOG_GROUP]: 'KmsKeyId',
  'AWS::SNS::Topic': 'KmsMasterKeyId',
  'AWS::SQS::Queue': 'KmsMasterKeyId',
  'AWS::SecretsManager::Secret': 'KmsKeyId',
};

/** Logs of access to the network, the database and instances are kept for six years, all others for one year. */
function logsAreKept(template: Template) {
  const kept = (days: number) => Object.entries(template.findResources(LOG_GROUP))
    .filter(([, { Properties }]) => Properties.RetentionInDays === days)
    .map(([id]) => id.replace(/(Log|LogGroup)[0-9A-F]{8}$/, ''));
  expectSame(kept(2192), [
    'NetworkFlow', 'DatabasePostgresql', 'DatabaseProxy', 'EntranceFirewall', 'ClusterExec', 'BastionLogin',
    ...(isCluster(template) ? [] : ['DatabaseUpgrade']),
  ]);
  template.resourceCountIs(LOG_GROUP, kept(2192).length + kept(365).length);
}

/** The whole workload, in one template. */
export function everything(template: Template) {
  for (const type of [LOAD_BALANCER, CLUSTER, databaseType(template)]) template.resourceCountIs(type, 1);
  template.resourceCountIs(SERVICE, 2);
  cleansUpDaily(template);
  logsAreKept(template);
  subnetsInTwoZones(template);
  firewall(template);
  cluster(template);
  queue(template);
  deadLetterQueue(template);
  backedUpAndEncrypted(template);
  everyAlarm(template);
}

/** The parameters are typed values of the app. The template asks for none. */
export function parameters(template: Template) {
  expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
  expect(read('parameters.ts')).toContain('export const PARAMETERS: Parameters = {');
  chosenCapacity(template);
}

/** The tags name the project and the environment, which are the name of the stack too. */
export function projectAndEnvironment(environment: string) {
  return (template: Template) => {
    for (const type of [BUCKET, CLUSTER, LOAD_BALANCER, KEY]) {
      for (const { Properties } of all(template, type)) {
        expect(Properties.Tags).toEqual(expect.arrayContaining([
          { Key: 'Project', Value: PARAMETERS.projectName }, { Key: 'Environment', Value: environment },
        ]));
      }
    }
    expect(read('stacks.ts')).toContain('`${projectName}-${environment}`');
  };
}

export const prod = projectAndEnvironment('prod');

/** The deletion of dev deletes its data. */
export function dev(template: Template) {
  projectAndEnvironment('dev')(template);
  for (const type of [BUCKET, KEY]) {
    for (const { DeletionPolicy } of all(template, type)) expect(DeletionPolicy).toBe('Delete');
  }
}

/** A rotating customer managed key encrypts each store. Buckets with logs use SSE-S3. */
export function encryptedAtRest(template: Template) {
  for (const [type, property] of Object.entries(KEYED)) {
    for (const { Properties } of all(template, type)) {
      expect({ type, keys: rotatingKeys(template) })
        .toEqual({ type, keys: expect.arrayContaining([Properties[property]]) });
    }
  }
  encrypted(template);
  buckets(template);
}

/** Client to load balancer, load balancer to task, task to proxy and database, and all clients to stores. */
export function encryptedInTransit(template: Template) {
  tlsEndsAtTheLoadBalancer(template);
  expect(read('programs/api.ts')).toContain("https.createServer({ ...ownCertificate(), minVersion: 'TLSv1.2' }");
  tlsOnly(template);
  storesTakeTlsAlone(template);
}

/** Statements name actions, and resources unless the action supports none. */
export function leastPrivilege(template: Template) {
  for (const { Action, Resource } of granted(template)) {
    const actions = [Action].flat();
    for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
    const unscoped = actions.filter((action) => !needsAllResources(action) && action !== 'ecs:ListTasks');
    if ([Resource].flat().includes('*')) expect(unscoped).toEqual([]);
  }
  leastSecrets(template);
}

/** No role has a fixed name, so the deployment needs no CAPABILITY_NAMED_IAM for it. */
export function unnamedRoles(template: Template) {
  for (const { Properties } of all(template, ROLE)) expect(Properties.RoleName).toBeUndefined();
}

/** All traffic is closed except what the system needs, and the programs use the proxy. */
export function minimalAccess(template: Template) {
  groups(template);
  pooled(template);
}

/** A repository with immutable tags, whose images the stack runs. */
export function registry(template: Template) {
  const { ImageTagMutability, ImageScanningConfiguration } =
    propertiesOf(template, REPOSITORY, only(template, REPOSITORY));
  expect({ ImageTagMutability, ImageScanningConfiguration }).toEqual({
    ImageTagMutability: 'IMMUTABLE', ImageScanningConfiguration: { ScanOnPush: true },
  });
}
