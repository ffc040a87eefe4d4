import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { App, CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import { ComplianceChecks } from '../../src';
import { REASONS_OF_AWS_CDK_LIB } from '../../src/compliance/acknowledgements';
import { newApp } from '../support/app';

const QUEUE = 'cdk-hipaa::QueueWithoutCustomerKey';

function enforcedApp(): App {
  const app = newApp();
  ComplianceChecks.of(app).enforce();
  return app;
}

const queue = (scope: Construct, id: string) => new CfnResource(scope, id, { type: 'AWS::SQS::Queue', properties: {} });
const acknowledge = (scope: IConstruct, id = QUEUE) =>
  Validations.of(scope).acknowledge({ id, reason: 'holds build numbers' });

/** The rules that the error of the synthesis names. */
function refusedFor(app: App): string[] {
  try {
    app.synth();
    return [];
  } catch (error) {
    return (error as Error).message.match(/(Acknowledgement(?:Of|Without)\w+|QueueWithoutCustomerKey|SNSEncryptedKMS)/g) ?? [];
  }
}

describe('an acknowledgement of a rule of this library', () => {
  test.each<[string, (stack: Stack) => IConstruct, string]>([
    ['the app', (stack) => stack.node.root, 'AcknowledgementOfApp'],
    ['a stage', (stack) => Stage.of(stack)!, 'AcknowledgementOfApp'],
    ['a stack with two findings', (stack) => stack, 'AcknowledgementOfStack'],
    ['a construct around two findings', (stack) => stack.node.findChild('Group'), 'AcknowledgementOfSeveralResources'],
  ])('on %s is a finding, and nobody can acknowledge it', (_name, placeOf, rule) => {
    const app = enforcedApp();
    const stack = new Stack(new Stage(app, 'Stage'), 'Stack');
    const group = new Construct(stack, 'Group');
    queue(group, 'One');
    queue(group, 'Two');
    const place = placeOf(stack);
    acknowledge(place);
    acknowledge(place, `cdk-hipaa-report::${rule}`);
    expect(refusedFor(app)).toContain(rule);
  });

  test.each<[string, string[]]>([
    ['the resource', []],
    ['the construct around it', []],
    ['its stack', ['AcknowledgementOfStack']],
    ['its nested stack', ['AcknowledgementOfStack']],
  ])('on %s covers the only finding', (place, expected) => {
    const app = enforcedApp();
    const stack = new Stack(app, 'Stack');
    const nested = new NestedStack(stack, 'Nested');
    const group = new Construct(place === 'its nested stack' ? nested : stack, 'Group');
    const one = queue(group, 'One');
    const places: Record<string, IConstruct> = {
      'the resource': one,
      'the construct around it': group,
      'its stack': stack,
      'its nested stack': nested,
    };
    acknowledge(places[place]);
    const refused = refusedFor(app).filter((rule) => rule.startsWith('Acknowledgement'));
    expect([...new Set(refused)]).toEqual(expected);
  });

  const BLANK = ['', '  ', '\n\t', undefined];
  test.each(BLANK)('with the reason %j is a finding, and nobody can acknowledge it', (reason) => {
    const app = enforcedApp();
    const one = queue(new Stack(app, 'Stack'), 'One');
    for (const id of [QUEUE, 'cdk-hipaa-report::AcknowledgementWithoutReason']) {
      Validations.of(one).acknowledge({ id, reason: reason as string });
    }
    expect(refusedFor(app)).toContain('AcknowledgementWithoutReason');
  });
});

describe('an acknowledgement of a rule of cdk-nag', () => {
  const topic = (scope: Construct, id: string) => {
    const made = new sns.CfnTopic(scope, id, { kmsMasterKeyId: undefined });
    Validations.of(made).acknowledge({ id: 'cdk-hipaa::TopicWithoutCustomerKey', reason: 'another rule' });
    return made;
  };
  test.each([
    'HIPAA.Security-SNSEncryptedKMS', 'ANNOTATION::HIPAA.Security-SNSEncryptedKMS',
    'HIPAA.Security::HIPAA.Security-SNSEncryptedKMS',
  ])(
    'as %s on the app or on a stack with several resources is a finding',
    (id) => {
      for (const [placeOf, rule] of [
        [(stack: Stack) => stack.node.root, 'AcknowledgementOfApp'],
        [(stack: Stack) => stack, 'AcknowledgementOfStack'],
      ] as const) {
        const app = enforcedApp();
        const stack = new Stack(app, 'Stack');
        topic(stack, 'One');
        topic(stack, 'Two');
        acknowledge(placeOf(stack), id);
        expect(refusedFor(app)).toEqual(expect.arrayContaining([rule]));
      }
    },
  );

  test('in the metadata of a stack is a finding', () => {
    const app = enforcedApp();
    const stack = new Stack(app, 'Stack');
    topic(stack, 'One');
    topic(stack, 'Two');
    stack.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { 'HIPAA.Security-SNSEncryptedKMS': 'none' });
    expect(refusedFor(app)).toEqual(expect.arrayContaining(['AcknowledgementOfStack']));
  });

  test.each(['HIPAA.Security-SNSEncryptedKMS', 'HIPAA.Security::HIPAA.Security-SNSEncryptedKMS'])(
    'as %s on a resource is accepted, and the report has the finding',
    (id) => {
      const app = enforcedApp();
      acknowledge(topic(new Stack(app, 'Stack'), 'One'), id);
      expect(refusedFor(app)).toEqual([]);
      const { acknowledged } = JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));
      expect(acknowledged.map(({ findings }: { findings: string[] }) => findings)).toEqual(
        [['Stack/One'], ['Stack/One']]);
    },
  );
});

