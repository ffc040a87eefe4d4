import { handler } from '../../../src/guardrails/drift/check-guardrails.lambda';
import { CheckedSwitch, GuardrailCheck } from '../../../src/guardrails/drift/contract';
import { FakeAccessAnalyzer } from '../../support/fake-access-analyzer';
import { FakeAccountSettings, findAccountsAtHome } from '../../support/fake-account-settings';
import { FakeAwsError } from '../../support/fake-aws';
import { FakeCloudTrail } from '../../support/fake-cloud-trail';
import { EVERYTHING, FakeConfig } from '../../support/fake-config';
import { FakeGuardDuty } from '../../support/fake-guard-duty';
import { FakeInspector } from '../../support/fake-inspector';
import { FakeSecurityHub } from '../../support/fake-security-hub';
import { ACCOUNT, pointSdkAt, REGION, STACK_ID } from '../../support/fake-service';

const cloudTrail = new FakeCloudTrail();
const config = new FakeConfig();
const guardDuty = new FakeGuardDuty();
const securityHub = new FakeSecurityHub();
const inspector = new FakeInspector();
const accessAnalyzer = new FakeAccessAnalyzer();
const settings = new FakeAccountSettings();

const RECORDER = 'cdk-hipaa-1';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`;
const FSBP = 'aws-foundational-security-best-practices/v/1.0.0';
const TRAIL = `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/hipaa-trail`;

/** A switch of the check. */
function checked(Handler: CheckedSwitch['Handler'], properties: object, PhysicalId = 'id/not-enabled-by-this-stack') {
  const Properties = { Mode: 'create', WhereOffered: 'false', ...properties } as const;
  return { Handler, PhysicalId, Properties };
}

const RECORDER_PROPERTIES = { Frequency: 'CONTINUOUS', ExcludedTypes: [], BucketName: 'history', KeyArn: 'key' };
const CHECK: GuardrailCheck = {
  StackId: STACK_ID,
  Switches: [
    checked('guard-duty', { Feature: 'DETECTOR' }),
    checked('guard-duty', { Feature: 'S3_DATA_EVENTS' }),
    checked('security-hub', { Standard: 'HUB' }),
    checked('security-hub', { Standard: FSBP }),
    checked('inspector', { ScanType: 'EC2' }),
    checked('access-analyzer', { AnalyzerName: 'cdk-hipaa-external-access' }),
    checked('settings', { Setting: 'S3_PUBLIC_ACCESS_BLOCK' }),
    checked('settings', { Setting: 'EBS_ENCRYPTION' }),
    checked('settings', {
      Setting: 'PASSWORD_POLICY', MinimumLength: '14', MaxAgeDays: '90', ReusePrevention: '24',
    }),
    checked('config', RECORDER_PROPERTIES),
  ],
  Trail: {
    Name: 'hipaa-trail',
    BucketName: 'trail',
    KeyArn: 'key',
    LogGroupArn: 'group:*',
    RoleArn: 'role',
    DataEvents: '1',
    DataEventArns: ['arn:aws:s3'],
  },
  ConformancePack: 'hipaa-security',
};
const GUARDRAILS = [
  'GUARD_DUTY', 'SECURITY_HUB', 'INSPECTOR', 'ACCESS_ANALYZER', 'S3_PUBLIC_ACCESS', 'EBS_ENCRYPTION',
  'PASSWORD_POLICY', 'CONFIG', 'TRAIL', 'CONFORMANCE_PACK',
];

interface Line {
  readonly Guardrail: string;
  readonly Differences: number;
  readonly differences: string[];
  readonly _aws: object;
}
let lines: Line[];
let lookup: jest.SpyInstance;

beforeAll(async () => {
  for (const fake of [cloudTrail, config, guardDuty, securityHub, inspector, accessAnalyzer, settings]) {
    await fake.start();
  }
  pointSdkAt(settings.url.replace('127.0.0.1', 'localhost'));
  lookup = findAccountsAtHome();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CLOUDTRAIL: cloudTrail.url,
    AWS_ENDPOINT_URL_CONFIG_SERVICE: config.url,
    AWS_ENDPOINT_URL_GUARDDUTY: guardDuty.url,
    AWS_ENDPOINT_URL_SECURITYHUB: securityHub.url,
    AWS_ENDPOINT_URL_INSPECTOR2: inspector.url,
    AWS_ENDPOINT_URL_ACCESSANALYZER: accessAnalyzer.url,
  });
});

afterAll(async () => {
  lookup.mockRestore();
  for (const fake of [cloudTrail, config, guardDuty, securityHub, inspector, accessAnalyzer, settings]) {
    await fake.stop();
  }
});

// Everything is as the stack requires it.
beforeEach(() => {
  guardDuty.enable('S3_DATA_EVENTS');
  guardDuty.calls.length = 0;
  securityHub.enable();
  securityHub.standards[FSBP] = { status: 'READY' };
  inspector.scans.EC2 = 'ENABLED';
  accessAnalyzer.analyzers = [];
  accessAnalyzer.add();
  settings.publicAccess = {
    BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
  };
  settings.ebs.encrypted = true;
  settings.passwords = {
    MinimumPasswordLength: 14,
    MaxPasswordAge: 90,
    PasswordReusePrevention: 24,
    RequireLowercaseCharacters: true,
    RequireUppercaseCharacters: true,
    RequireNumbers: true,
    RequireSymbols: true,
    AllowUsersToChangePassword: true,
  };
  Object.assign(config, {
    recorders: [{
      name: RECORDER, roleARN: ROLE, recordingGroup: EVERYTHING, recordingMode: { recordingFrequency: 'CONTINUOUS' },
    }],
    channels: [{ name: RECORDER, s3BucketName: 'history', s3KmsKeyArn: 'key' }],
    looks: 0,
    lastRecording: { lastStatus: 'Success' },
    packs: { 'hipaa-security': { ConformancePackState: 'CREATE_COMPLETE' } },
    deliveries: { configHistoryDeliveryInfo: { lastStatus: 'Success' } },
  });
  config.recording.clear();
  config.recording.add(RECORDER);
  config.calm();
  config.requests.length = 0;
  cloudTrail.trails = [{
    TrailARN: TRAIL,
    Name: 'hipaa-trail',
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    LogFileValidationEnabled: true,
    S3BucketName: 'trail',
    KmsKeyId: 'key',
    CloudWatchLogsLogGroupArn: 'group:*',
    CloudWatchLogsRoleArn: 'role',
  }];
  cloudTrail.status = {};
  cloudTrail.selectors = {
    EventSelectors: [{
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }],
    }],
  };
  cloudTrail.requests.length = 0;
});

/** Runs the check, and returns the differences by guardrail. */
async function check(changed: Partial<GuardrailCheck> = {}): Promise<Record<string, string[]>> {
  lines = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(JSON.parse(String(text)));
    return true;
  });
  try {
    await handler({ ...CHECK, ...changed }, {
      invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Check`,
      getRemainingTimeInMillis: () => 60_000,
    });
  } finally {
    write.mockRestore();
  }
  for (const { Differences, differences } of lines) expect(Differences).toBe(differences.length);
  return Object.fromEntries(lines.map(({ Guardrail, differences }) => [Guardrail, differences]));
}

