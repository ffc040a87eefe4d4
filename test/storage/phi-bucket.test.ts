import { App, CfnParameter, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { anImportedReplica, bucketOf, named, policyStatements, reports, statementOf } from './some-bucket';
import { DataProtection } from '../../src/core/data-protection';
import { FieldEncryptionKey } from '../../src/storage/field-encryption-key';
import { MalwareScan } from '../../src/storage/malware-scan';
import { ObjectLock } from '../../src/storage/object-lock';
import { PhiBucket } from '../../src/storage/phi-bucket';
import { PhiBucketProps } from '../../src/storage/phi-bucket-props';
import { containerOf, someService } from '../service/fargate-fixtures';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';

const US_EAST_1 = { account: '111122223333', region: 'us-east-1' };
const US_WEST_2 = { account: '111122223333', region: 'us-west-2' };

let stack: Stack;
beforeEach(() => stack = newStack());

const messageOf = (props: unknown, scope = stack) => {
  try {
    reports(scope, props as PhiBucketProps);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no refusal';
};

describe('defaults', () => {
  let shared: Stack;
  beforeAll(() => {
    shared = newStack();
    reports(shared);
  });

  test('encrypt objects with a rotating key and a bucket key', () => {
    const [keyId] = Object.keys(templateOf(shared).findResources('AWS::KMS::Key'));
    expect(bucketOf(shared).BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { KMSMasterKeyID: { 'Fn::GetAtt': [keyId, 'Arn'] }, SSEAlgorithm: 'aws:kms' },
    }]);
    templateOf(shared).hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true, RotationPeriodInDays: 365 });
  });

  test('block public access, and disable access control lists', () => {
    expect(bucketOf(shared)).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  test('keep versions for 90 days, and delete the parts of incomplete uploads after a week', () => {
    expect(bucketOf(shared)).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
    expect(bucketOf(shared).LifecycleConfiguration.Rules).toEqual([
      {
        Id: 'NoncurrentVersions',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 90 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
    ]);
  });

  test('enable object lock without a retention, and send events to EventBridge', () => {
    expect(bucketOf(shared).ObjectLockEnabled).toBe(true);
    expect(bucketOf(shared).ObjectLockConfiguration).toBeUndefined();
    expect(bucketOf(shared).NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
  });

  test('log each request to a bucket that the construct creates, below a prefix with the name of the bucket', () => {
    const template = templateOf(shared);
    const [logsId] = Object.keys(propertiesOf(template, 'AWS::S3::Bucket')).filter((id) => id.includes('AccessLogs'));
    expect(bucketOf(shared).LoggingConfiguration).toEqual({
      DestinationBucketName: { Ref: logsId },
      LogFilePrefix: 's3-access/',
      TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
    });
    template.hasResource('AWS::S3::Bucket', {
      Properties: { LoggingConfiguration: Match.anyValue() },
      DependsOn: [Match.stringLikeRegexp('^ReportsAccessLogsPolicy')],
    });
  });

  test('deny requests without TLS, other keys and keys of clients', () => {
    const { PolicyDocument } = named(templateOf(shared), 'AWS::S3::BucketPolicy', 'ReportsBucketPolicy');
    expect(PolicyDocument.Statement[0]).toMatchObject({
      Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const header = 's3:x-amz-server-side-encryption';
    expect(statementOf(shared, 'OnlyKmsEncryption')!.Condition).toEqual({
      Null: { [header]: 'false' }, StringNotEquals: { [header]: 'aws:kms' },
    });
    expect(statementOf(shared, 'OnlyKeyOfBucket')!.Condition).toEqual({
      Null: { [`${header}-aws-kms-key-id`]: 'false' },
      StringNotEquals: { [`${header}-aws-kms-key-id`]: { 'Fn::GetAtt': ['ReportsKey3814F3D6', 'Arn'] } },
    });
    expect(statementOf(shared, 'NoKeysOfClients')!.Condition).toEqual({
      Null: { [`${header}-customer-algorithm`]: 'false' },
    });
  });

  test('retain the bucket, its policy and its key', () => {
    const all = Object.values(templateOf(shared).toJSON().Resources) as Array<Record<string, string>>;
    const policies = all.filter(({ Type }) => /Bucket|Key/.test(Type))
      .map(({ Type, DeletionPolicy, UpdateReplacePolicy }) => [Type, DeletionPolicy, UpdateReplacePolicy]);
    expect(policies.filter(([, ...both]) => both.some((each) => !each.startsWith('Retain')))).toEqual([]);
  });

  test('set no CORS rule, no replication, no scan and no request metrics', () => {
    const { CorsConfiguration, ReplicationConfiguration, MetricsConfigurations } = bucketOf(shared);
    expect([CorsConfiguration, ReplicationConfiguration, MetricsConfigurations]).toEqual(Array(3).fill(undefined));
    templateOf(shared).resourceCountIs('AWS::GuardDuty::MalwareProtectionPlan', 0);
    templateOf(shared).resourceCountIs('AWS::IAM::Role', 0);
  });
});

test('disposable data is emptied and deleted, without a retention', () => {
  DataProtection.of(stack).disposable({ reason: 'synthetic records' });
  reports(stack, { objectLock: ObjectLock.compliance({ retention: Duration.days(2_190), reason: 'policy 4' }) });
  templateOf(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  templateOf(stack).resourceCountIs('Custom::S3AutoDeleteObjects', 2);
  expect(bucketOf(stack).ObjectLockConfiguration).toBeUndefined();
});

test('a given key and a given log bucket create no others', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  const accessLogBucket = new s3.Bucket(stack, 'Logs', { encryption: s3.BucketEncryption.S3_MANAGED });
  const bucket = reports(stack, { encryptionKey, accessLogBucket });
  expect([bucket.encryptionKey, bucket.accessLogBucket]).toEqual([encryptionKey, accessLogBucket]);
  templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
  templateOf(stack).resourceCountIs('AWS::S3::Bucket', 2);
});

test('two buckets of a stack share a log bucket', () => {
  const { accessLogBucket } = reports(stack);
  new PhiBucket(stack, 'Uploads', { accessLogBucket });
  templateOf(stack).resourceCountIs('AWS::S3::Bucket', 3);
});

test('an imported log bucket gets a warning with what its policy must allow', () => {
  reports(stack, { accessLogBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'central-logs') });
  Annotations.fromStack(stack).hasWarning('/Stack/Reports', Match.stringLikeRegexp(
    'imported bucket Stack/Logs: it must allow logging.s3.amazonaws.com to put objects with the prefix s3-access/'));
});

test('the lifecycle of objects', () => {
  reports(stack, {
    lifecycle: [
      { prefix: 'exports/', expireAfter: Duration.days(7) },
      {
        transitions: [
          { storageClass: s3.StorageClass.INFREQUENT_ACCESS, after: Duration.days(30) },
          { storageClass: s3.StorageClass.DEEP_ARCHIVE, after: Duration.days(180) },
        ],
      },
    ],
    noncurrentVersionRetention: Duration.days(365),
  });
  const [first, , ...own] = bucketOf(stack).LifecycleConfiguration.Rules;
  expect(first.NoncurrentVersionExpiration).toEqual({ NoncurrentDays: 365 });
  expect(own).toEqual([
    { Id: 'Objects1', Status: 'Enabled', Prefix: 'exports/', ExpirationInDays: 7 },
    {
      Id: 'Objects2',
      Status: 'Enabled',
      Transitions: [
        { StorageClass: 'STANDARD_IA', TransitionInDays: 30 }, { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 180 },
      ],
    },
  ]);
});

test.each(['governance', 'compliance'] as const)('object lock in %s mode', (mode) => {
  const bucket = reports(stack, {
    objectLock: ObjectLock[mode]({ retention: Duration.days(2_190), reason: 'policy 4' }),
  });
  expect(bucketOf(stack).ObjectLockConfiguration).toEqual({
    ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 2_190, Mode: mode.toUpperCase() } },
  });
  Annotations.fromStack(stack).hasInfo(`/${bucket.node.path}`, Match.stringLikeRegexp('reason given: policy 4'));
});

test('pages of the named origins can use presigned URLs', () => {
  reports(stack, { browserOrigins: ['https://app.example.com', 'https://admin.example.com:8443'] });
  expect(bucketOf(stack).CorsConfiguration.CorsRules).toEqual([{
    Id: 'PresignedRequests',
    AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT'],
    AllowedOrigins: ['https://app.example.com', 'https://admin.example.com:8443'],
    AllowedHeaders: ['content-disposition', 'content-md5', 'content-type', 'x-amz-*'],
    ExposedHeaders: ['Content-Disposition', 'Content-Length', 'ETag', 'x-amz-version-id'],
    MaxAge: 3_600,
  }]);
});

describe('VPC endpoints', () => {
  const endpoint = () => ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'Endpoint', 'vpce-1');

  test('are the only way to the objects, except for AWS services', () => {
    reports(stack, { vpcEndpoints: [endpoint()] });
    expect(statementOf(stack, 'OnlyThroughVpcEndpoints')).toMatchObject({
      Effect: 'Deny',
      Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      Condition: {
        StringNotEquals: { 'aws:SourceVpce': ['vpce-1'] },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false', 'aws:ViaAWSService': 'false' },
      },
    });
  });

  test('do not apply to the role that scans', () => {
    reports(stack, { vpcEndpoints: [endpoint()], malwareScan: MalwareScan.allObjects() });
    expect(statementOf(stack, 'OnlyThroughVpcEndpoints')!.Condition.ArnNotEquals).toEqual({
      'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching('^ReportsMalwareScanRole'), 'Arn'] },
    });
  });

  test('do not apply to the function that empties a disposable bucket', () => {
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    reports(stack, { vpcEndpoints: [endpoint()] });
    expect(statementOf(stack, 'OnlyThroughVpcEndpoints')!.Action)
      .toEqual(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject']);
  });
});

describe('replication', () => {
  test('copies objects, tags, locks and delete markers to a bucket in another region', () => {
    const app = newApp();
    const replica = new PhiBucket(new Stack(app, 'West', { env: US_WEST_2 }), 'Replica');
    const east = new Stack(app, 'East', { env: US_EAST_1 });
    reports(east, { replicaBucket: replica.bucket });
    const output = (name: string) => ({
      'Fn::GetStackOutput': { StackName: 'West', Region: 'us-west-2', OutputName: expect.stringContaining(name) },
    });
    app.synth();
    expect(bucketOf(east).ReplicationConfiguration.Rules).toEqual([{
      Id: 'AllObjects',
      Status: 'Enabled',
      Priority: 1,
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Enabled' },
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: {
        Bucket: output('ReplicaBucket'),
        EncryptionConfiguration: { ReplicaKmsKeyID: output('ReplicaKey') },
        Metrics: { Status: 'Enabled' },
      },
    }]);
  });

  test('has a role with named actions on the two buckets and their keys', () => {
    reports(stack, { replicaBucket: anImportedReplica(stack) });
    expect(policyStatements(stack).map(({ Action }) => Action)).toEqual([
      ['s3:GetReplicationConfiguration', 's3:ListBucket'],
      ['s3:GetObjectLegalHold', 's3:GetObjectRetention', 's3:GetObjectVersionAcl',
        's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'],
      ['s3:ReplicateDelete', 's3:ReplicateObject', 's3:ReplicateTags'],
      'kms:Decrypt',
      ['kms:Encrypt', 'kms:GenerateDataKey'],
    ]);
  });

  test('makes another account the owner of the replicas, and prints what its policies must contain', () => {
    const east = newStack({ env: US_EAST_1 });
    reports(east, { replicaBucket: anImportedReplica(east, '444455556666') });
    expect(bucketOf(east).ReplicationConfiguration.Rules[0].Destination).toMatchObject({
      Account: '444455556666', AccessControlTranslation: { Owner: 'Destination' },
    });
    const actions = ['ObjectOwnerOverrideToBucketOwner', 'ReplicateDelete', 'ReplicateObject', 'ReplicateTags']
      .map((action) => `"s3:${action}"`).join();
    Annotations.fromStack(east).hasWarning('/Stack/Reports', Match.stringLikeRegexp(actions));
    Annotations.fromStack(east).hasWarning('/Stack/Reports',
      Match.stringLikeRegexp('the imported key arn:aws:kms:us-west-2:444455556666:key/1'));
  });
});

describe('use by a service', () => {
  const ofService = (scope: Stack) => policyStatements(scope)
    .filter(({ Resource }) => JSON.stringify(Resource).includes('Reports'));
  const objects = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['ReportsBucket95FE29A2', 'Arn'] }, '/*']] };

  test('sets the variable, and allows to list, read, write and delete objects', () => {
    someService(stack, { uses: [reports(stack)] });
    expect(containerOf(stack).Environment)
      .toEqual([{ Name: 'REPORTS_BUCKET_NAME', Value: { Ref: 'ReportsBucket95FE29A2' } }]);
    expect(ofService(stack).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['s3:GetObject', 's3:GetObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts',
        's3:PutObject', 's3:DeleteObject'], objects],
      ['s3:ListBucket', { 'Fn::GetAtt': ['ReportsBucket95FE29A2', 'Arn'] }],
      [['kms:Decrypt', 'kms:GenerateDataKey'], { 'Fn::GetAtt': ['ReportsKey3814F3D6', 'Arn'] }],
    ]);
    expect(ofService(stack)[2].Condition).toEqual({
      StringLike: {
        'kms:EncryptionContext:aws:s3:arn': [{ 'Fn::GetAtt': ['ReportsBucket95FE29A2', 'Arn'] }, objects],
      },
    });
  });

  test.each([
    ['readOnly', [['s3:GetObject', 's3:GetObjectTagging'], 's3:ListBucket', 'kms:Decrypt']],
    ['writeOnly', [
      ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    ]],
  ] as const)('%s narrows the permissions', (narrow, actions) => {
    const bucket = reports(stack);
    someService(stack, { uses: [bucket[narrow]()] });
    expect(ofService(stack).map(({ Action }) => Action)).toEqual(actions);
    expect(containerOf(stack).Environment).toHaveLength(1);
    expect(bucket[narrow]()).toBe(bucket[narrow]());
  });

  test('starts the tasks after the bucket and its policy exist', () => {
    someService(stack, { uses: [reports(stack).readOnly()] });
    templateOf(stack).hasResource('AWS::ECS::Service', {
      DependsOn: Match.arrayWith(['ReportsBucketPolicyDDF1E8F1', 'ReportsBucket95FE29A2']),
    });
  });

  test('has a service in another stack without a cycle', () => {
    const app = new App({ analyticsReporting: false });
    const data = new Stack(app, 'Data');
    const services = new Stack(app, 'Services');
    someService(services, { uses: [reports(data)] });
    expect(() => app.synth()).not.toThrow();
    expect(services.dependencies).toEqual([data]);
  });
});

