import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { needsAllResources } from '../../../src/compliance/policies/unscoped-actions';
import { ComplianceGuardrails, ComplianceGuardrailsProps } from '../../../src/guardrails/compliance-guardrails';
import { AdoptedRecording } from '../../../src/guardrails/config/adopted-recording';
import { ConfigRecording } from '../../../src/guardrails/config/config-recording';
import { CheckedSwitch, GuardrailCheck } from '../../../src/guardrails/drift/contract';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { newStack, propertiesOf, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { above, alarming, alarmRows, below, DAY, HOUR, of, quiet, unchanged } from '../../support/template/alarms';
import { Statement } from '../some-guardrails';

const SWITCH_GUARDRAILS = [Guardrail.INSPECTOR, Guardrail.GUARD_DUTY, Guardrail.SECURITY_HUB, Guardrail.ACCESS_ANALYZER,
  Guardrail.S3_PUBLIC_ACCESS, Guardrail.EBS_ENCRYPTION, Guardrail.PASSWORD_POLICY];
const ALL_ADOPTED = { adopt: [...SWITCH_GUARDRAILS, Guardrail.TRAIL, Guardrail.CONFIG] };

function guarded(props: ComplianceGuardrailsProps = {}, stack = newStack()): Template {
  new ComplianceGuardrails(stack, 'Guardrails', props);
  return templateOf(stack);
}

/** The properties of the only resource of the check of a type. */
function ofCheck(template: Template, type: string) {
  const found = Object.entries(propertiesOf(template, type)).filter(([id]) => id.includes('DriftCheck'));
  expect(found).toHaveLength(1);
  return found[0][1];
}

/** The statements of the role, without those for its own log, dead-letter queue and key. */
const statementsOf = (template: Template): Statement[] =>
  ofCheck(template, 'AWS::IAM::ManagedPolicy').PolicyDocument.Statement
    .filter(({ Action }: Statement) => !/^(logs|sqs|kms):/.test([Action].flat()[0]));
const actionsOf = (template: Template) => statementsOf(template).flatMap(({ Action }) => Action);

/** The input of the function, with references as text: `<Ref>`. */
function inputOf(template: Template): GuardrailCheck {
  const { Input } = ofCheck(template, 'AWS::Events::Rule').Targets[0];
  const part = (value: unknown) =>
    typeof value === 'string' ? value : `<${Object.values(value as object).flat().join('.')}>`;
  return JSON.parse((Input['Fn::Join'][1] as unknown[]).map(part).join(''));
}

describe('the check', () => {
  const template = guarded();

  test('runs every day and after each deployment of its stack', () => {
    expect(ofCheck(template, 'AWS::Events::Rule')).toMatchObject({
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 day)',
      EventPattern: {
        'source': ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        'detail': {
          'stack-id': [{ Ref: 'AWS::StackId' }],
          'status-details': {
            status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'],
          },
        },
      },
    });
    const [functionId] = Object.keys(template.findResources('AWS::Lambda::Function')).filter((id) => /Drift/.test(id));
    expect(ofCheck(template, 'AWS::Events::Rule').Targets[0].Arn).toEqual({ 'Fn::GetAtt': [functionId, 'Arn'] });
    expect(ofCheck(template, 'AWS::Lambda::Permission')).toMatchObject({
      Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com',
    });
  });

  test('receives the properties and the physical ID of every custom resource of the guardrails', () => {
    const { Switches } = inputOf(template);
    const customs = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>)
      .filter(([, { Type }]) => Type.startsWith('Custom::') && Type !== 'Custom::S3AutoDeleteObjects');
    expect(Switches.map(({ PhysicalId }) => PhysicalId).sort()).toEqual(customs.map(([id]) => `<${id}>`).sort());
    expect(Switches).toContainEqual<CheckedSwitch>({
      Handler: 'guard-duty',
      PhysicalId: '<ComplianceGuardrailsGuardDutyS3DATAEVENTS>',
      Properties: { Feature: 'S3_DATA_EVENTS', Mode: 'create', WhereOffered: 'true' } as CheckedSwitch['Properties'],
    });
    expect(Switches).toContainEqual<CheckedSwitch>({
      Handler: 'config',
      PhysicalId: '<ComplianceGuardrailsConfigRecorder>',
      Properties: {
        Mode: 'create',
        WhereOffered: 'false',
        Frequency: 'CONTINUOUS',
        ExcludedTypes: [],
        BucketName: expect.stringContaining('Bucket'),
        KeyArn: expect.stringContaining('Key'),
      } as CheckedSwitch['Properties'],
    });
  });

  test('receives the settings of the trail and the name of the conformance pack', () => {
    const trail = Object.values(propertiesOf(template, 'AWS::CloudTrail::Trail'))[0];
    const { Trail, ConformancePack, StackId, AdoptedTrail } = inputOf(template);
    expect(StackId).toBe('<AWS::StackId>');
    expect(AdoptedTrail).toBeUndefined();
    expect(ConformancePack).toMatch(/^hipaa-security-/);
    expect(Trail).toEqual({
      Name: expect.stringMatching(/^hipaa-trail-/),
      BucketName: `<${trail.S3BucketName.Ref}>`,
      KeyArn: `<${trail.KMSKeyId['Fn::GetAtt'].join('.')}>`,
      LogGroupArn: `<${trail.CloudWatchLogsLogGroupArn['Fn::GetAtt'].join('.')}>`,
      RoleArn: `<${trail.CloudWatchLogsRoleArn['Fn::GetAtt'].join('.')}>`,
      DataEvents: '1',
      DataEventArns: ['arn:<AWS::Partition>:s3'],
    });
  });

  test('has the key of the other functions, memory for nine clients, and time for throttled calls', () => {
    const [other] = Object.values(propertiesOf(template, 'AWS::Lambda::Function'));
    expect(ofCheck(template, 'AWS::Lambda::Function')).toMatchObject({
      MemorySize: 512, Timeout: 300, KmsKeyArn: other.KmsKeyArn,
    });
  });
});

