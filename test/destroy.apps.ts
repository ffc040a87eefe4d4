import { Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DataProtection, FlowLogStorage, HipaaVpc } from '../src';
import { newApp } from './support/app';
import { Dependencies, DependencyTemplate } from './support/dependencies';
import { leftovers, losses, rollbackLeftovers, STATEFUL_TYPES } from './support/leftovers';
import { Subject, SUBJECTS, Things, things } from './support/shapes';

const cases = SUBJECTS.map((subject): [string, Subject] => [subject.name, subject]);

/** A new template, which the tests can modify. */
function synthesized(fill: (stack: Stack) => void, options: { disposable: boolean }): DependencyTemplate {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  if (options.disposable) DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  fill(stack);
  return structuredClone(app.synth().getStackArtifact(stack.artifactId).template);
}

function templateWith(
  subject: Subject,
  options: { disposable: boolean; own?: (users: Construct) => Partial<Things> },
): DependencyTemplate {
  return synthesized((stack) => subject.make(stack, 'Subject', things(stack, options.own)), options);
}

/** A log bucket of the user with the data protection of the stack. */
function ownBucket(users: Construct): Partial<Things> {
  const { removalPolicy, isDisposable } = DataProtection.of(users);
  const logBucket = new s3.Bucket(users, 'Logs', {
    removalPolicy,
    autoDeleteObjects: isDisposable,
    enforceSSL: true,
    // CloudFront delivers logs with an access control list.
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
  });
  logBucket.policy!.applyRemovalPolicy(removalPolicy);
  return { logBucket };
}

const flowLogBucket = (stack: Stack) => new HipaaVpc(stack, 'Network', { flowLogs: FlowLogStorage.bucket() });

describe('the deletion of a disposable stack', () => {
  test.each(cases)('with %s succeeds and leaves nothing behind', (_, subject) => {
    expect(leftovers(templateWith(subject, { disposable: true }))).toEqual([]);
  });

  test.each(cases.filter(([, { takes }]) => takes.includes('logBucket')))(
    'with %s and a log bucket of the user succeeds and leaves nothing behind',
    (_, subject) => {
      const template = templateWith(subject, { disposable: true, own: ownBucket });
      expect(leftovers(template)).toEqual([]);
      const dependencies = new Dependencies(template);
      // The user creates the bucket first, so it is the first one in the template.
      expect(dependencies.writersTo(dependencies.ofType('AWS::S3::Bucket')[0])).not.toEqual([]);
    },
  );

  test('with HipaaVpc and a flow log bucket deletes the flow log before it empties the bucket', () => {
    const template = synthesized(flowLogBucket, { disposable: true });
    expect(leftovers(template)).toEqual([]);
    const dependencies = new Dependencies(template);
    const [[flowLog], [bucket]] = [dependencies.ofType('AWS::EC2::FlowLog'), dependencies.ofType('AWS::S3::Bucket')];
    expect(dependencies.writersTo(bucket)).toEqual([flowLog]);
    expect(dependencies.goesBefore(flowLog, dependencies.emptierOf(bucket)!)).toBe(true);
  });
});

describe('the deletion of a stack with retained data', () => {
  test.each(cases)('with %s deletes no stateful resource', (_, subject) => {
    expect(losses(templateWith(subject, { disposable: false }))).toEqual([]);
  });

  test.each(cases.filter(([, { takes }]) => takes.includes('logBucket')))(
    'with %s and a log bucket of the user does not empty the bucket',
    (_, subject) => {
      expect(losses(templateWith(subject, { disposable: false, own: ownBucket }))).toEqual([]);
    },
  );

  test('with HipaaVpc and a flow log bucket keeps the bucket and its objects', () => {
    expect(losses(synthesized(flowLogBucket, { disposable: false }))).toEqual([]);
  });
});

describe('the rollback of a failed first deployment with retained data', () => {
  test.each(cases)('with %s keeps only what it cannot delete', (_, subject) => {
    expect(rollbackLeftovers(templateWith(subject, { disposable: false }))).toEqual([]);
  });

  test('with HipaaVpc and a flow log bucket keeps nothing, or the bucket with its key', () => {
    expect(rollbackLeftovers(synthesized(flowLogBucket, { disposable: false }))).toEqual([]);
  });
});