test('grants go to a managed policy of the role', () => {
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const bucket = reports(stack);
  for (const grant of [bucket.grantRead(role), bucket.grantWrite(role), bucket.grantReadWrite(role)]) {
    expect(grant.success).toBe(true);
  }
  templateOf(stack).resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
});

test.each([
  ['a bucket', (scope: Stack) => new PhiBucket(scope, 'Store')],
  ['a bucket to read', (scope: Stack) => new PhiBucket(scope, 'Store').readOnly()],
  ['a field key', (scope: Stack) => new FieldEncryptionKey(scope, 'Store', { contextKeys: ['table'] })],
])('%s refuses a construct without a role, to which it could grant nothing', (_, make) => {
  const resource = make(stack);
  expect(() => resource.bindToService({ service: new Construct(stack, 'Own') })).toThrow(new Error(
    '[Stack/Store] Stack/Own must be an iam.IGrantable to use this resource, which grants it permissions. Implement '
    + 'iam.IGrantable in the service, or grant the actions to its role yourself.'));
});

describe('refusals', () => {
  const bucketOfApp = (id: string, props: s3.BucketProps = {}) => new s3.Bucket(stack, id, props);
  const day = Duration.days(1);
  const to = (storageClass: s3.StorageClass, days: number) => ({ storageClass, after: Duration.days(days) });
  const { DEEP_ARCHIVE, GLACIER, INFREQUENT_ACCESS, ONE_ZONE_INFREQUENT_ACCESS } = s3.StorageClass;

  test.each<[string, () => unknown, string]>([
    ['no retention of versions', () => ({ noncurrentVersionRetention: Duration.days(0) }),
      'noncurrentVersionRetention in days must be an integer from 1 to 36500, got 0. Use an integer in this range.'],
    ['a rule without an effect', () => ({ lifecycle: [{ prefix: 'a/' }] }),
      'lifecycle[0] must contain transitions or expireAfter. Add one of them, or remove the rule.'],
    ['a prefix with a slash', () => ({ lifecycle: [{ prefix: '/a', expireAfter: day }] }),
      "lifecycle[0].prefix must be without a slash at its start, got '/a'. Remove the first slash."],
    ['a blank prefix', () => ({ lifecycle: [{ prefix: ' ', expireAfter: day }] }),
      "lifecycle[0].prefix must be a non-blank string, got ' '. Name the prefix, or leave it out for all objects."],
    ['one zone', () => ({ lifecycle: [{ transitions: [to(ONE_ZONE_INFREQUENT_ACCESS, 30)] }] }),
      'lifecycle[0].transitions[0].storageClass must be one of STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, '
        + "DEEP_ARCHIVE, whose objects survive the loss of a zone, got 'ONEZONE_IA'. Use another member of "
        + 's3.StorageClass.'],
    ['infrequent access too early', () => ({ lifecycle: [{ transitions: [to(INFREQUENT_ACCESS, 29)] }] }),
      'lifecycle[0].transitions[0].after in days must be an integer from 30 to 36500, got 29. Use an integer in this '
        + 'range.'],
    ['a warmer class', () => ({ lifecycle: [{ transitions: [to(DEEP_ARCHIVE, 1), to(GLACIER, 2)] }] }),
      'lifecycle[0].transitions[1].storageClass must be colder than DEEP_ARCHIVE, the class of the transition before '
        + "it, got 'GLACIER'. Sort the transitions by their age, or remove one of the two."],
    ['a transition too soon', () => ({ lifecycle: [{ transitions: [to(INFREQUENT_ACCESS, 30), to(GLACIER, 59)] }] }),
      'lifecycle[0].transitions[1].after in days must be an integer from 60 to 36500, got 59. Use an integer in this '
        + 'range.'],
    ['an expiration before a transition', () =>
      ({ lifecycle: [{ transitions: [to(GLACIER, 30)], expireAfter: Duration.days(30) }] }),
    'lifecycle[0].expireAfter must be longer than 30 days, the age of the last transition, got 30 days. Raise it, or '
        + 'remove the transition.'],
    ['a lock without a reason', () => ({ objectLock: ObjectLock.compliance({ retention: day, reason: ' ' }) }),
      "objectLock.reason must be a non-blank string, got ' '. Name the law or the policy that requires the retention."],
    ['a lock for half a day', () =>
      ({ objectLock: ObjectLock.governance({ retention: Duration.hours(12), reason: 'policy 4' }) }),
    'objectLock.retention in days must be an integer from 1 to 36500, got 0.5. Use an integer in this range.'],
    ['no origins', () => ({ browserOrigins: [] }),
      'browserOrigins must be 1 to 100 origins, got 0 origins. Name the pages, or leave browserOrigins out.'],
    ['any origin', () => ({ browserOrigins: ['*'] }),
      "browserOrigins[0] must be the HTTPS origin of one page in lowercase, such as 'https://app.example.com', without "
        + "path or wildcard, got '*'. Name each origin: with a wildcard, any page of the pattern reads the answers."],
    ['an HTTP origin', () => ({ browserOrigins: ['http://app.example.com'] }),
      "browserOrigins[0] must be the HTTPS origin of one page in lowercase, such as 'https://app.example.com', without "
        + "path or wildcard, got 'http://app.example.com'. Serve the page over HTTPS."],
    ['an origin with a path', () => ({ browserOrigins: ['https://app.example.com/'] }),
      "browserOrigins[0] must be the HTTPS origin of one page in lowercase, such as 'https://app.example.com', without "
        + "path or wildcard, got 'https://app.example.com/'. Write https://, the host and, if it is not 443, the port."],
    ['no endpoints', () => ({ vpcEndpoints: [] }),
      'vpcEndpoints must be a list with at least one endpoint, got an empty list. Pass the S3 endpoint of the VPC, or '
        + 'leave vpcEndpoints out.'],
    ['endpoints and browsers', () => ({
      browserOrigins: ['https://app.example.com'],
      vpcEndpoints: [ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'Endpoint', 'vpce-1')],
    }), 'vpcEndpoints and browserOrigins must not be used together, because the browsers of users do not use an '
      + 'endpoint. Remove vpcEndpoints, or let a service read and write the objects.'],
    ['too many prefixes to scan', () => ({ malwareScan: MalwareScan.prefixes('a', 'b', 'c', 'd', 'e', 'f') }),
      'malwareScan must be at most 5 prefixes, the quota of GuardDuty, got 6 prefixes. Use a common prefix, or '
        + 'MalwareScan.allObjects().'],
    ['a prefix to scan with a slash', () => ({ malwareScan: MalwareScan.prefixes('/uploads') }),
      'prefix of malwareScan must be the start of keys, without a slash or a wildcard at its start, got '
        + "'/uploads'. Pass a prefix such as 'uploads/', or use MalwareScan.allObjects()."],
    ['a replica without a key', () => ({ replicaBucket: bucketOfApp('Replica') }),
      'replicaBucket must be a bucket with a customer managed key, got Stack/Replica without a known key. Create it as '
        + 'a PhiBucket, or import it with Bucket.fromBucketAttributes({ encryptionKey, region, … }).'],
    ['a replica without versions', () => ({
      replicaBucket: bucketOfApp('Replica', { encryptionKey: new kms.Key(stack, 'Key') }),
    }), 'replicaBucket must be a bucket with versioning, got Stack/Replica without versions. Create it as a PhiBucket, '
      + 'or with versioned: true.'],
    ['a replica without object lock', () => ({
      replicaBucket: bucketOfApp('Replica', { encryptionKey: new kms.Key(stack, 'Key'), versioned: true }),
    }), 'replicaBucket must be a bucket with object lock, like each PhiBucket, got Stack/Replica without object lock. '
      + 'Create it as a PhiBucket, or with objectLockEnabled: true.'],
    ['a log bucket with object lock', () => ({ accessLogBucket: bucketOfApp('Logs', { objectLockEnabled: true }) }),
      'accessLogBucket must be a bucket without object lock, which S3 does not support for access logs, got Stack/Logs '
        + 'with object lock. Create it without objectLockEnabled, or leave accessLogBucket out: the construct then '
        + 'creates one.'],
    ['a log bucket with a key', () =>
      ({ accessLogBucket: bucketOfApp('Logs', { encryptionKey: new kms.Key(stack, 'Key') }) }),
    'accessLogBucket must be a bucket with S3 managed keys (SSE-S3), the only keys that S3 supports for access logs, '
        + 'got a bucket with the key Stack/Key. Pass another bucket, or leave accessLogBucket out: the construct then '
        + 'creates one.'],
    ['a PhiBucket as its own type', () => ({ replicaBucket: new PhiBucket(stack, 'Replica') }),
      "replicaBucket must be an s3.IBucket, got a PhiBucket at Stack/Replica. Use its field 'bucket'."],
  ])('%s', (_name, props, message) => {
    expect(messageOf(props())).toBe(`[Stack/Reports] ${message}`);
  });

  test('a replica in the same region and account', () => {
    const east = newStack({ env: US_EAST_1 });
    const replica = new PhiBucket(east, 'Replica');
    expect(messageOf({ replicaBucket: replica.bucket }, east)).toBe(
      '[Stack/Reports] replicaBucket must be a bucket in another region or account, because versions protect the '
      + 'objects in this one, got Stack/Replica/Bucket in us-east-1. Create it in a stack of another region, or pass '
      + 'region to Bucket.fromBucketAttributes.');
  });

  test('a replica in a nested stack of another region', () => {
    const app = newApp();
    const nested = new NestedStack(new Stack(app, 'West', { env: US_WEST_2 }), 'Nested');
    const replica = new PhiBucket(nested, 'Replica');
    expect(messageOf({ replicaBucket: replica.bucket }, new Stack(app, 'East', { env: US_EAST_1 }))).toBe(
      '[East/Reports] replicaBucket must not be in a nested stack of another region, but West/Nested/Replica/Bucket '
      + 'is. Create it in a top-level stack.');
  });

  test('tokens pass', () => {
    const number = new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber;
    const text = new CfnParameter(stack, 'Text').valueAsString;
    expect(messageOf({
      lifecycle: [{
        prefix: text,
        transitions: [{ storageClass: GLACIER, after: Duration.days(number) }],
        expireAfter: Duration.days(number),
      }],
      noncurrentVersionRetention: Duration.days(number),
      objectLock: ObjectLock.governance({ retention: Duration.days(number), reason: 'policy 4' }),
      browserOrigins: [text],
      malwareScan: MalwareScan.prefixes(text),
    })).toBe('no refusal');
    expect(() => templateOf(stack)).not.toThrow();
  });
});

test('the logical IDs of what holds data', () => {
  reports(stack);
  const ids = Object.entries(templateOf(stack).toJSON().Resources as Record<string, { Type: string }>)
    .map(([id, { Type }]) => `${Type} ${id}`).sort();
  expect(ids).toEqual([
    'AWS::KMS::Key ReportsKey3814F3D6',
    'AWS::S3::Bucket ReportsAccessLogsE462890F',
    'AWS::S3::Bucket ReportsBucket95FE29A2',
    'AWS::S3::BucketPolicy ReportsAccessLogsPolicyF25C5A22',
    'AWS::S3::BucketPolicy ReportsBucketPolicyDDF1E8F1',
  ]);
});
