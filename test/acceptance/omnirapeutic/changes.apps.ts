import { fullDiff, ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { App, Size, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { GuardrailsStack } from '../../../examples/omnirapeutic/guardrails-stack';
import { NetworkStack } from '../../../examples/omnirapeutic/network-stack';
import { defineOmnirapeutic } from '../../../examples/omnirapeutic/stacks';
import { newApp } from '../../support/app';
import { DeployedStacks } from '../../support/deployed-stacks';
import { Documents } from '../../support/template/documents';
import { Json } from '../../support/template/example';
import {
  ComplianceGuardrailsProps,
  DatabaseAccess,
  Guardrail,
  HardenedRepository,
  WorkloadMonitoring,
  SecureFargateService,
  SecureFargateServiceProps,
  SecureLoadBalancer,
  ServiceCluster,
  ServiceIngress,
} from 'cdk-hipaa';

/** The edits of a user: props by class of construct. */
type Edits = Record<string, object>;
const mockEdits: Edits = {};

jest.mock('cdk-hipaa', () => {
  const library = jest.requireActual('cdk-hipaa');
  const edited = (name: string) => {
    const Original = library[name] as new (scope: Construct, id: string, props: object) => Construct;
    return class extends Original {
      constructor(scope: Construct, id: string, props: object) {
        super(scope, id, { ...props, ...mockEdits[name] });
      }
    };
  };
  const Cluster = library.ServiceCluster as typeof ServiceCluster;
  class EditedCluster extends Cluster {
    public addService(scope: Construct, id: string, props: SecureFargateServiceProps): SecureFargateService {
      return super.addService(scope, id, { ...props, ...mockEdits.SecureFargateService });
    }
  }
  const names = ['ComplianceGuardrails', 'EncryptedAuroraCluster', 'HipaaVpc'];
  return {
    ...library,
    ...Object.fromEntries(names.map((name) => [name, edited(name)])),
    ServiceCluster: EditedCluster,
  };
});

/** The flag of every new project. Without it, the order of resources in a policy depends on the process. */
const FLAGS = { '@aws-cdk/aws-iam:minimizePolicies': true };

interface Version {
  readonly edits?: Edits;
  readonly more?: (stacks: ReturnType<typeof defineOmnirapeutic>) => void;
}
type Templates = Record<string, Json>;
const ENV = { region: 'us-east-1' };

/** The templates of all stacks. */
function deployed({ edits = {}, more }: Version = {}): Templates {
  replaceEdits(edits);
  const app = newApp(FLAGS);
  const stacks = defineOmnirapeutic(app, ENV);
  more?.(stacks);
  return templatesOf(app, stacks);
}

/** The templates of the network and of the guardrails. No other stack reads the guardrails. */
function guarded(choices: object = {}): Templates {
  replaceEdits({ ComplianceGuardrails: choices });
  const app = newApp(FLAGS);
  const props = { env: ENV, terminationProtection: true };
  const network = new NetworkStack(app, 'OmnirapeuticNetwork', { ...props, alarmEmail: 'oncall@omnirapeutic.com' });
  const { vpc, topic } = network;
  const guardrails = new GuardrailsStack(app, 'OmnirapeuticGuardrails', {
    ...props,
    vpc,
    topic,
    monthlyCostLimit: 1000,
  });
  return templatesOf(app, { network, guardrails });
}

function replaceEdits(edits: Edits): void {
  for (const name of Object.keys(mockEdits)) delete mockEdits[name];
  Object.assign(mockEdits, edits);
}

function templatesOf(app: App, stacks: Record<string, Stack>): Templates {
  const assembly = app.synth();
  return Object.fromEntries(
    Object.entries(stacks).map(([name, { artifactId }]) => [name, assembly.getStackArtifact(artifactId).template]),
  );
}

/** The effect of an update on a stack: added resources by type, and changed, removed and replaced resources. */
interface Outcome {
  readonly added?: Record<string, number>;
  readonly changed?: string[];
  readonly removed?: string[];
  readonly replaced?: string[];
}

const IN_PLACE = [ResourceImpact.WILL_UPDATE, ResourceImpact.NO_CHANGE];

function outcomeOf(before: object, after: object): Outcome {
  const added: Record<string, number> = {};
  const lists: Record<'changed' | 'removed' | 'replaced', string[]> = { changed: [], removed: [], replaced: [] };
  fullDiff(before, after).resources.forEachDifference((id, change: ResourceDifference) => {
    const type = (change.newResourceType ?? change.oldResourceType)!;
    if (change.isAddition) {added[type] = (added[type] ?? 0) + 1;} else {
      lists[change.isRemoval ? 'removed' : IN_PLACE.includes(change.changeImpact) ? 'changed' : 'replaced'].push(
        id.replace(/[0-9A-F]{8}$/, ''),
      );
    }
  });
  return Object.fromEntries(Object.entries({ added, ...lists }).filter(([, found]) => Object.keys(found).length > 0));
}

/** The effect of an update on all stacks, by name. An absent stack does not change. */
function outcomes(before: Templates, after: Templates): Record<string, Outcome> {
  const touched = Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const found = touched.map((name) => [name, outcomeOf(before[name], after[name])] as const);
  return Object.fromEntries(found.filter(([, outcome]) => Object.keys(outcome).length > 0));
}

/** CloudFormation denies the change of an export that another stack uses. Other outputs can change. */
function expectExportsKept(before: Templates, after: Templates): void {
  for (const [name, { Outputs = {} }] of Object.entries(before)) {
    const exported = Object.entries<{ Export?: object }>(Outputs).filter(([, { Export }]) => Export);
    expect(after[name].Outputs ?? {}).toMatchObject(Object.fromEntries(exported));
  }
}

/** Adds a fourth service with its repository behind the same load balancer. */
function addReports({ network, images, data, application }: ReturnType<typeof defineOmnirapeutic>): void {
  const repository = new HardenedRepository(images, 'Reports');
  const entrance = application.node.findChild('Entrance') as SecureLoadBalancer;
  const { cluster } = application.node.findChild('Cluster') as ServiceCluster;
  const reports = new SecureFargateService(application, 'Reports', {
    vpc: network.vpc,
    cluster,
    cpu: 512,
    memory: Size.mebibytes(1024),
    image: repository.image('1.0.0'),
    containerPort: 8443,
    ingress: ServiceIngress.loadBalancer(entrance, {
      containerProtocol: elbv2.ApplicationProtocol.HTTPS,
      path: '/reports/*',
      healthCheckPath: '/health',
    }),
    certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
    uses: [data.database],
  });
  (application.node.findChild('Monitoring') as WorkloadMonitoring).watch(reports);
}

const asItIs = deployed();
/** The users of the database, and the function that manages them with its permissions. */
const USERS = ['OmnirapeuticApplicationApi', 'OmnirapeuticApplicationWorker', 'Migrations']
  .map((name) => `DatabaseUsers${name}`);
const USERS_FUNCTION = ['DatabaseUsersFunctionRolePolicy', 'DatabaseUsersFunction'];
const usersIn = ({ data }: Templates) =>
  Object.values<{ Type: string; Properties: object }>(data.Resources)
    .filter(({ Type }) => Type === 'Custom::DatabaseUser');
/** A service without manual secrets has as many alarms as the service Api. */
const alarmsOfApi = Object.entries<{ Type: string }>(asItIs.application.Resources).filter(
  ([id, { Type }]) => Type === 'AWS::CloudWatch::Alarm' && /^MonitoringOmnirapeuticApplicationApi[A-Z]/.test(id),
).length;

describe('an addition to the deployed example replaces nothing:', () => {
  /** Expects exactly this effect, and an update that works stack by stack. */
  const expectUpdate = (before: Templates, after: Templates, expected: Record<string, Outcome>) => {
    expect(outcomes(before, after)).toEqual(expected);
    expectExportsKept(before, after);
  };

  test('the same app again, which changes nothing', () => {
    expectUpdate(asItIs, deployed(), {});
  });

  test('a second reader', () => {
    const after = deployed({ edits: { EncryptedAuroraCluster: { readers: 2 } } });
    expectUpdate(asItIs, after, { data: { added: { 'AWS::RDS::DBInstance': 1 }, changed: USERS } });
    // The users are created after the reader. CloudFormation updates nothing for that.
    const properties = (templates: Templates) => usersIn(templates).map(({ Properties }) => Properties);
    expect(properties(after)).toEqual(properties(asItIs));
  });

  test('a fourth zone: four gateways have more metrics than one alarm can read, so each gets its own', () => {
    const perZone = { EIP: 1, NatGateway: 1, Subnet: 3, RouteTable: 3, SubnetRouteTableAssociation: 3, Route: 3 };
    const together = ['PortAllocation', 'DroppedPackets', 'UnansweredConnections'].map(
      (alarm) => `MonitoringOmnirapeuticNetworkNetworkNat${alarm}`,
    );
    expectUpdate(asItIs, deployed({ edits: { HipaaVpc: { maxAzs: 4 } } }), {
      network: {
        added: {
          ...Object.fromEntries(Object.entries(perZone).map(([type, count]) => [`AWS::EC2::${type}`, count])),
          'AWS::CloudWatch::Alarm': 12,
        },
        changed: [
          'NetworkTrafficRejectedFromWithin',
          'NetworkTrafficRemoteAccess',
          'NetworkTrafficRemoteDesktop',
          'NetworkTrafficBytesLeavingData',
          'MonitoringDashboard',
        ],
        removed: together,
      },
      data: { changed: ['DatabaseSubnets', ...USERS_FUNCTION] },
      // The migrations run again, which is harmless.
      application: { changed: ['Entrance', 'ApiService', 'WebService', 'WorkerService', 'MigrationsRun'] },
    });
  });

  test('a fourth service behind the load balancer: its rules in the security groups of the load balancer and the '
    + 'database are separate resources', () => {
    expectUpdate(asItIs, deployed({ more: addReports }), {
      images: { added: { 'AWS::KMS::Key': 1, 'AWS::ECR::Repository': 1 } },
      data: {
        added: {
          'AWS::SecretsManager::ResourcePolicy': 1,
          'AWS::SecretsManager::RotationSchedule': 1,
          'AWS::SecretsManager::Secret': 1,
          'Custom::DatabaseUser': 1,
        },
        changed: [...USERS_FUNCTION, 'DatabaseUsersAgeFunctionRolePolicy', 'DatabaseUsersAgeDaily'],
      },
      application: {
        added: {
          'AWS::ApplicationAutoScaling::ScalableTarget': 1,
          'AWS::ApplicationAutoScaling::ScalingPolicy': 2,
          'AWS::CloudWatch::Alarm': alarmsOfApi,
          'AWS::EC2::SecurityGroup': 1,
          'AWS::EC2::SecurityGroupEgress': 2,
          'AWS::EC2::SecurityGroupIngress': 2,
          'AWS::ECS::Service': 1,
          'AWS::ECS::TaskDefinition': 1,
          'AWS::ElasticLoadBalancingV2::ListenerRule': 1,
          'AWS::ElasticLoadBalancingV2::TargetGroup': 1,
          'AWS::Events::Rule': 3,
          'AWS::IAM::ManagedPolicy': 3,
          'AWS::IAM::Role': 3,
          'AWS::KMS::Key': 1,
          'AWS::Lambda::EventSourceMapping': 1,
          'AWS::Lambda::Function': 1,
          'AWS::Logs::LogGroup': 2,
          'AWS::SQS::Queue': 3,
          'AWS::SQS::QueuePolicy': 3,
        },
        changed: ['MonitoringDashboard'],
      },
    });
  });

  test('a person with a database user, as in the text', () => {
    new Documents('omnirapeutic').expectWords(
      "const ada = iam.Role.fromRoleName(this, 'RoleOfAda', 'Ada');",
      "database.access('Ada', DatabaseAccess.iamToken()).grantLogin(ada);",
    );
    const more = ({ data }: ReturnType<typeof defineOmnirapeutic>) => {
      const ada = iam.Role.fromRoleName(data, 'RoleOfAda', 'Ada');
      data.database.access('Ada', DatabaseAccess.iamToken()).grantLogin(ada);
    };
    expectUpdate(asItIs, deployed({ more }), {
      data: { added: { 'AWS::IAM::ManagedPolicy': 1, 'Custom::DatabaseUser': 1 }, changed: ['DatabaseUsersFunction'] },
    });
  });
});

/** The templates by the names of the stacks. */
const byName = (templates: Templates) => Object.fromEntries(
  Object.entries(templates)
    .map(([name, template]) => [`Omnirapeutic${name[0].toUpperCase()}${name.slice(1)}`, template]),
);

describe('a fourth service, whose database user is in the stack of the database', () => {
  const [three, four] = [asItIs, deployed({ more: addReports })].map(byName);

  test('is added in the order of cdk deploy --all', () => {
    expect(new DeployedStacks(three).deploy(four)).toEqual([]);
  });

  test('cannot be removed in that order, with the message of the text', () => {
    const [refused] = new DeployedStacks(four).deploy(three);
    expect(refused).toMatch(/^Export \S+ of OmnirapeuticImages cannot be deleted as it is in use by \w+Application$/);
    const [ofDatabase] = new DeployedStacks(four).deploy(three, ['OmnirapeuticData']);
    expect(ofDatabase).toMatch(/DatabaseUsersOmnirapeuticApplicationReportsSecret\w+ of OmnirapeuticData cannot/);
    new Documents('omnirapeutic').expectWords('fails with `Cannot delete export …`, and changes nothing');
  });

  test('is removed in the order of the text', () => {
    const commands = new Documents('omnirapeutic')
      .captures(/^npx cdk deploy --exclusively (\w+) +# after the removal of a service\nnpx cdk deploy --all$/gm);
    expect(commands).toHaveLength(1);
    const stacks = new DeployedStacks(four);
    expect(stacks.deploy(three, commands[0])).toEqual([]);
    expect(stacks.deploy(three)).toEqual([]);
  });
});

describe('two zones instead of three', () => {
  const fewer = deployed({ edits: { HipaaVpc: { maxAzs: 2 } } });
  const [before, after] = [asItIs, fewer].map(byName);

  test('replaces nothing, and removes only the resources of the third zone', () => {
    const found = outcomes(asItIs, fewer);
    expect(Object.keys(found).sort()).toEqual(['application', 'data', 'network']);
    expect(Object.values(found).flatMap(({ added, replaced = [] }) => [...Object.keys(added ?? {}), ...replaced]))
      .toEqual([]);
    expect(found.network.removed).toHaveLength(14);
    expect(found.network.removed!.filter((id) => !/^Network(Public|Private|Data)Subnet3/.test(id))).toEqual([]);
    expect([found.data.removed, found.application.removed]).toEqual([undefined, undefined]);
  });

  test('is refused in the order of cdk deploy --all, with the message of the text', () => {
    const [refused] = new DeployedStacks(before).deploy(after);
    expect(refused).toMatch(
      /^Export \S+:ExportsOutputRefNetworkDataSubnet3Subnet\w+ of OmnirapeuticNetwork cannot be deleted/,
    );
    new Documents('omnirapeutic').expectWords('as it is in use by OmnirapeuticData');
  });

  test('works in the order of the text', () => {
    const orders = new Documents('omnirapeutic').captures(/^for STACK in (.+?); do npx cdk deploy --exclusively/gm);
    expect(orders).toHaveLength(1);
    const stacks = new DeployedStacks(before);
    for (const name of orders[0][0].split(' ')) expect(stacks.deploy(after, [name])).toEqual([]);
    expect(stacks.deploy(after)).toEqual([]);
  });

  test('can be undone in the order of cdk deploy --all', () => {
    expect(new DeployedStacks(after).deploy(before)).toEqual([]);
  });
});

/**
 * A guardrail that was left out, and the resources that change when it is created. The tests of the room show what is
 * added.
 */
interface Change {
  readonly guardrail: Guardrail;
  readonly fromSkip: string[];
  readonly fromAdopt: string[];
}

const SETTINGS_POLICY = 'GuardrailsAccountSettingsRolePolicy';
const SETTING = 'ComplianceGuardrailsAccountSettings';
const HUB = 'ComplianceGuardrailsSecurityHub';
const DASHBOARD = 'MonitoringDashboard';
/** Security Hub does not repeat findings of a service that sends its own notifications. */
const HUB_FINDINGS = 'MonitoringOmnirapeuticGuardrailsGuardrailsSecurityHubFindings';

const GUARDRAILS: Change[] = [
  { guardrail: Guardrail.TRAIL, fromSkip: [DASHBOARD], fromAdopt: [DASHBOARD] },
  {
    guardrail: Guardrail.CONFIG,
    // Security Hub depends on the recorder, and nothing else in it changes.
    fromSkip: [`${HUB}Hub`, `${HUB}FoundationalBestPractices`, `${HUB}Nist80053R5`, DASHBOARD],
    fromAdopt: ['GuardrailsConfigRecorderRolePolicy', 'ComplianceGuardrailsConfigRecorder'],
  },
  {
    guardrail: Guardrail.INSPECTOR,
    fromSkip: [HUB_FINDINGS, DASHBOARD],
    fromAdopt: [
      'GuardrailsInspectorRolePolicy',
      ...['EC2', 'ECR', 'LAMBDA'].map((scan) => `ComplianceGuardrailsInspector${scan}`),
    ],
  },
  {
    guardrail: Guardrail.GUARD_DUTY,
    fromSkip: [HUB_FINDINGS, DASHBOARD],
    fromAdopt: [
      'GuardrailsGuardDutyRolePolicy',
      ...['Detector', 'S3DATAEVENTS', 'RDSLOGINEVENTS', 'LAMBDANETWORKLOGS', 'EBSMALWAREPROTECTION'].map(
        (plan) => `ComplianceGuardrailsGuardDuty${plan}`,
      ),
    ],
  },
  {
    guardrail: Guardrail.SECURITY_HUB,
    fromSkip: [DASHBOARD],
    fromAdopt: ['GuardrailsSecurityHubRolePolicy', `${HUB}Hub`, `${HUB}FoundationalBestPractices`, `${HUB}Nist80053R5`],
  },
  {
    guardrail: Guardrail.ACCESS_ANALYZER,
    fromSkip: [DASHBOARD],
    fromAdopt: ['GuardrailsAccessAnalyzerRolePolicy', 'ComplianceGuardrailsAccessAnalyzerExternalAccess'],
  },
  // Settings are applied in order: the next one depends on the new one.
  {
    guardrail: Guardrail.S3_PUBLIC_ACCESS,
    fromSkip: [SETTINGS_POLICY, `${SETTING}EbsEncryption`],
    fromAdopt: [SETTINGS_POLICY, `${SETTING}PublicAccess`],
  },
  {
    guardrail: Guardrail.EBS_ENCRYPTION,
    fromSkip: [SETTINGS_POLICY, `${SETTING}PasswordPolicy`],
    fromAdopt: [SETTINGS_POLICY, `${SETTING}EbsEncryption`],
  },
  {
    guardrail: Guardrail.PASSWORD_POLICY,
    fromSkip: [SETTINGS_POLICY],
    fromAdopt: [SETTINGS_POLICY, `${SETTING}PasswordPolicy`],
  },
];

/** The props that skip guardrails. The settings of AWS Config are refused when it is skipped. */
function skipping(...guardrails: Guardrail[]): ComplianceGuardrailsProps {
  const skip = [{ guardrails, reason: 'not decided yet' }];
  return guardrails.includes(Guardrail.CONFIG) ? { skip, config: undefined } : { skip };
}

/** The guardrails that notify about findings. */
const WITH_NOTIFICATIONS = [
  Guardrail.INSPECTOR,
  Guardrail.GUARD_DUTY,
  Guardrail.SECURITY_HUB,
  Guardrail.ACCESS_ANALYZER,
  Guardrail.CONFIG,
  Guardrail.CONFORMANCE_PACK,
];

/** The outcome without the input and the role of the daily check, which compares each guardrail. */
function withoutCheck(outcome: Outcome): Outcome {
  const ofCheck = ['GuardrailsDriftCheckRule', 'GuardrailsDriftCheckFunctionRolePolicy'];
  expect(outcome.changed).toContain(ofCheck[0]);
  return { ...outcome, changed: outcome.changed!.filter((id) => !ofCheck.includes(id)) };
}

describe('an additional guardrail replaces nothing', () => {
  const all = guarded();

  test('the tested stack equals that of the whole example', () => {
    expect(all.guardrails).toEqual(asItIs.guardrails);
  });

  const ways = GUARDRAILS.flatMap(({ guardrail, fromSkip, fromAdopt }) => [
    [guardrail, 'skipped', skipping(guardrail), fromSkip] as const,
    [guardrail, 'adopted', { adopt: [guardrail] }, fromAdopt] as const,
  ]);

  test.each(ways)('%s, %s before', (_guardrail, how, edits, changed) => {
    const before = guarded(edits);
    const found = outcomes(before, all);
    const { added, ...others } = withoutCheck(found.guardrails);
    // The dashboard shows the differences of the guardrails that are not skipped.
    const expected = [...new Set([...changed, ...how === 'skipped' ? [DASHBOARD] : []])].sort();
    expect({ ...found, guardrails: { ...others, changed: [...others.changed ?? []].sort() } })
      .toEqual({ guardrails: { changed: expected } });
    expectExportsKept(before, all);
  });

  test('the first guardrail with findings adds EventBridge to the policies of the topic and its key', () => {
    const before = guarded(skipping(...WITH_NOTIFICATIONS));
    const { guardrails, ...elsewhere } = outcomes(before, all);
    const { added, ...others } = withoutCheck(guardrails);
    expect(others).toEqual({ changed: [DASHBOARD] });
    expect(elsewhere).toEqual({ network: { changed: ['MonitoringKey', 'MonitoringTopicPolicy'] } });
    expectExportsKept(before, all);
  });
});

// A task definition is replaced by design: running tasks keep their revision.
describe('a change that replaces or breaks something is detected:', () => {
  test.each<[string, Edits, string, string[]]>([
    ['another database name', { EncryptedAuroraCluster: { databaseName: 'other' } }, 'data', ['DatabaseCluster']],
    ['other addresses', { HipaaVpc: { cidr: '10.1.0.0/16' } }, 'network', ['Network']],
    [
      'another user of the containers',
      { SecureFargateService: { user: '2000:2000' } },
      'application',
      ['ApiTaskDefinition', 'WebTaskDefinition', 'WorkerTaskDefinition'],
    ],
  ])('%s', (_name, edits, stack, replaced) => {
    expect(outcomes(asItIs, deployed({ edits }))[stack].replaced).toEqual(expect.arrayContaining(replaced));
  });

  test('a stack that removes an export that another stack uses', () => {
    const [[name]] = Object.entries(asItIs.network.Outputs);
    const { [name]: _, ...Outputs } = asItIs.network.Outputs;
    expect(() => expectExportsKept(asItIs, { ...asItIs, network: { ...asItIs.network, Outputs } })).toThrow();
  });
});
