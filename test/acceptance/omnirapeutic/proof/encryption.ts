import { Template } from 'aws-cdk-lib/assertions';
import {
  aurora,
  AURORA,
  AURORA_INSTANCE,
  CLIENTS,
  executionRole,
  loadBalancer,
  madeBy,
  partnerSecret,
  PROGRAMS,
  userSecret,
  usersFunctionId,
} from './parts';
import { tasksNameAVersion } from './registry';
import { tasksReachHttps } from './security-groups';
import {
  all,
  allowing,
  attribute,
  CLOSED_TO_THE_PUBLIC,
  expectSame,
  granted,
  inhabitants,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  storesTakeTlsAlone,
} from '../../../support/template/reading';
import { BUCKET, CERTIFICATE, KEY, LISTENER, SECRET, TOPIC } from '../../../support/template/types';

const VAULT = 'AWS::Backup::BackupVault';
const TRAIL = 'AWS::CloudTrail::Trail';
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const ROTATION = 'AWS::SecretsManager::RotationSchedule';
const times = (count: number, type: string) => Array<string>(count).fill(type);
const LOG = 'AWS::Logs::LogGroup';
const QUEUE = 'AWS::SQS::Queue';
const FUNCTION = 'AWS::Lambda::Function';

/** Each key by its construct, and everything that it encrypts. */
const ENCRYPTED = {
  NetworkNetworkKey: [FUNCTION, ...times(2, LOG), QUEUE],
  NetworkMonitoringKey: [TOPIC],
  GuardrailsGuardrailsKey: [...times(7, FUNCTION), ...times(7, LOG), ...times(7, QUEUE)],
  GuardrailsGuardrailsTrailKey: [TRAIL, LOG, BUCKET],
  GuardrailsGuardrailsConfigKey: [BUCKET, 'Custom::ConfigRecorder'],
  ImagesApiKey: ['AWS::ECR::Repository'],
  ImagesWebKey: ['AWS::ECR::Repository'],
  ImagesWorkerKey: ['AWS::ECR::Repository'],
  DataDatabaseKey: [
    VAULT, ...times(2, FUNCTION), ...times(3, LOG), ...times(2, QUEUE), AURORA, ...times(2, AURORA_INSTANCE),
    ...times(3, SECRET),
  ],
  DataBastionKey: ['AWS::EC2::Instance', LOG, 'AWS::SSM::Document'],
  ApplicationSecretsKey: [FUNCTION, LOG, QUEUE, SECRET],
  ApplicationEntranceFirewallKey: [LOG],
  ApplicationClusterKey: ['AWS::ECS::Cluster', ...times(2, FUNCTION), ...times(8, LOG), ...times(4, QUEUE)],
};
type KeyName = keyof typeof ENCRYPTED;
const KEYS = Object.keys(ENCRYPTED) as KeyName[];

const keyOf = (whole: Template, construct: KeyName) => madeBy(whole, KEY, construct);
const arnOf = (whole: Template, construct: KeyName) => attribute(keyOf(whole, construct), 'Arn');

/** Resources that name a key and are not encrypted with it: who may use it, and what the daily check compares. */
const NAME_A_KEY = ['AWS::IAM::ManagedPolicy', 'AWS::Events::Rule'];
/** The types of the resources that a key encrypts. */
const encryptedBy = (whole: Template, construct: KeyName) =>
  inhabitants(whole, keyOf(whole, construct)).filter((type) => !NAME_A_KEY.includes(type));

/** Exactly these customer managed keys, each rotating every year, encrypt exactly these resources. */
export function everyKey(whole: Template) {
  const keys = KEYS.map((construct) => keyOf(whole, construct));
  expectSame(Object.keys(whole.findResources(KEY)), keys);
  expectSame(rotatingKeys(whole), keys.map((id) => attribute(id, 'Arn')));
  for (const id of keys) {
    expect(propertiesOf(whole, KEY, id)).toMatchObject({ RotationPeriodInDays: 365, PendingWindowInDays: 30 });
  }
  const found = KEYS.map((construct) => [construct, encryptedBy(whole, construct)]);
  expect(found).toEqual(KEYS.map((construct) => [construct, [...ENCRYPTED[construct]].sort()]));
  leadsThroughAKey(whole);
}

/** The property of each type that names its key. */
const KEYED: Record<string, string> = {
  [LOG]: 'KmsKeyId',
  [TOPIC]: 'KmsMasterKeyId',
  [QUEUE]: 'KmsMasterKeyId',
  [SECRET]: 'KmsKeyId',
  [VAULT]: 'EncryptionKeyArn',
  [TRAIL]: 'KMSKeyId',
  [AURORA]: 'KmsKeyId',
};