describe('the role of the check', () => {
  test.each([
    ['created guardrails', guarded()],
    ['adopted guardrails', guarded(ALL_ADOPTED)],
    ['a key for new volumes', (() => {
      const stack = newStack();
      return guarded({ ebsEncryptionKey: new kms.Key(stack, 'Volumes') }, stack);
    })()],
  ])('allows no change, with %s', (_what, template) => {
    expect(actionsOf(template).length).toBeGreaterThan(19);
    expect(actionsOf(template).filter((action) => !/:(Get|List|Describe|BatchGet)\w+$/.test(action))).toEqual([]);
  });

  test('has every permission to read of the other functions', () => {
    const template = guarded();
    const others = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
      .filter(([id]) => /^Guardrails(?!DriftCheck|Trail)/.test(id))
      .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement.flatMap(({ Action }: Statement) => Action))
      // To check a key or a role before a change, and to explain a failure.
      .filter((action) => /:(Get|List|Describe|BatchGet)/.test(action))
      .filter((action) => !/iam:GetRole|GetDelegatedAdmin/.test(action));
    expect(others.length).toBeGreaterThan(14);
    expect(others.filter((action) => !actionsOf(template).includes(action))).toEqual([]);
  });

  test.each([['created', {}], ['adopted', ALL_ADOPTED]])(
    'has a wildcard resource only for actions that require it, with %s guardrails',
    (_what, props) => {
      const wide = statementsOf(guarded(props)).filter(({ Resource }) => [Resource].flat().includes('*'))
        .flatMap(({ Action }) => Action);
      expect(wide.length).toBeGreaterThan(10);
      expect(wide.filter((action) => !needsAllResources(action))).toEqual([]);
    },
  );

  test('reads only its own trail, or the status and selectors of every trail if the trail is adopted', () => {
    const ofTrails = (props?: ComplianceGuardrailsProps) => statementsOf(guarded(props))
      .filter(({ Action }) => [Action].flat()[0].startsWith('cloudtrail:'));
    expect(ofTrails()).toEqual([expect.objectContaining({
      Action: ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrail', 'cloudtrail:GetTrailStatus'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^GuardrailsTrail/), 'Arn'] },
    })]);
    expect(ofTrails({ adopt: [Guardrail.TRAIL] })).toEqual([expect.objectContaining({
      Action: ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudtrail:*:*:trail/*']] },
    })]);
  });

  test('is inside a permissions boundary', () => {
    const stack = newStack();
    const arn = 'arn:aws:iam::111122223333:policy/boundary';
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn));
    expect(ofCheck(guarded({}, stack), 'AWS::IAM::Role').PermissionsBoundary).toBe(arn);
  });
});

test.each(['us-gov-west-1', 'cn-north-1', 'eu-west-1'])('the rule packs have no findings in %s', (region) => {
  for (const props of [{}, ALL_ADOPTED]) {
    const stack = newStack({ env: { account: '111122223333', region } });
    new ComplianceGuardrails(stack, 'Guardrails', props);
    expect(nagFindings(stack)).toEqual([]);
  }
});

describe('the input', () => {
  const size = (template: Template) => JSON.stringify(inputOf(template)).length;
  const types = (count: number) =>
    Array.from({ length: count }, (_, index) => config.ResourceType.of(`AWS::Service::ResourceType${index}`));

  test('has the number of buckets and not their ARNs if there are more than 20', () => {
    const inputWith = (count: number) => {
      const stack = newStack();
      const phiBuckets = Array.from({ length: count }, (_, index) =>
        s3.Bucket.fromBucketName(stack, `B${index}`, `phi-${index}`));
      return inputOf(guarded({ trail: { phiBuckets } }, stack)).Trail!;
    };
    expect(inputWith(20).DataEventArns).toHaveLength(20);
    expect(inputWith(21)).toMatchObject({ DataEvents: '21' });
    expect(inputWith(21)).not.toHaveProperty('DataEventArns');
  });

  test('is accepted by EventBridge with 50 excluded types', () => {
    const recording = ConfigRecording.continuous({ excluded: { types: types(50), reason: 'not used' } });
    expect(size(guarded({ config: { recording } }))).toBeLessThan(8_192);
  });

  test('is refused with more types than EventBridge accepts', () => {
    const adoptedRecording = AdoptedRecording.atLeast({ types: types(300), reason: 'these are sufficient' });
    expect(() => guarded({ adopt: [Guardrail.CONFIG], config: { adoptedRecording } })).toThrow(
      /^\[Stack\/Guardrails\] the input of the check must have at most 8192 characters, got about \d+\. Exclude /);
  });
});

describe('the alarms', () => {
  const stack: Stack = newStack({ env: { region: 'us-east-1' } });
  const rows = alarmRows(stack, new ComplianceGuardrails(stack, 'Guardrails'));

  test.each([
    ['TrailDrift', 'TRAIL'], ['ConfigDrift', 'CONFIG'], ['ConformancePackDrift', 'CONFORMANCE_PACK'],
    ['InspectorDrift', 'INSPECTOR'], ['GuardDutyDrift', 'GUARD_DUTY'], ['SecurityHubDrift', 'SECURITY_HUB'],
    ['AccessAnalyzerDrift', 'ACCESS_ANALYZER'], ['S3PublicAccessDrift', 'S3_PUBLIC_ACCESS'],
    ['EbsEncryptionDrift', 'EBS_ENCRYPTION'], ['PasswordPolicyDrift', 'PASSWORD_POLICY'],
  ])('%s reads the differences of %s, and keeps its state until the next check', (id, guardrail) => {
    expect(rows[id]).toEqual({
      metrics: of('CdkHipaa/Guardrails', { Guardrail: guardrail })('Differences', 'Maximum', HOUR),
      ...above(0),
      ...unchanged,
    });
  });

  test('DriftCheckFailed reads the dead-letter queue of the check', () => {
    expect(rows.DriftCheckFailed).toEqual({
      metrics: of('AWS/SQS', { QueueName: 'GuardrailsDriftCheckFunctionDeadLetters.QueueName' })(
        'ApproximateNumberOfMessagesVisible', 'Maximum'),
      ...above(0),
      ...quiet,
    });
  });

  test('DriftCheckSilent fires after two days without a check, and counts a day without data as none', () => {
    expect(rows.DriftCheckSilent).toEqual({
      metrics: {
        compared: 'FILL(checks, 0)',
        checks: of('AWS/Lambda', { FunctionName: 'GuardrailsDriftCheckFunction' })('Invocations', 'Sum', DAY).compared,
      },
      ...below(1, 2),
      ...alarming,
    });
  });

  test('exist for the guardrails that are not skipped', () => {
    const ids = (skipped: Guardrail[]) => {
      const skip = [{ guardrails: skipped, reason: 'a test of the others' }];
      const { alarms } = new ComplianceGuardrails(newStack(), 'Guardrails', { skip }).monitoringPlan();
      return alarms.map(({ id }) => id).filter((id) => id.includes('Drift'));
    };
    expect(ids([...SWITCH_GUARDRAILS, Guardrail.TRAIL])).toEqual([
      'ConfigDrift', 'ConformancePackDrift', 'DriftCheckFailed', 'DriftCheckSilent',
    ]);
    expect(ids([...SWITCH_GUARDRAILS, Guardrail.CONFIG])).toEqual([
      'TrailDrift', 'DriftCheckFailed', 'DriftCheckSilent',
    ]);
    expect(ids([...SWITCH_GUARDRAILS, Guardrail.CONFIG, Guardrail.TRAIL])).toEqual([]);
  });
});
