import { Annotations as CdkAnnotations, CfnParameter, Environment, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import {
  FlowLogStorage, HipaaVpc, ImportedKeyPolicy, Notification, SecureFargateService, ServiceCluster, StaticSiteCdn,
  WorkloadMonitoring,
} from '../../src';
import { newApp } from '../support/app';
import { Subject, SUBJECTS, things } from '../support/shapes';

const ENV = { account: '111122223333', region: 'us-east-1' };
const ARN = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-1111-2222-3333-444455556666';
const KNOWN: { [name: string]: string } = {
  'AWS::AccountId': ENV.account,
  'AWS::Region': ENV.region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The constructs that accept a key, with the options that need further statements. */
const CONSTRUCTS: Subject[] = [
  ...SUBJECTS.filter(({ takes }) => takes.includes('encryptionKey')),
  variant(HipaaVpc, 'flow logs in a bucket', (scope, id, { encryptionKey }) =>
    new HipaaVpc(scope, id, { encryptionKey, flowLogs: FlowLogStorage.bucket() })),
  variant(StaticSiteCdn, 'with its own firewall', (scope, id, { encryptionKey }) =>
    new StaticSiteCdn(scope, id, { encryptionKey })),
  variant(WorkloadMonitoring, 'with notifications', (scope, id, { encryptionKey }) => {
    const monitoring = new WorkloadMonitoring(scope, id, { email: 'oncall@example.com', encryptionKey });
    monitoring.watch(new Announcements(scope, 'Announcements'));
    return monitoring;
  }),
  variant(WorkloadMonitoring, 'with a topic of the user', (scope, id, { encryptionKey }) => {
    const topic = new sns.Topic(scope, 'Topic', { masterKey: encryptionKey });
    const monitoring = new WorkloadMonitoring(scope, id, { topic });
    monitoring.watch(new Announcements(scope, 'Announcements'));
    return monitoring;
  }),
];
/** The constructs whose keys need no statement for a service. */
const WITHOUT_STATEMENTS = ['HardenedRepository', 'JobQueue', 'PhiBucket'];

function variant(type: Subject['type'], name: string, make: Subject['make']): Subject {
  return { ...SUBJECTS.find((subject) => subject.type === type)!, name: `${type.name} (${name})`, make };
}

class Announcements extends Construct {
  public monitoringPlan() {
    const eventPattern = { source: ['aws.health'] };
    return {
      title: 'Announcements',
      alarms: [],
      widgets: [],
      notifications: [
        Notification.event({ id: 'Health', eventPattern, description: 'Health', message: 'Read it.' }),
        Notification.costs({ id: 'Costs', monthlyLimit: 100 }),
      ],
    };
  }
}

/** A value of a template as a person would write it. The identity of a distribution is only known after deployment. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: name, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::Join'?: [string, unknown[]] };
  if (name !== undefined) return KNOWN[name];
  if (join !== undefined) return join[1].map(plain).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, plain(inner)]));
}

const sorted = (statements: unknown[]) => statements.map((statement) => canonical(statement)).sort();
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) => inner && typeof inner === 'object' && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => one < other ? -1 : 1))
    : inner);
}

/** The statements in the policy of a key of the app, except the first, which lets IAM policies govern the key. */
function statementsOfOwnKey({ make, name }: Subject): unknown[] {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env: ENV });
  // A site allows all distributions of the account if it cannot name its own in the policy of the key.
  const keys = name.startsWith('StaticSiteCdn') ? new Stack(app, 'Keys', { env: ENV }) : stack;
  const encryptionKey = new kms.Key(keys, 'Key');
  make(stack, 'Subject', things(stack, () => ({ encryptionKey })));
  const resources: Array<{ Type: string; Properties: { KeyPolicy: { Statement: unknown[] } } }> =
    Object.values(app.synth().getStackArtifact(keys.artifactId).template.Resources);
  const [key] = resources.filter(({ Type }) => Type === 'AWS::KMS::Key');
  return plain(key.Properties.KeyPolicy.Statement.slice(1)) as unknown[];
}

function importing(env: Environment = ENV, arn: (stack: Stack) => string = () => ARN) {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env });
  const encryptionKey = kms.Key.fromKeyArn(new Construct(stack, 'Imports'), 'Key', arn(stack));
  return { app, stack, encryptionKey };
}

type Warning = ReturnType<Annotations['findWarning']>[number];

/** The warnings about imported keys, by the path of the construct. */
function warningsOf(stack: Stack): Warning[] {
  return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('the policy of the imported key'));
}

const listed = (warning: Warning): unknown[] =>
  JSON.parse(/^\[$[^]*^\]/m.exec(String(warning.entry.data))![0]);

