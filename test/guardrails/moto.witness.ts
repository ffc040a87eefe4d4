import {
  ConfigServiceClient,
  DescribeConfigurationRecordersCommand,
  DescribeConfigurationRecorderStatusCommand,
  PutConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { EC2Client, GetEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import {
  CreateDetectorCommand,
  GetDetectorCommand,
  GuardDutyClient,
  ListDetectorsCommand,
} from '@aws-sdk/client-guardduty';
import { GetAccountPasswordPolicyCommand, IAMClient, UpdateAccountPasswordPolicyCommand } from '@aws-sdk/client-iam';
import { BatchGetAccountStatusCommand, EnableCommand, Inspector2Client } from '@aws-sdk/client-inspector2';
import { GetPublicAccessBlockCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import {
  DescribeHubCommand,
  EnableSecurityHubCommand,
  ListTagsForResourceCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { only } from './some-guardrails';
import { handler as config } from '../../src/guardrails/config/record-config.lambda';
import { handler as guardDuty } from '../../src/guardrails/guard-duty/enable-guard-duty.lambda';
import { handler as inspector } from '../../src/guardrails/inspector/enable-inspector.lambda';
import { handler as securityHub } from '../../src/guardrails/security-hub/enable-security-hub.lambda';
import { handler as settings } from '../../src/guardrails/settings/set-account-settings.lambda';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { findAccountsAtHome } from '../support/fake-account-settings';
import { Arrived, Reply } from '../support/fake-http';
import { Answer, askHandler, FakeService, pointSdkAt, REGION } from '../support/fake-service';

/**
 * Runs the handlers against moto (https://docs.getmoto.org) at MOTO_URL, as a check that is independent of the fakes of
 * this repository. moto has no "already enabled" errors and no asynchronous operations. The fakes cover both as AWS
 * documents them.
 */
const MOTO_URL = process.env.MOTO_URL!;
/** The account ID of moto. */
const account = '123456789012';

/** Receives the responses to CloudFormation and serves no API. */
class ResponseEndpoint extends FakeService {
  protected readonly changing = /$^/;

  protected callOf({ url }: Arrived): string {
    return url.pathname;
  }

  protected serve(): Reply {
    return { status: 404 };
  }
}

type Handler = Parameters<typeof askHandler>[0];

const responses = new ResponseEndpoint();
let lookup: jest.SpyInstance;
let errors: jest.SpyInstance;

beforeAll(async () => {
  await responses.start();
  pointSdkAt(MOTO_URL);
  lookup = findAccountsAtHome();
  errors = jest.spyOn(console, 'error').mockImplementation();
});
beforeEach(async () => {
  expect((await fetch(`${MOTO_URL}/moto-api/reset`, { method: 'POST' })).ok).toBe(true);
});
afterAll(async () => {
  lookup.mockRestore();
  errors.mockRestore();
  await responses.stop();
});

/** The CloudFormation requests for one custom resource. */
function asking(handler: Handler, properties: Record<string, string>) {
  const ask = (
    type: 'Create' | 'Update' | 'Delete',
    PhysicalResourceId?: string,
    more: Record<string, string> = {},
  ): Promise<Answer> =>
    askHandler<Record<string, string>>(handler, responses, type, properties, {
      account,
      PhysicalResourceId,
      properties: more,
    });
  return {
    create: () => ask('Create'),
    adopt: () => ask('Create', undefined, { Mode: 'adopt' }),
    update: ({ PhysicalResourceId }: Answer) => ask('Update', PhysicalResourceId),
    remove: ({ PhysicalResourceId }: Answer) => ask('Delete', PhysicalResourceId),
  };
}

describe('Inspector', () => {
  const scan = asking(inspector, { ScanType: 'ECR' });
  const status = async () => {
    const { accounts } = await new Inspector2Client().send(new BatchGetAccountStatusCommand({ accountIds: [account] }));
    return accounts?.[0].resourceState?.ecr?.status;
  };

  test('is enabled, and found enabled by an update', async () => {
    const made = await scan.create();
    expect(made).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'inspector-scan/ECR/enabled-by-this-stack' });
    expect(await status()).toBe('ENABLED');
    expect(await scan.update(made)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
  });

  test('is disabled', async () => {
    expect(await scan.remove(await scan.create())).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await status()).toBe('DISABLED');
  });

  test('stays enabled if it was enabled before', async () => {
    await new Inspector2Client().send(new EnableCommand({ accountIds: [account], resourceTypes: ['ECR'] }));
    const made = await scan.create();
    expect(made).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'inspector-scan/ECR/not-enabled-by-this-stack',
    });
    await scan.remove(made);
    expect(await status()).toBe('ENABLED');
  });
});