/** The only guardrail with differences. */
async function only(changed?: Partial<GuardrailCheck>): Promise<[string, string[]]> {
  const found = Object.entries(await check(changed)).filter(([, differences]) => differences.length > 0);
  expect(found).toHaveLength(1);
  return found[0];
}

test('publishes no difference for each guardrail if everything is as required, and only reads', async () => {
  expect(await check()).toEqual(Object.fromEntries(GUARDRAILS.map((guardrail) => [guardrail, []])));
  expect(lines[0]._aws).toEqual({
    Timestamp: expect.any(Number),
    CloudWatchMetrics: [{
      Namespace: 'CdkHipaa/Guardrails',
      Dimensions: [['Guardrail']],
      Metrics: [{ Name: 'Differences', Unit: 'Count' }],
    }],
  });
  for (const { changes } of [config, guardDuty, securityHub, inspector, accessAnalyzer, settings]) {
    expect(changes).toEqual([]);
  }
  expect(cloudTrail.requests.map(({ operation }) => operation)).toEqual([
    'GetTrail', 'GetEventSelectors', 'GetTrailStatus',
  ]);
});

test.each<[string, string, () => void, string]>([
  ['a deleted detector', 'GUARD_DUTY', () => { guardDuty.detector = undefined; }, "GuardDuty's detector is missing"],
  ['a disabled plan', 'GUARD_DUTY', () => { guardDuty.enable(); }, "GuardDuty's plan S3_DATA_EVENTS is DISABLED"],
  ['a disabled hub', 'SECURITY_HUB', () => { securityHub.hub = undefined; }, "Security Hub's hub is DISABLED"],
  [
    'a standard without a recorder', 'SECURITY_HUB',
    () => { securityHub.standards[FSBP] = { status: 'INCOMPLETE', reason: 'NO_AVAILABLE_CONFIGURATION_RECORDER' }; },
    `Security Hub's standard ${FSBP} is INCOMPLETE: NO_AVAILABLE_CONFIGURATION_RECORDER`,
  ],
  ['a disabled scan', 'INSPECTOR', () => { inspector.scans.EC2 = 'DISABLED'; }, "Inspector's EC2 scanning is DISABLED"],
  [
    'a deleted analyzer', 'ACCESS_ANALYZER', () => { accessAnalyzer.analyzers = []; },
    "IAM Access Analyzer's external access analyzer is missing",
  ],
  [
    'a part of Block Public Access', 'S3_PUBLIC_ACCESS', () => { settings.publicAccess!.BlockPublicAcls = false; },
    "S3's account-level Block Public Access is without BlockPublicAcls",
  ],
  [
    'EBS encryption', 'EBS_ENCRYPTION', () => { settings.ebs.encrypted = false; },
    "EBS's encryption by default is DISABLED",
  ],
  [
    'a looser password policy', 'PASSWORD_POLICY', () => { settings.passwords!.MinimumPasswordLength = 8; },
    "IAM's password policy is too loose in MinimumPasswordLength",
  ],
  [
    'a deleted pack', 'CONFORMANCE_PACK', () => { delete config.packs['hipaa-security']; },
    'The conformance pack hipaa-security does not exist',
  ],
  [
    'a pack that was not created', 'CONFORMANCE_PACK',
    () => {
      config.packs['hipaa-security'] = { ConformancePackState: 'CREATE_FAILED', ConformancePackStatusReason: 'no' };
    },
    'The conformance pack hipaa-security is CREATE_FAILED: no',
  ],
  [
    'a stopped recorder', 'CONFIG', () => { config.recording.clear(); },
    `The recorder '${RECORDER}' of AWS Config does not record`,
  ],
  [
    'a recorder without permission', 'CONFIG',
    () => {
      config.lastRecording = { lastStatus: 'Failure', lastErrorCode: 'AccessDenied', lastErrorMessage: 'the role' };
    },
    `The recorder '${RECORDER}' of AWS Config cannot record: AccessDenied (the role)`,
  ],
  [
    'a history that cannot be delivered', 'CONFIG',
    () => { config.deliveries.configHistoryDeliveryInfo = { lastStatus: 'FAILURE', lastErrorCode: 'NoSuchBucket' }; },
    `The delivery channel '${RECORDER}' of AWS Config cannot deliver the history: NoSuchBucket (no message)`,
  ],
  [
    'a snapshot that cannot be delivered', 'CONFIG',
    () => { config.deliveries.configSnapshotDeliveryInfo = { lastStatus: 'Failure' }; },
    `The delivery channel '${RECORDER}' of AWS Config cannot deliver a snapshot: no code (no message)`,
  ],
  [
    'another bucket', 'CONFIG', () => { config.channels = [{ name: 'theirs', s3BucketName: 'elsewhere' }]; },
    "AWS Config delivers elsewhere: the channel 'theirs', which this stack did not create, delivers to the bucket "
      + "'elsewhere'",
  ],
  [
    'a deleted channel', 'CONFIG', () => { config.channels = []; },
    `No delivery channel of AWS Config exists in account ${ACCOUNT}, region ${REGION}`,
  ],
  [
    'a deleted recorder', 'CONFIG', () => { config.recorders = []; },
    `No recorder of AWS Config exists in account ${ACCOUNT}, region ${REGION}`,
  ],
  ['a deleted trail', 'TRAIL', () => { cloudTrail.trails = []; }, 'The trail hipaa-trail does not exist'],
  [
    'a stopped trail', 'TRAIL', () => { cloudTrail.status[TRAIL] = { IsLogging: false }; },
    'The trail hipaa-trail does not log',
  ],
  [
    'a changed bucket policy', 'TRAIL', () => { cloudTrail.status[TRAIL] = { LatestDeliveryError: 'AccessDenied' }; },
    'The trail hipaa-trail cannot deliver log files to its bucket: AccessDenied',
  ],
  [
    'a changed key', 'TRAIL', () => { cloudTrail.status[TRAIL] = { LatestDigestDeliveryError: 'KMS.Disabled' }; },
    'The trail hipaa-trail cannot deliver digests to its bucket: KMS.Disabled',
  ],
  [
    'a changed role', 'TRAIL',
    () => { cloudTrail.status[TRAIL] = { LatestCloudWatchLogsDeliveryError: 'Access denied' }; },
    'The trail hipaa-trail cannot deliver events to its log group: Access denied',
  ],
  [
    'a trail of one region', 'TRAIL', () => { cloudTrail.trails[0].IsMultiRegionTrail = false; },
    'The trail hipaa-trail has other settings than the stack: logs all regions is false instead of true',
  ],
  [
    'another key', 'TRAIL', () => { delete cloudTrail.trails[0].KmsKeyId; },
    'The trail hipaa-trail has other settings than the stack: key is not set instead of key',
  ],
  [
    'a trail without management events', 'TRAIL',
    () => {
      cloudTrail.selectors = {
        EventSelectors: [
          { ReadWriteType: 'All', DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] },
        ],
      };
    },
    'The trail hipaa-trail does not log all management events',
  ],
  [
    'a trail without data events', 'TRAIL',
    () => { cloudTrail.selectors = { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] }; },
    'The trail hipaa-trail does not log the object-level events of arn:aws:s3',
  ],
])('publishes %s as a difference of %s', async (_what, guardrail, change, difference) => {
  change();
  const [found, differences] = await only();
  expect(found).toBe(guardrail);
  expect(differences).toContain(difference);
});