describe('the warning about an imported key', () => {
  test.each(CONSTRUCTS.map((subject) => [subject.name, subject] as const))(
    'of %s prints the statements that the policy of a key of the app contains', (name, subject) => {
      const { stack, encryptionKey } = importing();
      subject.make(stack, 'Subject', things(stack, () => ({ encryptionKey })));
      // A migration runs before a service, which has a warning of its own.
      const warnings = warningsOf(stack).filter(({ id }) => id !== '/Main/SubjectApi');
      const expected = statementsOfOwnKey(subject);
      if (WITHOUT_STATEMENTS.includes(name)) {
        expect([warnings, expected]).toEqual([[], []]);
      } else {
        // The key of EC2 capacity is that of its cluster.
        const clusters = name === 'Ec2Capacity' ? ['/Main/SubjectCluster'] : [];
        expect(warnings.map(({ id }) => id)).toEqual([...clusters, '/Main/Subject']);
        expect([...new Set(sorted(warnings.flatMap(listed)))]).toEqual(sorted(expected));
      }
    });

  test('states the key and what to do', () => {
    const { stack, encryptionKey } = importing();
    new HipaaVpc(stack, 'Network', { encryptionKey });
    expect(String(warningsOf(stack)[0].entry.data).split('\n').map((line) => line.slice(0, 30))).toEqual([
      'the app cannot change the poli', '[', '  {"Action":["kms:Decrypt","km', '] [ack: cdk-hipaa:imported-key',
    ]);
    Annotations.fromStack(stack).hasWarning('/Main/Network', Match.stringLikeRegexp(
      `the app cannot change the policy of the imported key ${ARN}: add these statements to it, and then acknowledge `
      + 'this warning \\(https://github.com/cdk-hipaa/cdk-hipaa/blob/main/docs/imported-keys.md\\)'));
  });

  test('can be acknowledged', () => {
    const { stack, encryptionKey } = importing();
    const network = new HipaaVpc(stack, 'Network', { encryptionKey });
    CdkAnnotations.of(network).acknowledgeWarning('cdk-hipaa:imported-key');
    expect(warningsOf(stack)).toEqual([]);
  });

  test('has placeholders for an unknown account and region', () => {
    const { stack, encryptionKey } = importing({}, (scope) => new CfnParameter(scope, 'KeyArn').valueAsString);
    new HipaaVpc(stack, 'Network', { encryptionKey });
    const [warning] = warningsOf(stack);
    expect(String(warning.entry.data)).toContain('the imported key Main/Imports/Key:');
    expect(listed(warning)).toEqual([expect.objectContaining({
      Principal: { Service: 'logs.${AWS::Region}.${AWS::URLSuffix}' },
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn':
            'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*',
        },
      },
    })]);
  });

  test('names the partition and the URL suffix of the region', () => {
    const { stack, encryptionKey } = importing(
      { account: '111122223333', region: 'cn-north-1' }, () => 'arn:aws-cn:kms:cn-north-1:111122223333:key/1');
    new HipaaVpc(stack, 'Network', { encryptionKey });
    expect(listed(warningsOf(stack)[0])).toEqual([expect.objectContaining({
      Principal: { Service: 'logs.cn-north-1.amazonaws.com.cn' },
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': 'arn:aws-cn:logs:cn-north-1:111122223333:log-group:*',
        },
      },
    })]);
  });

  test('of a service names the statements for the key of its cluster', () => {
    const { stack, encryptionKey } = importing();
    const { vpc, secret } = things(stack);
    const cluster = new ServiceCluster(stack, 'Services', { vpc, encryptionKey });
    SUBJECTS.find(({ type }) => type === SecureFargateService)!
      .make(stack, 'Api', { ...things(new Stack(newApp(), 'Other')), vpc, secret, cluster });
    expect(warningsOf(stack).map(({ id }) => id).sort()).toEqual(['/Main/Api', '/Main/Services']);
  });

  test('does not exist for a key of the app', () => {
    const stack = new Stack(newApp(), 'Main', { env: ENV });
    new HipaaVpc(stack, 'Network', { encryptionKey: new kms.Key(stack, 'Key') });
    expect(warningsOf(stack)).toEqual([]);
  });
});

describe('ImportedKeyPolicy', () => {
  function twoStacks() {
    const app = newApp();
    const [one, other] = ['One', 'Other'].map((id) => new Stack(app, id, { env: ENV }));
    const [first, second] = [one, other].map((stack) => kms.Key.fromKeyArn(stack, 'Key', ARN));
    new HipaaVpc(one, 'Network', { encryptionKey: first });
    new WorkloadMonitoring(other, 'Monitoring', { email: 'oncall@example.com', encryptionKey: second });
    new HipaaVpc(other, 'Network', { encryptionKey: second });
    return { app, one, other, first, second };
  }
  const sids = (scope: IConstruct, key: kms.IKey) =>
    ImportedKeyPolicy.of(scope).statements(key).map(({ sid }) => sid).sort();

  test('returns the statements of a scope for all imports of an ARN, each once', () => {
    const { app, one, other, first, second } = twoStacks();
    expect(sids(app, first)).toEqual(['CloudWatchAlarms', 'CloudWatchLogs']);
    expect(sids(other, first)).toEqual(['CloudWatchAlarms', 'CloudWatchLogs']);
    expect(sids(one, second)).toEqual(['CloudWatchLogs']);
  });

  test('returns nothing for another key and for a key of the app', () => {
    const { app, one } = twoStacks();
    expect(sids(app, kms.Key.fromKeyArn(one, 'Third', ARN.replace('1a2b', '9999')))).toEqual([]);
    const own = new kms.Key(one, 'Own');
    new HipaaVpc(one, 'Second', { encryptionKey: own });
    expect(sids(app, own)).toEqual([]);
  });

  test('the statements make up a valid policy of a key', () => {
    const { app, first } = twoStacks();
    const document = new iam.PolicyDocument({ statements: ImportedKeyPolicy.of(app).statements(first) });
    expect(document.validateForResourcePolicy()).toEqual([]);
  });

  test('refuses something other than a key', () => {
    const { app } = twoStacks();
    expect(() => ImportedKeyPolicy.of(app).statements('key' as never)).toThrow(new Error(
      '[ImportedKeyPolicy.statements] encryptionKey must be a kms.IKey, got \'key\'. Import it with '
      + 'a from… method of kms.Key.'));
  });
});
