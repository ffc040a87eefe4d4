import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DataProtection, FlowLogStorage, HipaaVpc, StaticSiteCdn } from '../src';
import { newApp } from './support/app';
import { Dependencies } from './support/dependencies';
import { Subject, SUBJECTS, things } from './support/shapes';

const REASON = 'development';

/** The constructs that accept a key, with the options that create further resources under it. */
const CONSTRUCTS: Subject[] = [
  ...SUBJECTS.filter(({ takes }) => takes.includes('encryptionKey')),
  {
    ...SUBJECTS.find(({ type }) => type === HipaaVpc)!,
    name: 'HipaaVpc (flow logs in a bucket)',
    make: (scope, id, { encryptionKey }) =>
      new HipaaVpc(scope, id, { encryptionKey, flowLogs: FlowLogStorage.bucket() }),
  },
  {
    ...SUBJECTS.find(({ type }) => type === StaticSiteCdn)!,
    name: 'StaticSiteCdn (with its own firewall)',
    make: (scope, id, { encryptionKey }) => new StaticSiteCdn(scope, id, { encryptionKey }),
  },
];

const PAIRS = CONSTRUCTS.flatMap((one, index) =>
  CONSTRUCTS.slice(index).map((other) => [one.name, other.name, one, other] as const))
  // An account has one set of guardrails, and the rules of the one load balancer of the user have one priority each.
  .filter(([, , one, other]) => one !== other || !/^(ComplianceGuardrails|SecureFargateService)$/.test(one.name));

const ownKey = (scope: Construct) => new kms.Key(scope, 'Key', { enableKeyRotation: true });

/** The resources of each template that depend on themselves. */
function cycles(app: App): string[] {
  return app.synth().stacks.flatMap(({ template, stackName }) => {
    const dependencies = new Dependencies(template);
    return Object.keys(template.Resources).filter((id) => dependencies.goesBefore(id, id))
      .map((id) => `${stackName}.${id}`);
  });
}

// Only a disposable stack has the function that empties buckets, whose description can name one of several.
test.each(PAIRS)('%s and %s share a key in one disposable stack', (_one, _other, one, other) => {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'us-east-1' } });
  DataProtection.of(stack).disposable({ reason: REASON });
  const encryptionKey = ownKey(stack);
  const given = things(stack, () => ({ encryptionKey }));
  [one, other].forEach((subject, index) => subject.make(stack, index === 0 ? 'First' : 'Other', given));
  expect(cycles(app)).toEqual([]);
});

test.each([
  ['disposable', true],
  ['retained', false],
])('all constructs, each in its own %s stack, share the key of another stack', (_, disposable) => {
  const app = newApp();
  const env = { account: '111122223333', region: 'us-east-1' };
  const keys = new Stack(app, 'Keys', { env });
  if (disposable) DataProtection.of(app).disposable({ reason: REASON });
  const encryptionKey = ownKey(keys);
  CONSTRUCTS.forEach((subject, index) => {
    const stack = new Stack(app, `Stack${index}`, { env });
    subject.make(stack, 'Subject', things(stack, () => ({ encryptionKey })));
  });
  expect(app.synth().stacks.length).toBeGreaterThan(CONSTRUCTS.length);
  expect(cycles(app)).toEqual([]);
});

test.each([
  ['disposable', true],
  ['retained', false],
])('all constructs share a key in one %s stack', (_, disposable) => {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'us-east-1' } });
  if (disposable) DataProtection.of(stack).disposable({ reason: REASON });
  const given = things(stack, (users) => ({ encryptionKey: ownKey(users) }));
  CONSTRUCTS.forEach((subject, index) => subject.make(stack, `Subject${index}`, given));
  expect(cycles(app)).toEqual([]);
});

test('a disposable bucket of the user with the same key makes no cycle', () => {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'us-east-1' } });
  DataProtection.of(stack).disposable({ reason: REASON });
  const encryptionKey = ownKey(stack);
  new s3.Bucket(stack, 'Uploads', { encryptionKey, autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
  new StaticSiteCdn(stack, 'Site', { encryptionKey });
  expect(cycles(app)).toEqual([]);
});