/** Conversely, each resource of these types has one of the keys. */
function leadsThroughAKey(whole: Template) {
  const keys = rotatingKeys(whole);
  for (const [type, property] of Object.entries(KEYED)) {
    for (const { Properties } of all(whole, type)) {
      expect({ type, keys }).toEqual({ type, keys: expect.arrayContaining([Properties[property]]) });
    }
  }
}

/** One key for Aurora. */
export const auroraKey = (whole: Template) => {
  everyKey(whole);
  expect(aurora(whole)).toMatchObject({ StorageEncrypted: true, KmsKeyId: arnOf(whole, 'DataDatabaseKey') });
};

/** The data of the cluster, and its Performance Insights. */
export function auroraAtRest(whole: Template) {
  const key = arnOf(whole, 'DataDatabaseKey');
  expect(aurora(whole)).toMatchObject({ StorageEncrypted: true, KmsKeyId: key, PerformanceInsightsKmsKeyId: key });
  for (const { Properties } of all(whole, AURORA_INSTANCE)) expect(Properties.PerformanceInsightsKMSKeyId).toEqual(key);
}

/** The key of the cluster encrypts the backups of Aurora and of the vault. */
export function auroraBackups(whole: Template) {
  auroraAtRest(whole);
  expect(aurora(whole).BackupRetentionPeriod).toBeGreaterThan(0);
  expect(propertiesOf(whole, VAULT, only(whole, VAULT)).EncryptionKeyArn).toEqual(arnOf(whole, 'DataDatabaseKey'));
}

/** A snapshot has the key of its cluster. The deletion of the cluster creates a final snapshot. */
export function auroraSnapshots(whole: Template) {
  auroraAtRest(whole);
  const { DeletionPolicy, UpdateReplacePolicy } = whole.findResources(AURORA)[only(whole, AURORA)];
  expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
  });
}

/** The default encryption of a bucket. */
function encryptionOf(whole: Template, bucket: string) {
  const [rule, ...more] = propertiesOf(whole, BUCKET, bucket).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(more).toEqual([]);
  return rule.ServerSideEncryptionByDefault;
}

const bucketOfTrail = (whole: Template): string => propertiesOf(whole, TRAIL, only(whole, TRAIL)).S3BucketName.Ref;
const bucketOfLoadBalancer = (whole: Template): string => loadBalancer(whole).LoadBalancerAttributes
  .find(({ Key }: { Key: string }) => Key === 'access_logs.s3.bucket').Value.Ref;

