import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newApp, propertiesOf } from './support/app';
import { SUBJECTS, things } from './support/shapes';

interface KeyStatement {
  readonly Effect: string;
  readonly Principal: { readonly Service?: unknown };
  readonly Condition?: object;
}

/** The statements by which the keys of a template allow services, by the logical ID of the key. */
function servicesOf(template: Template): Array<[key: string, statement: KeyStatement]> {
  return Object.entries(propertiesOf(template, 'AWS::KMS::Key')).flatMap(([id, { KeyPolicy }]) =>
    (KeyPolicy.Statement as KeyStatement[]).filter(({ Effect, Principal }) => Effect === 'Allow' && Principal.Service)
      .map((statement): [string, KeyStatement] => [id, statement]));
}

/** The constructs that receive events in a topic or a queue that their key encrypts, which must allow EventBridge. */
const RECEIVES_EVENTS = ['WorkloadMonitoring', 'SecureFargateService'];

/** The others: the same key can encrypt logs and shell sessions, which EventBridge never writes. */
const OTHERS = SUBJECTS.filter(({ type }) => !RECEIVES_EVENTS.includes(type.name));

test.each(OTHERS.map((subject) => [subject.name, subject] as const))(
  'the keys of %s allow other services under a condition, and not EventBridge',
  (_name, subject) => {
    const stack = new Stack(newApp(), 'Main', { env: { account: '111122223333', region: 'us-east-1' } });
    subject.make(stack, 'Subject', things(stack, () => ({})));
    const ofKeys = servicesOf(Template.fromStack(stack));
    const events = ofKeys.filter(([, { Principal }]) => Principal.Service === 'events.amazonaws.com');
    expect(events).toEqual([]);
    expect(ofKeys.filter(([, { Condition }]) => Condition === undefined)).toEqual([]);
  },
);