test('compares the number of buckets if there are too many for the input', async () => {
  expect(await only({ Trail: { ...CHECK.Trail!, DataEvents: '2', DataEventArns: undefined } })).toEqual([
    'TRAIL', ['The trail hipaa-trail logs the object-level events of 1 instead of 2 ARNs'],
  ]);
});

test('names advanced event selectors, which replace the others', async () => {
  cloudTrail.selectors = { AdvancedEventSelectors: [{ Name: 'theirs', FieldSelectors: [] }] };
  const [, differences] = await only();
  expect(differences[0]).toBe('The trail hipaa-trail has advanced event selectors, which the stack does not set');
});

describe('a switch that was off at the deployment', () => {
  const lambda = (id: string) => ({ Switches: [checked('inspector', { ScanType: 'LAMBDA' }, id)] });

  test('is not read if its physical ID says that it may be off', async () => {
    inspector.scans.LAMBDA = 'DISABLED';
    expect(await check(lambda('inspector-scan/LAMBDA/may-be-off'))).not.toHaveProperty('INSPECTOR');
  });

  test('is a difference otherwise', async () => {
    inspector.scans.LAMBDA = 'DISABLED';
    expect(await only(lambda('inspector-scan/LAMBDA/not-enabled-by-this-stack'))).toEqual([
      'INSPECTOR', ["Inspector's LAMBDA scanning is DISABLED"],
    ]);
  });
});