describe('GuardDuty', () => {
  const detector = asking(guardDuty, { Feature: 'DETECTOR' });
  const plan = asking(guardDuty, { Feature: 'S3_DATA_EVENTS' });
  const detectors = async () => (await new GuardDutyClient().send(new ListDetectorsCommand())).DetectorIds ?? [];

  test('is enabled, found enabled by an update, and disabled', async () => {
    const made = await detector.create();
    expect(made).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'guardduty/detector/enabled-by-this-stack' });
    expect(await detectors()).toHaveLength(1);
    await detector.update(made);
    expect(await detectors()).toHaveLength(1);
    expect(await detector.remove(made)).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await detectors()).toEqual([]);
  });

  test('stays enabled if it was enabled before, and a second stack creates no second detector', async () => {
    await new GuardDutyClient().send(new CreateDetectorCommand({ Enable: true }));
    const made = await detector.create();
    expect(made).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'guardduty/detector/not-enabled-by-this-stack',
    });
    await detector.remove(made);
    expect(await detectors()).toHaveLength(1);
  });

  test('is resumed if it was suspended, and suspended again', async () => {
    const { DetectorId } = await new GuardDutyClient().send(new CreateDetectorCommand({ Enable: false }));
    const status = async () => (await new GuardDutyClient().send(new GetDetectorCommand({ DetectorId }))).Status;
    const made = await detector.create();
    expect([made.PhysicalResourceId, await status()]).toEqual([
      `guardduty/detector/resumed-by-this-stack/${DetectorId}`,
      'ENABLED',
    ]);
    await detector.remove(made);
    expect(await status()).toBe('DISABLED');
  });

  test('gets a plan that is enabled and disabled', async () => {
    const { DetectorId } = await new GuardDutyClient().send(
      new CreateDetectorCommand({ Enable: true, Features: [{ Name: 'S3_DATA_EVENTS', Status: 'DISABLED' }] }),
    );
    const status = async () =>
      (await new GuardDutyClient().send(new GetDetectorCommand({ DetectorId }))).Features?.find(
        ({ Name }) => Name === 'S3_DATA_EVENTS',
      )?.Status;
    const made = await plan.create();
    expect([made.PhysicalResourceId, await status()]).toEqual([
      `guardduty/S3_DATA_EVENTS/enabled-by-this-stack/${DetectorId}`,
      'ENABLED',
    ]);
    await plan.remove(made);
    expect(await status()).toBe('DISABLED');
  });
});

describe('Security Hub', () => {
  const hub = asking(securityHub, { Standard: 'HUB' });
  const isOn = () => new SecurityHubClient().send(new DescribeHubCommand()).then(() => true, () => false);
  let tags: jest.SpyInstance;

  /**
   * moto returns the tags of a hub with the hub and does not implement ListTagsForResource. This mock answers that call
   * with the tags from moto.
   */
  beforeAll(() => {
    const { send } = SecurityHubClient.prototype;
    const Authorization = `AWS4-HMAC-SHA256 Credential=nobody/20260101/${REGION}/securityhub/aws4_request, `
      + 'SignedHeaders=host, Signature=0';
    tags = jest.spyOn(SecurityHubClient.prototype, 'send').mockImplementation(async function (
      this: SecurityHubClient,
      ...asked: unknown[]
    ) {
      if (!(asked[0] instanceof ListTagsForResourceCommand)) return send.apply(this, asked as never);
      return (await (await fetch(`${MOTO_URL}/accounts`, { headers: { Authorization } })).json()) as never;
    } as never);
  });

  afterAll(() => tags.mockRestore());

  test('is enabled, found enabled by an update, and disabled', async () => {
    const made = await hub.create();
    expect(made).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'securityhub/hub/enabled-by-this-stack' });
    expect(await isOn()).toBe(true);
    await hub.update(made);
    await hub.remove(made);
    expect(await isOn()).toBe(false);
  });

  test('stays enabled if it was enabled before', async () => {
    await new SecurityHubClient().send(new EnableSecurityHubCommand());
    const made = await hub.create();
    expect(made).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'securityhub/hub/not-enabled-by-this-stack' });
    await hub.remove(made);
    expect(await isOn()).toBe(true);
  });

  test('is not adopted if it is off', async () => {
    expect(await hub.adopt()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^Security Hub's hub is DISABLED/),
    });
    expect(await isOn()).toBe(false);
  });
});

describe('the recorder of AWS Config', () => {
  const recorder = asking(config, {
    Frequency: 'CONTINUOUS',
    BucketName: 'history',
    KeyArn: `arn:aws:kms:eu-west-1:${account}:key/1`,
  });
  const recorders = async () =>
    (await new ConfigServiceClient().send(new DescribeConfigurationRecordersCommand())).ConfigurationRecorders ?? [];
  const recording = async () => {
    const { ConfigurationRecordersStatus } = await new ConfigServiceClient().send(
      new DescribeConfigurationRecorderStatusCommand(),
    );
    return ConfigurationRecordersStatus?.map((each) => each.recording);
  };

  test('is created, found by an update, and deleted with its channel', async () => {
    const made = await recorder.create();
    expect(made).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'config-recorder/enabled-by-this-stack' });
    expect(await recording()).toEqual([true]);
    await recorder.update(made);
    expect(await recorders()).toHaveLength(1);
    expect(await recorder.remove(made)).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await recorders()).toEqual([]);
  });

  test('is not created if another recorder exists', async () => {
    await new ConfigServiceClient().send(
      new PutConfigurationRecorderCommand({
        ConfigurationRecorder: { name: 'theirs', roleARN: `arn:aws:iam::${account}:role/theirs` },
      }),
    );
    await recorder.remove(await recorder.create());
    expect((await recorders()).map(({ name }) => name)).toEqual(['theirs']);
  });
});