/** A template with the types of resources that the findings are about. */
function everything(options: { disposable: boolean }): DependencyTemplate {
  const named = (name: string) => SUBJECTS.find((subject) => subject.name === name)!;
  return synthesized((stack) => {
    const given = things(stack);
    for (const name of [
      'SecureLoadBalancer',
      'SecureFargateService',
      'EncryptedDatabaseInstance (PostgreSQL)',
      'RotatingSecrets',
    ]) {
      named(name).make(stack, name.replace(/\W/g, ''), given);
    }
    flowLogBucket(stack);
  }, options);
}

type Resource = DependencyTemplate['Resources'][string];
/** Modifies the first resource of a type. */
const modify =
  (type: string, change: (resource: { -readonly [K in keyof Resource]: Resource[K] }) => void) =>
    (template: DependencyTemplate) => {
      change(Object.values(template.Resources).find((resource) => resource.Type === type)!);
    };
const add = (id: string, resource: Resource) => (template: DependencyTemplate) => {
  template.Resources[id] = resource;
};

describe('leftovers()', () => {
  const sound = everything({ disposable: true });

  test('finds nothing in an unmodified template', () => {
    expect(leftovers(sound)).toEqual([]);
  });

  test.each<[string, (template: DependencyTemplate) => void, RegExp]>([
    [
      'a key that is retained',
      modify('AWS::KMS::Key', (key) => (key.DeletionPolicy = 'Retain')),
      /^AWS::KMS::Key \w+: DeletionPolicy is Retain$/,
    ],
    [
      'a key that is retained when it is replaced',
      modify('AWS::KMS::Key', (key) => (key.UpdateReplacePolicy = 'Retain')),
      /^AWS::KMS::Key \w+: UpdateReplacePolicy is Retain$/,
    ],
    [
      'a database without a policy, which leaves a snapshot',
      modify('AWS::RDS::DBInstance', (it) => delete it.DeletionPolicy),
      /^AWS::RDS::DBInstance \w+: DeletionPolicy is left out$/,
    ],
    [
      'a retained resource of any other type',
      add('Other', { Type: 'AWS::SNS::Topic', DeletionPolicy: 'RetainExceptOnCreate' }),
      /^AWS::SNS::Topic Other: DeletionPolicy is RetainExceptOnCreate$/,
    ],
    [
      'a protected database',
      modify('AWS::RDS::DBInstance', (it) => (it.Properties.DeletionProtection = true)),
      /^AWS::RDS::DBInstance \w+: it is protected from deletion$/,
    ],
    [
      'a protected table',
      add('Table', { Type: 'AWS::DynamoDB::GlobalTable', Properties: { DeletionProtectionEnabled: true } }),
      /^AWS::DynamoDB::GlobalTable Table: it is protected from deletion$/,
    ],
    [
      'a protected log group',
      modify('AWS::Logs::LogGroup', (it) => (it.Properties.DeletionProtectionEnabled = true)),
      /^AWS::Logs::LogGroup \w+: it is protected from deletion$/,
    ],
    [
      'a protected load balancer',
      modify('AWS::ElasticLoadBalancingV2::LoadBalancer', (it) => {
        it.Properties.LoadBalancerAttributes.find(
          ({ Key }: { Key: string }) => Key === 'deletion_protection.enabled',
        ).Value = 'true';
      }),
      /^AWS::ElasticLoadBalancingV2::LoadBalancer \w+: it is protected from deletion$/,
    ],
    [
      'a backup plan',
      add('Plan', { Type: 'AWS::Backup::BackupPlan' }),
      /^AWS::Backup::BackupPlan Plan: a backup is kept$/,
    ],
    [
      'a policy that denies deletion',
      modify('AWS::SecretsManager::ResourcePolicy', (it) =>
        it.Properties.ResourcePolicy.Statement.push({ Effect: 'Deny', Action: 'secretsmanager:DeleteSecret' }),
      ),
      /^AWS::SecretsManager::ResourcePolicy \w+: a policy denies its deletion$/,
    ],
    [
      'objects that are locked by themselves',
      modify(
        'AWS::S3::Bucket',
        (it) => (it.Properties.ObjectLockConfiguration = { Rule: { DefaultRetention: { Days: 1 } } }),
      ),
      /^AWS::S3::Bucket \w+: objects are locked by themselves$/,
    ],
    [
      'a bucket that nothing empties',
      add('Pile', { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }),
      /^AWS::S3::Bucket Pile: nothing empties it$/,
    ],
    [
      'a repository with images',
      add('Images', { Type: 'AWS::ECR::Repository', DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }),
      /^AWS::ECR::Repository Images: its images prevent its deletion$/,
    ],
    [
      'a circle',
      (template) => {
        Object.assign(template.Resources, {
          Half: { Type: 'AWS::SNS::Topic', DependsOn: 'OtherHalf' },
          OtherHalf: { Type: 'AWS::SNS::Topic', DependsOn: ['Half'] },
        });
      },
      /^AWS::SNS::Topic (Other)?Half: it depends on itself$/,
    ],
    [
      'a role that can create its log group again',
      add('Policy', {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:PutLogEvents'], Resource: '*' }],
          },
        },
      }),
      /^AWS::IAM::ManagedPolicy Policy: it may create log groups again$/,
    ],
    [
      'a load balancer that is deleted after its bucket is emptied',
      modify('AWS::ElasticLoadBalancingV2::LoadBalancer', (it) => {
        it.DependsOn = [it.DependsOn ?? []].flat().filter((id) => !id.includes('AutoDeleteObjects'));
      }),
      /^SecureLoadBalancer\w+ -> SecureLoadBalancerAccessLogs\w+: written to after it was emptied$/,
    ],
    [
      'a flow log that is deleted after its bucket is emptied',
      modify('AWS::EC2::FlowLog', (it) => (it.DependsOn = [])),
      /^NetworkFlowLog\w+ -> NetworkFlowLogBucket\w+: written to after it was emptied$/,
    ],
    // Modifies every resource, because the subnet group of the database also depends on the log groups.
    [
      'a database that is deleted after its log groups',
      (template) => Object.values(template.Resources).forEach((resource) => Object.assign(resource, { DependsOn: [] })),
      /^EncryptedDatabaseInstancePostgreSQLInstance\w+ -> EncryptedDatabaseInstancePostgreSQL(Postgresql|Upgrade)Log\w+: written to after it was deleted$| written to after it was emptied$/,
    ],
  ])('finds %s', (_, change, finding) => {
    const template = structuredClone(sound);
    change(template);
    const found = leftovers(template);
    expect(found).not.toEqual([]);
    expect(found.filter((line) => !finding.test(line))).toEqual([]);
  });

  test.each<[string, unknown]>([
    [
      'AWS::CloudFront::Distribution',
      { DistributionConfig: { Logging: { Bucket: { 'Fn::GetAtt': ['Pile', 'RegionalDomainName'] } } } },
    ],
    ['AWS::S3::Bucket', { LoggingConfiguration: { DestinationBucketName: { Ref: 'Pile' } } }],
    ['AWS::CloudTrail::Trail', { S3BucketName: { Ref: 'Pile' } }],
    ['AWS::Config::DeliveryChannel', { S3BucketName: { Ref: 'Pile' } }],
    ['AWS::WAFv2::LoggingConfiguration', { LogDestinationConfigs: [{ 'Fn::Sub': '${Pile.Arn}' }] }],
    ['AWS::Logs::DeliveryDestination', { DestinationResourceArn: { 'Fn::GetAtt': 'Pile.Arn' } }],
    [
      'AWS::ECS::Cluster',
      { Configuration: { ExecuteCommandConfiguration: { LogConfiguration: { S3BucketName: { Ref: 'Pile' } } } } },
    ],
    ['Custom::SiteDeployment', { Files: { Bucket: { 'Fn::Join': ['', ['s3://', { Ref: 'Pile' }]] } } }],
  ])('detects that %s writes to a bucket', (Type, Properties) => {
    const pile = { Type: 'AWS::S3::Bucket' };
    const emptier = { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: { Ref: 'Pile' } } };
    const late = { Resources: { Pile: pile, Emptier: emptier, Writer: { Type, Properties } } };
    expect(new Dependencies(late).lateWriters()).toEqual(['Writer -> Pile']);
    const inTime = {
      Resources: {
        Pile: pile,
        Emptier: emptier,
        Writer: { Type, Properties, DependsOn: 'Between' },
        Between: { Type: 'AWS::Test::Any', DependsOn: ['Emptier'] },
      },
    };
    expect(new Dependencies(inTime).lateWriters()).toEqual([]);
  });
});