describe('a recorder that records too little', () => {
  const only3 = { allSupported: false, resourceTypes: ['AWS::S3::Bucket'] };

  test('is a difference if it is the one of the stack', async () => {
    config.recorders[0].recordingGroup = only3;
    expect(await only()).toEqual(['CONFIG', [
      `The recorder '${RECORDER}' of AWS Config does not record any type except AWS::S3::Bucket`,
      `The recorder '${RECORDER}' of AWS Config, its bucket or its key has other settings than the stack`,
    ]]);
  });

  test('is a difference if it existed before the stack', async () => {
    config.recorders[0] = { name: 'default', recordingGroup: { allSupported: true } };
    config.recording.add('default');
    expect(await only()).toEqual(['CONFIG', [
      "The recorder 'default' of AWS Config does not record AWS::IAM::Group, AWS::IAM::Policy, AWS::IAM::Role, "
        + 'AWS::IAM::User',
    ]]);
  });

  test('is a difference if it records less than the app accepted, and none otherwise', async () => {
    config.recorders[0] = { name: 'default', recordingGroup: only3 };
    config.recording.add('default');
    const accepting = (RequiredTypes: string[]) =>
      ({ Switches: [checked('config', { Mode: 'adopt', RequiredTypes })] });
    expect(await check(accepting(['AWS::S3::Bucket']))).toMatchObject({ CONFIG: [] });
    expect(await only(accepting(['AWS::IAM::Role', 'AWS::S3::Bucket']))).toEqual(['CONFIG', [
      "The recorder 'default' of AWS Config does not record AWS::IAM::Role",
    ]]);
  });
});