describe('the account settings', () => {
  const publicAccess = asking(settings, { Setting: 'S3_PUBLIC_ACCESS_BLOCK' });
  const ebs = asking(settings, { Setting: 'EBS_ENCRYPTION' });
  const policy = async () => (await new IAMClient().send(new GetAccountPasswordPolicyCommand())).PasswordPolicy;
  const passwords = asking(settings, {
    Setting: 'PASSWORD_POLICY',
    MinimumLength: '14',
    MaxAgeDays: '90',
    ReusePrevention: '24',
  });

  test('include the public access block, which is kept on deletion', async () => {
    expect(await publicAccess.adopt()).toMatchObject({ Status: 'FAILED' });
    const made = await publicAccess.create();
    expect(made).toMatchObject({ Status: 'SUCCESS' });
    await publicAccess.remove(made);
    expect(
      (await new S3ControlClient().send(new GetPublicAccessBlockCommand({ AccountId: account })))
        .PublicAccessBlockConfiguration,
    ).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(await publicAccess.adopt()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('include EBS encryption, which is kept on deletion', async () => {
    expect(await ebs.adopt()).toMatchObject({ Status: 'FAILED' });
    const made = await ebs.create();
    await ebs.remove(made);
    expect((await new EC2Client().send(new GetEbsEncryptionByDefaultCommand())).EbsEncryptionByDefault).toBe(true);
    expect(await ebs.adopt()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('include the password policy, which is kept on deletion', async () => {
    expect(await passwords.adopt()).toMatchObject({ Status: 'FAILED' });
    await passwords.remove(await passwords.create());
    expect(await policy()).toMatchObject({
      MinimumPasswordLength: 14,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 24,
      RequireLowercaseCharacters: true,
      RequireUppercaseCharacters: true,
      RequireNumbers: true,
      RequireSymbols: true,
    });
    expect(await passwords.adopt()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('keep a stricter value of an existing password policy', async () => {
    await new IAMClient().send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 20, HardExpiry: true }));
    await passwords.create();
    expect(await policy()).toMatchObject({ MinimumPasswordLength: 20, HardExpiry: true, RequireSymbols: true });
  });
});

describe('the budget', () => {
  /** Sends a request with the JSON protocol of AWS Budgets. */
  async function ask(operation: string, input: object) {
    const answer = await fetch(MOTO_URL, {
      method: 'POST',
      headers: {
        'Authorization':
          'AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/budgets/aws4_request, SignedHeaders=host, Signature=0',
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSBudgetServiceGateway.${operation}`,
      },
      body: JSON.stringify(input),
    });
    expect([operation, answer.status]).toEqual([operation, 200]);
    return answer.json() as Promise<Record<string, unknown>>;
  }

  test('is created from the template with its limit and both notifications', async () => {
    const stack = newStack({ env: { region: 'eu-west-1' } });
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
      only({ monthlyCostLimit: 500 }, stack),
    );
    const [{ Budget, NotificationsWithSubscribers }] = Object.values(
      propertiesOf(templateOf(stack), 'AWS::Budgets::Budget'),
    );
    // CloudFormation generates the name, passes the amount as a string, and replaces the reference with the ARN.
    const topic = `arn:aws:sns:eu-west-1:${account}:alarms`;
    const AccountId = account;
    await ask('CreateBudget', {
      AccountId,
      Budget: {
        ...Budget,
        BudgetName: 'costs',
        BudgetLimit: { ...Budget.BudgetLimit, Amount: String(Budget.BudgetLimit.Amount) },
      },
      NotificationsWithSubscribers: NotificationsWithSubscribers.map((each: object) => ({
        ...each,
        Subscribers: [{ SubscriptionType: 'SNS', Address: topic }],
      })),
    });
    expect(await ask('DescribeBudget', { AccountId, BudgetName: 'costs' })).toMatchObject({
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: '500', Unit: 'USD' } },
    });
    const { Notifications } = await ask('DescribeNotificationsForBudget', { AccountId, BudgetName: 'costs' });
    expect(Notifications).toMatchObject(['ACTUAL', 'FORECASTED'].map((NotificationType) => (
      { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold: 100, ThresholdType: 'PERCENTAGE' })));
  });
});