describe('rollbackLeftovers()', () => {
  const sound = everything({ disposable: false });

  test('finds nothing in an unmodified template, which contains the exceptions', () => {
    expect(rollbackLeftovers(sound)).toEqual([]);
    const retained = Object.values(sound.Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect([...new Set(retained.map(({ Type }) => Type))].sort()).toEqual([
      'AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::SecretsManager::RotationSchedule',
    ]);
  });

  test.each<[string, (template: DependencyTemplate) => void, RegExp]>([
    [
      'a retained key',
      modify('AWS::KMS::Key', (it) => (it.DeletionPolicy = 'Retain')),
      /^AWS::KMS::Key \w+: a rollback keeps it$/,
    ],
    [
      'a retained log group without deletion protection',
      modify('AWS::Logs::LogGroup', (it) => Object.assign(it, {
        DeletionPolicy: 'Retain', Properties: { ...it.Properties, DeletionProtectionEnabled: false },
      })),
      /^AWS::Logs::LogGroup \w+: a rollback keeps it$/,
    ],
    [
      'a retained policy that denies the deletion of its secret',
      modify('AWS::SecretsManager::ResourcePolicy', (it) => (it.DeletionPolicy = 'Retain')),
      /^AWS::SecretsManager::ResourcePolicy \w+: a rollback keeps it$/,
    ],
    [
      'a retained bucket whose key is deleted',
      (template) => {
        const [, bucket] = Object.entries(template.Resources).find(([id]) => id.startsWith('NetworkFlowLogBucket'))!;
        Object.assign(bucket, { DeletionPolicy: 'Retain' });
      },
      /^AWS::S3::Bucket NetworkFlowLogBucket\w+: a rollback keeps it and deletes its key$/,
    ],
    [
      'data that is deleted with its stack',
      modify('AWS::SecretsManager::Secret', (it) => (it.DeletionPolicy = 'Delete')),
      /^AWS::SecretsManager::Secret \w+: DeletionPolicy is Delete$/,
    ],
  ])('finds %s', (_, change, finding) => {
    const template = structuredClone(sound);
    change(template);
    expect(rollbackLeftovers(template)).toEqual([expect.stringMatching(finding)]);
  });
});

describe('losses()', () => {
  const sound = everything({ disposable: false });

  test('finds nothing in an unmodified template with stateful resources', () => {
    expect(losses(sound)).toEqual([]);
    const types = new Set(Object.values(sound.Resources).map(({ Type }) => Type));
    expect(STATEFUL_TYPES.filter((type) => types.has(type))).toEqual(
      expect.arrayContaining([
        'AWS::RDS::DBInstance',
        'AWS::KMS::Key',
        'AWS::S3::Bucket',
        'AWS::S3::BucketPolicy',
        'AWS::Logs::LogGroup',
        'AWS::SecretsManager::Secret',
        'AWS::Backup::BackupVault',
      ]),
    );
  });

  test.each<[string, (template: DependencyTemplate) => void, RegExp]>([
    [
      'a key that is deleted',
      modify('AWS::KMS::Key', (it) => (it.DeletionPolicy = 'Delete')),
      /^AWS::KMS::Key \w+: DeletionPolicy is Delete$/,
    ],
    [
      'a log group without a policy',
      modify('AWS::Logs::LogGroup', (it) => delete it.UpdateReplacePolicy),
      /^AWS::Logs::LogGroup \w+: UpdateReplacePolicy is left out$/,
    ],
    [
      'an audit log without deletion protection',
      add('Audit', {
        Type: 'AWS::Logs::LogGroup',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { RetentionInDays: 2192 },
      }),
      /^AWS::Logs::LogGroup Audit: it is not protected from deletion$/,
    ],
    [
      'an unprotected database',
      modify('AWS::RDS::DBInstance', (it) => (it.Properties.DeletionProtection = false)),
      /it is not protected from deletion$/,
    ],
    [
      'an unprotected load balancer',
      modify('AWS::ElasticLoadBalancingV2::LoadBalancer', (it) => (it.Properties.LoadBalancerAttributes = [])),
      /it is not protected from deletion$/,
    ],
    [
      'automated backups that are deleted',
      modify('AWS::RDS::DBInstance', (it) => (it.Properties.DeleteAutomatedBackups = true)),
      /its automated backups are deleted with it$/,
    ],
    [
      'a database without a standby',
      modify('AWS::RDS::DBInstance', (it) => (it.Properties.MultiAZ = false)),
      /it has no standby$/,
    ],
    [
      'a plan that selects nothing',
      modify('AWS::Backup::BackupSelection', (it) => (it.Type = 'AWS::Test::Nothing')),
      /no vault keeps its backups$/,
    ],
    [
      'a vault whose backups can be deleted',
      modify('AWS::Backup::BackupVault', (it) => delete it.Properties.AccessPolicy),
      /backups can be deleted from it$/,
    ],
    [
      'a bucket that is emptied',
      (template) => {
        const [bucket] = new Dependencies(template).ofType('AWS::S3::Bucket');
        template.Resources.Emptier = {
          Type: 'Custom::S3AutoDeleteObjects',
          Properties: { BucketName: { Ref: bucket } },
        };
      },
      /it is emptied with its stack$/,
    ],
    [
      'a repository that is emptied',
      add('Images', {
        Type: 'AWS::ECR::Repository',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { EmptyOnDelete: true },
      }),
      /its images are deleted with it$/,
    ],
    [
      'a secret that can be deleted',
      add('Secret', { Type: 'AWS::SecretsManager::Secret', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }),
      /^AWS::SecretsManager::Secret Secret: no policy denies its deletion$/,
    ],
  ])('finds %s', (_, change, finding) => {
    const template = structuredClone(sound);
    change(template);
    const found = losses(template);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(finding);
  });
});

describe('for a cluster,', () => {
  const named = SUBJECTS.find(({ name }) => name === 'EncryptedAuroraCluster (PostgreSQL)')!;
  const instances = (template: DependencyTemplate) =>
    Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::RDS::DBInstance');

  test.each<[string, (template: DependencyTemplate) => void, RegExp]>([
    [
      'missing deletion protection',
      modify('AWS::RDS::DBCluster', (it) => (it.Properties.DeletionProtection = false)),
      /^AWS::RDS::DBCluster \w+: it is not protected from deletion$/,
    ],
    [
      'a missing final snapshot',
      modify('AWS::RDS::DBCluster', (it) => (it.DeletionPolicy = 'Delete')),
      /^AWS::RDS::DBCluster \w+: DeletionPolicy is Delete$/,
    ],
    [
      'automated backups that are deleted',
      modify('AWS::RDS::DBCluster', (it) => (it.Properties.DeleteAutomatedBackups = true)),
      /its automated backups are deleted with it$/,
    ],
    [
      'a plan that selects nothing',
      modify('AWS::Backup::BackupSelection', (it) => (it.Type = 'AWS::Test::Nothing')),
      /^AWS::RDS::DBCluster \w+: no vault keeps its backups$/,
    ],
    [
      'a missing reader',
      (template) => delete template.Resources[instances(template)[1][0]],
      /^AWS::RDS::DBCluster \w+: it has no standby$/,
    ],
    [
      'a reader in the zone of the writer',
      (template) => instances(template).forEach(([, it]) => (it.Properties.AvailabilityZone = 'a')),
      /^AWS::RDS::DBCluster \w+: it has no standby$/,
    ],
  ])('losses() finds %s', (_, change, finding) => {
    const template = templateWith(named, { disposable: false });
    change(template);
    const found = losses(template);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(finding);
  });

  test.each<[string, (template: DependencyTemplate) => void, RegExp]>([
    [
      'deletion protection',
      modify('AWS::RDS::DBCluster', (it) => (it.Properties.DeletionProtection = true)),
      /^AWS::RDS::DBCluster \w+: it is protected from deletion$/,
    ],
    [
      'a missing deletion policy, which leaves a snapshot',
      modify('AWS::RDS::DBCluster', (it) => delete it.DeletionPolicy),
      /^AWS::RDS::DBCluster \w+: DeletionPolicy is left out$/,
    ],
    [
      'a cluster that is deleted after its log group',
      (template) => Object.values(template.Resources).forEach((resource) => Object.assign(resource, { DependsOn: [] })),
      /^SubjectCluster\w+ -> SubjectPostgresqlLog\w+: written to after it was deleted$/,
    ],
  ])('leftovers() finds %s', (_, change, finding) => {
    const template = templateWith(named, { disposable: true });
    change(template);
    const found = leftovers(template);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(finding);
  });
});