describe('an adopted trail', () => {
  const adopted = { Trail: undefined, AdoptedTrail: 'true' } as const;
  const organization = { TrailARN: 'arn:aws:cloudtrail:us-east-1:999988887777:trail/all', Name: 'all' };

  test('is sufficient if one trail of all regions logs and delivers', async () => {
    cloudTrail.trails.push({ ...organization, IsMultiRegionTrail: true });
    cloudTrail.status[TRAIL] = { IsLogging: false };
    expect(await check(adopted)).toMatchObject({ TRAIL: [] });
  });

  test('is a difference if its selectors leave management events out', async () => {
    const missing = ['TRAIL', [`The trail ${TRAIL} does not log all management events`]];
    const all = { ReadWriteType: 'All', IncludeManagementEvents: true };
    for (const selector of [
      { ...all, IncludeManagementEvents: false }, { ...all, ReadWriteType: 'ReadOnly' },
      { ...all, ExcludeManagementEventSources: ['kms.amazonaws.com'] },
    ]) {
      cloudTrail.selectors = { EventSelectors: [selector] };
      expect(await only(adopted)).toEqual(missing);
    }
    const management = { Field: 'eventCategory', Equals: ['Management'] };
    const advanced = (...fields: object[]) =>
      ({ AdvancedEventSelectors: [{ FieldSelectors: [management, ...fields] }] });
    cloudTrail.selectors = advanced({ Field: 'readOnly', Equals: ['true'] });
    expect(await only(adopted)).toEqual(missing);
    cloudTrail.selectors = advanced();
    expect(await check(adopted)).toMatchObject({ TRAIL: [] });
  });

  test('of another account is sufficient without its selectors, which cannot be read', async () => {
    cloudTrail.trails = [{ ...organization, IsMultiRegionTrail: true, IsOrganizationTrail: true }];
    for (const code of ['AccessDeniedException', 'CloudTrailARNInvalidException', 'TrailNotFoundException']) {
      cloudTrail.failNext('GetEventSelectors', new FakeAwsError(code, 'a trail of another account'));
      expect(await check(adopted)).toMatchObject({ TRAIL: [] });
    }
    cloudTrail.failNext('GetEventSelectors', new FakeAwsError('InvalidTrailNameException', 'no'));
    await expect(check(adopted)).rejects.toThrow('could not read TRAIL (adopted trail): no');
  });

  test('of this account is a failure if its selectors cannot be read', async () => {
    cloudTrail.failNext('GetEventSelectors', new FakeAwsError('AccessDeniedException', 'denied'));
    await expect(check(adopted)).rejects.toThrow('could not read TRAIL (adopted trail): denied');
  });

  test('is a difference if the account has only trails of one region', async () => {
    cloudTrail.trails = [{ ...organization, IsMultiRegionTrail: false }];
    expect(await only(adopted)).toEqual([
      'TRAIL', ['Neither the account nor its organization has a trail of all regions'],
    ]);
  });

  test('is a difference if no trail delivers', async () => {
    cloudTrail.status[TRAIL] = { LatestDeliveryError: 'NoSuchBucket' };
    expect(await only(adopted)).toEqual([
      'TRAIL', [`The trail ${TRAIL} cannot deliver log files to its bucket: NoSuchBucket`],
    ]);
  });
});

describe('a guardrail that cannot be read', () => {
  const denied = () => new FakeAwsError('AccessDeniedException', 'denied by a service control policy');

  test('fails the check after the other guardrails are published, and is not published itself', async () => {
    config.failNext('DescribeConformancePackStatus', denied());
    await expect(check()).rejects.toThrow(
      'could not read CONFORMANCE_PACK (conformance pack): denied by a service control policy');
    expect(lines.map(({ Guardrail }) => Guardrail)).toEqual(GUARDRAILS.slice(0, -1));
  });

  test('is published if another part of it differs', async () => {
    guardDuty.enable();
    guardDuty.faults.push({ call: 'list', status: 403, code: 'AccessDeniedException: no' });
    await expect(check()).rejects.toThrow('could not read GUARD_DUTY (detector): no');
    expect(lines[0]).toMatchObject({ Guardrail: 'GUARD_DUTY', Differences: 1 });
  });
});