test('a warning of aws-cdk-lib can be acknowledged on the app', () => {
  const app = enforcedApp();
  new Stack(app, 'Stack');
  acknowledge(app, '@aws-cdk/core:some-warning');
  expect(refusedFor(app)).toEqual([]);
});

test('report mode lists the acknowledgement on the app, and completes the synthesis', () => {
  const app = newApp();
  ComplianceChecks.of(app).report();
  queue(new Stack(app, 'Stack'), 'One');
  acknowledge(app);
  expect(refusedFor(app)).toEqual([]);
});

describe('the findings of a task definition', () => {
  const task = (scope: Construct, properties: Record<string, object>) => new CfnResource(scope, 'Task', {
    type: 'AWS::ECS::TaskDefinition',
    properties: {
      ContainerDefinitions: Object.entries(properties).map(([Name, more]) => ({
        Name, User: 'node', ReadonlyRootFilesystem: true, LogConfiguration: { LogDriver: 'awslogs' }, ...more,
      })),
    },
  });
  const refusal = (app: App) => {
    try {
      app.synth();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('are acknowledged for one container', () => {
    const app = enforcedApp();
    const writable = { ReadonlyRootFilesystem: false };
    const made = task(new Stack(app, 'Stack'), { agent: writable, app: writable });
    acknowledge(made, 'cdk-hipaa::ContainerRootIsWritable[agent]');
    const message = refusal(app);
    expect(message).toContain('ContainerRootIsWritable[app]');
    expect(message).not.toContain('ContainerRootIsWritable[agent] at');
  });

  test('are acknowledged for all containers only one by one', () => {
    const app = enforcedApp();
    const made = task(new Stack(app, 'Stack'), { agent: { User: 'root' } });
    acknowledge(made, 'cdk-hipaa::ContainerRunsAsRoot');
    expect(refusal(app)).toContain('ContainerRunsAsRoot[agent]');
  });

  test('name the variable, and are acknowledged only for this variable', () => {
    const Environment = ['A_TOKEN', 'B_TOKEN'].map((Name) => ({ Name, Value: 'x' }));
    const app = enforcedApp();
    const made = task(new Stack(app, 'Stack'), { app: { Environment } });
    acknowledge(made, 'cdk-hipaa::PlaintextSecret[app/A_TOKEN]');
    const message = refusal(app);
    expect(message).toContain('PlaintextSecret[app/B_TOKEN]');
    expect(message).not.toContain('PlaintextSecret[app/A_TOKEN] at');
  });
});

test('the reasons of aws-cdk-lib are in its code', () => {
  const root = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')));
  const found = execFileSync('grep', ['-rhoE', '--include=*.js', 'reason:"[^"]*"', root], {
    encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  expect(REASONS_OF_AWS_CDK_LIB.filter((reason) => !found.includes(reason))).toEqual([]);
});