/** The bucket and the trail itself encrypt the files of the trail. */
export function trailAtRest(whole: Template) {
  const key = arnOf(whole, 'GuardrailsGuardrailsTrailKey');
  expect(encryptionOf(whole, bucketOfTrail(whole))).toEqual({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
  expect(propertiesOf(whole, TRAIL, only(whole, TRAIL)).KMSKeyId).toEqual(key);
}

/** SSE-S3 with AES-256, the only encryption that a load balancer can write to. The bucket is private and locked. */
export function accessLogsAtRest(whole: Template) {
  const bucket = bucketOfLoadBalancer(whole);
  expect(encryptionOf(whole, bucket)).toEqual({ SSEAlgorithm: 'AES256' });
  const { PublicAccessBlockConfiguration, ObjectLockEnabled } = propertiesOf(whole, BUCKET, bucket);
  expect({ PublicAccessBlockConfiguration, ObjectLockEnabled }).toEqual({
    PublicAccessBlockConfiguration: CLOSED_TO_THE_PUBLIC,
    ObjectLockEnabled: true,
  });
}

/**
 * Three buckets: those of the trail and of AWS Config have their own keys, and that of the load balancer has SSE-S3.
 */
export function bucketsAtRest(whole: Template) {
  trailAtRest(whole);
  accessLogsAtRest(whole);
  const config = madeBy(whole, BUCKET, 'GuardrailsGuardrailsConfigBucket');
  expect(encryptionOf(whole, config)).toEqual({
    SSEAlgorithm: 'aws:kms',
    KMSMasterKeyID: arnOf(whole, 'GuardrailsGuardrailsConfigKey'),
  });
  expectSame(Object.keys(whole.findResources(BUCKET)), [bucketOfTrail(whole), bucketOfLoadBalancer(whole), config]);
}

/**
 * The passwords, each in a secret with the key of Aurora. RDS creates and rotates that of the master user. Secrets
 * Manager generates those of the database users, and rotates them every month. No template contains one.
 */
export function passwordAtRest(whole: Template) {
  const { ManageMasterUserPassword, MasterUserSecret, MasterUserPassword } = aurora(whole);
  expect({ ManageMasterUserPassword, MasterUserSecret, MasterUserPassword }).toEqual({
    ManageMasterUserPassword: true,
    MasterUserSecret: { KmsKeyId: arnOf(whole, 'DataDatabaseKey') },
    MasterUserPassword: undefined,
  });
  for (const id of CLIENTS.map((name) => userSecret(whole, name))) {
    const { KmsKeyId, SecretString, GenerateSecretString } = propertiesOf(whole, SECRET, id);
    expect({ KmsKeyId, SecretString }).toEqual({ KmsKeyId: arnOf(whole, 'DataDatabaseKey'), SecretString: undefined });
    expect(GenerateSecretString).toMatchObject({ GenerateStringKey: 'password', PasswordLength: 32 });
    const { RotationLambdaARN, RotationRules } =
      propertiesOf(whole, ROTATION, only(whole, ROTATION, { SecretId: ref(id) }));
    expect(RotationLambdaARN).toEqual(attribute(usersFunctionId(whole), 'Arn'));
    expect(RotationRules.ScheduleExpression).toBe('cron(0 5 ? * SUN#1 *)');
  }
}

/**
 * The key of the partner: the only secret of the stacks besides those of the database users. A person enters its value
 * after the deployment.
 */
export function apiKeysAtRest(whole: Template) {
  const users = CLIENTS.map((name) => userSecret(whole, name));
  expectSame(Object.keys(whole.findResources(SECRET)), [partnerSecret(whole), ...users]);
  const { KmsKeyId, SecretString } = propertiesOf(whole, SECRET, partnerSecret(whole));
  expect(KmsKeyId).toEqual(arnOf(whole, 'ApplicationSecretsKey'));
  expect(SecretString).toBe('not-entered-yet');
}

/**
 * The execution roles may decrypt with the keys of the secrets: each the login of its own database user, and that of
 * the worker the key of the partner.
 */
export function secretsAreDecryptedByStarters(whole: Template) {
  const starters = PROGRAMS.map((name) => executionRole(whole, name));
  const keys = [arnOf(whole, 'ApplicationSecretsKey'), arnOf(whole, 'DataDatabaseKey')];
  const partner = ref(partnerSecret(whole));
  const may = starters.flatMap((role) =>
    allowing(granted(whole, role), 'kms:Decrypt').map(({ Resource, Condition }) => ({
      role,
      key: keys.findIndex((key) => JSON.stringify(key) === JSON.stringify(Resource)),
      Condition,
    })),
  );
  const forSecret = (arn: object) => ({ StringLike: { 'kms:EncryptionContext:SecretARN': [arn] } });
  expectSame(may, [
    ...CLIENTS.map((name) =>
      ({ role: executionRole(whole, name), key: 1, Condition: forSecret(ref(userSecret(whole, name))) })),
    { role: executionRole(whole, 'Worker'), key: 0, Condition: forSecret(partner) },
  ]);
}

/** ACM creates and renews the certificate, and the listener uses it. No secret or template contains a private key. */
export function certificateIsInAcm(whole: Template) {
  expect(propertiesOf(whole, LISTENER, only(whole, LISTENER, { Protocol: 'HTTPS' })).Certificates).toEqual([
    { CertificateArn: ref(only(whole, CERTIFICATE)) },
  ]);
  expect(propertiesOf(whole, CERTIFICATE, only(whole, CERTIFICATE))).toMatchObject({ ValidationMethod: 'DNS' });
  whole.resourceCountIs('AWS::IAM::ServerCertificate', 0);
  expect(JSON.stringify(whole.toJSON())).not.toMatch(/PRIVATE KEY/);
}

/** Alarm messages, on their path to the recipient. */
export function messagesAtRest(whole: Template) {
  expect(propertiesOf(whole, TOPIC, only(whole, TOPIC)).KmsMasterKeyId).toEqual(arnOf(whole, 'NetworkMonitoringKey'));
}

/** Tasks reach HTTPS only, and no store accepts requests without TLS. */
function inTheClearNowhere(whole: Template) {
  tasksReachHttps(whole);
  storesTakeTlsAlone(whole);
}

/**
 * Port 443 only, to an endpoint that requires TLS 1.2, as all endpoints of AWS do:
 * https://aws.amazon.com/blogs/security/tls-1-2-required-for-aws-endpoints/. Each secret denies requests without TLS.
 */
export function secretsOverHttps(whole: Template) {
  inTheClearNowhere(whole);
  const policies = all(whole, SECRET_POLICY).map(({ Properties }) => Properties);
  expectSame(policies.map(({ SecretId }) => SecretId), Object.keys(whole.findResources(SECRET)).map(ref));
  for (const { ResourcePolicy } of policies) {
    expect(ResourcePolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'secretsmanager:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  }
}

/** Port 443 only, from the registry of the account, which is one of these endpoints. */
export function imagesOverHttps(whole: Template) {
  inTheClearNowhere(whole);
  tasksNameAVersion(whole);
}
