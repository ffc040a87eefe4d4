import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { newApp } from './support/app';
import { DependencyTemplate } from './support/dependencies';
import { leftovers, losses } from './support/leftovers';
import { SUBJECTS, things } from './support/shapes';
import { documentedNames, exampleNames, synthesiseExample, variantNames } from '../scripts/examples/example';
import {
  DataProtection,
  ExecAccess,
  HipaaVpc,
  NatStrategy,
  SecureFargateService,
  SecureLoadBalancer,
  WebEndpoint,
} from '../src';
import { FORCED_WILDCARDS } from '../src/compliance/forced-wildcards';

/** How many distinct rules of the HIPAA pack a stack of an example may acknowledge. */
const MOST_HIPAA_RULES = 11;
/**
 * What an environment whose data is disposable gives up besides, by name and with a reason:
 * `DataProtection.disposable`, `multiAz: false`, `plainHttp`.
 */
const GIVEN_UP_ALOUD = [
  'ALBHttpToHttpsRedirection',
  'ELBDeletionProtectionEnabled',
  'RDSInBackupPlan',
  'RDSInstanceDeletionProtectionEnabled',
  'RDSMultiAZSupport',
].map((rule) => `HIPAA.Security-${rule}`);
/** Types that hold something which is gone when they are replaced, whatever their deletion policy says. */
const STATEFUL =
  /^AWS::(KMS::Key|Logs::LogGroup|S3::Bucket|RDS::DB(Instance|Cluster)|SecretsManager::Secret|Backup::BackupVault|ECR::Repository|SQS::Queue|SNS::Topic)$/;

/** The logical ids of what holds state, by example. To change one is to lose what it holds. */
const STATEFUL_IDS: Record<string, string[]> = {
  karematch: [
    'AWS::Backup::BackupVault DatabaseBackupVault21F39AF5',
    'AWS::ECR::Repository BackendRepository2FE8F27E',
    'AWS::KMS::Key ApiKey679C99C7',
    'AWS::KMS::Key BackendKey0229EB95',
    'AWS::KMS::Key DatabaseKey5E5D9547',
    'AWS::KMS::Key EntranceFirewallKeyBAAC310F',
    'AWS::KMS::Key MonitoringKey61F0DC42',
    'AWS::KMS::Key NetworkKey1D162FA0',
    'AWS::KMS::Key SecretsKey9BF95D68',
    'AWS::KMS::Key SiteKey28264800',
    'AWS::Logs::LogGroup ApiLogA9343957',
    'AWS::Logs::LogGroup ApiRollerFunctionLog7FB4288F',
    'AWS::Logs::LogGroup DatabasePostgresqlLog95349A1F',
    'AWS::Logs::LogGroup DatabaseUpgradeLog128D343E',
    'AWS::Logs::LogGroup EntranceFirewallLog4B555673',
    'AWS::Logs::LogGroup NetworkFlowLogGroup4F8CEEEF',
    'AWS::Logs::LogGroup SecretsRotationFunctionLog45687AB5',
    'AWS::Logs::LogGroup SiteDeploymentFunctionLog27F2C902',
    'AWS::Logs::LogGroup SiteFirewallLog60A19DA6',
    'AWS::RDS::DBInstance DatabaseInstanceAA8A5FDE',
    'AWS::S3::Bucket EntranceAccessLogs41EA7DCE',
    'AWS::S3::Bucket SiteAccessLogs536C0B75',
    'AWS::S3::Bucket SiteBucket978D4AEB',
    'AWS::S3::BucketPolicy EntranceAccessLogsPolicyFF132684',
    'AWS::S3::BucketPolicy SiteAccessLogsPolicy889DFC98',
    'AWS::S3::BucketPolicy SiteBucketPolicy45F6EBA1',
    'AWS::SNS::Topic MonitoringTopic2EDA8B02',
    'AWS::SQS::Queue ApiRollerFailedRequests41EE93DE',
    'AWS::SQS::Queue ApiRollerFunctionDeadLettersE4B266C0',
    'AWS::SQS::Queue ApiRollerRequests97197F09',
    'AWS::SQS::Queue SecretsRotationFunctionDeadLetters52C00480',
    'AWS::SQS::Queue SiteDeploymentFunctionDeadLetters2A7D3EC7',
    'AWS::SecretsManager::ResourcePolicy SecretsGeneratedsessionPolicy019F0E38',
    'AWS::SecretsManager::ResourcePolicy SecretsKeyRingsfieldEncryptionPolicy14A22B3B',
    'AWS::SecretsManager::RotationSchedule DatabasePasswordRotationB2D1C1A5',
    'AWS::SecretsManager::Secret SecretsGeneratedsession7C07F08E',
    'AWS::SecretsManager::Secret SecretsKeyRingsfieldEncryption676EF9DC',
  ],
  mentalhealthaide: [
    'AWS::Backup::BackupVault DatabaseBackupVault21F39AF5',
    'AWS::KMS::Key ApiKey679C99C7',
    'AWS::KMS::Key DatabaseKey5E5D9547',
    'AWS::KMS::Key EntranceFirewallKey453750CC',
    'AWS::KMS::Key GuardrailsKey099910AF',
    'AWS::KMS::Key MonitoringKey61F0DC42',
    'AWS::KMS::Key NetworkKey1D162FA0',
    'AWS::KMS::Key SecretsKey9BF95D68',
    'AWS::Logs::LogGroup ApiLogA9343957',
    'AWS::Logs::LogGroup ApiRollerFunctionLog7FB4288F',
    'AWS::Logs::LogGroup DatabaseAuditLog0F81DE5F',
    'AWS::Logs::LogGroup DatabaseErrorLog7CF11521',
    'AWS::Logs::LogGroup DatabaseSlowqueryLog5BF892D0',
    'AWS::Logs::LogGroup EntranceFirewallLog9CFBDB08',
    'AWS::Logs::LogGroup GuardrailsInspectorLog204D17C7',
    'AWS::Logs::LogGroup NetworkFlowLogGroup4F8CEEEF',
    'AWS::Logs::LogGroup SecretsRotationFunctionLog45687AB5',
    'AWS::RDS::DBInstance DatabaseInstanceAA8A5FDE',
    'AWS::RDS::OptionGroup DatabaseOptions6814A47B',
    'AWS::S3::Bucket EntranceAccessLogs41EA7DCE',
    'AWS::S3::BucketPolicy EntranceAccessLogsPolicyFF132684',
    'AWS::SNS::Topic MonitoringTopic2EDA8B02',
    'AWS::SQS::Queue ApiRollerFailedRequests41EE93DE',
    'AWS::SQS::Queue ApiRollerFunctionDeadLettersE4B266C0',
    'AWS::SQS::Queue ApiRollerRequests97197F09',
    'AWS::SQS::Queue GuardrailsInspectorDeadLettersE23DE96C',
    'AWS::SQS::Queue SecretsRotationFunctionDeadLetters52C00480',
    'AWS::SecretsManager::ResourcePolicy SecretsGeneratedjwtPolicy68B016F6',
    'AWS::SecretsManager::RotationSchedule DatabasePasswordRotationB2D1C1A5',
    'AWS::SecretsManager::Secret SecretsGeneratedjwt952095E2',
  ],
  omnirapeutic: [
    'AWS::Backup::BackupVault DatabaseBackupVault21F39AF5',
    'AWS::CloudTrail::Trail GuardrailsTrail5D3B9670',
    'AWS::ECR::Repository ApiRepositoryAADF3F12',
    'AWS::ECR::Repository WebRepositoryFD65F3F1',
    'AWS::ECR::Repository WorkerRepository425C0D8E',
    'AWS::IAM::ManagedPolicy GuardrailsTrailLogRolePolicy0B132268',
    'AWS::IAM::Role GuardrailsTrailLogRole708E91E8',
    'AWS::KMS::Key ApiKey679C99C7',
    'AWS::KMS::Key BastionKey0D331C49',
    'AWS::KMS::Key ClusterKeyB247D7DD',
    'AWS::KMS::Key DatabaseKey5E5D9547',
    'AWS::KMS::Key EntranceFirewallKey453750CC',
    'AWS::KMS::Key GuardrailsConfigKey474DD955',
    'AWS::KMS::Key GuardrailsKey099910AF',
    'AWS::KMS::Key GuardrailsTrailKey27D6FD0B',
    'AWS::KMS::Key MonitoringKey61F0DC42',
    'AWS::KMS::Key NetworkKey1D162FA0',
    'AWS::KMS::Key SecretsKey9BF95D68',
    'AWS::KMS::Key WebKeyA58A66D2',
    'AWS::KMS::Key WorkerKeyA99F38C2',
    'AWS::Logs::LogGroup ApiLogA9343957',
    'AWS::Logs::LogGroup ApiRollerFunctionLog7FB4288F',
    'AWS::Logs::LogGroup BastionSessionLog05CDA1F3',
    'AWS::Logs::LogGroup ClusterExecLog0A63EDA3',
    'AWS::Logs::LogGroup ClusterInsightsLog4D01C45D',
    'AWS::Logs::LogGroup DatabasePostgresqlLog95349A1F',
    'AWS::Logs::LogGroup EntranceFirewallLog9CFBDB08',
    'AWS::Logs::LogGroup GuardrailsAccessAnalyzerLog29B37959',
    'AWS::Logs::LogGroup GuardrailsAccountSettingsLogCD7A5C1E',
    'AWS::Logs::LogGroup GuardrailsConfigRecorderLog1C837EFB',
    'AWS::Logs::LogGroup GuardrailsGuardDutyLogB33A0EFB',
    'AWS::Logs::LogGroup GuardrailsInspectorLog204D17C7',
    'AWS::Logs::LogGroup GuardrailsSecurityHubLogB3A9885F',
    'AWS::Logs::LogGroup GuardrailsTrailLog2F341581',
    'AWS::Logs::LogGroup NetworkFlowLogGroup4F8CEEEF',
    'AWS::Logs::LogGroup SecretsAgeFunctionLog07686AD4',
    'AWS::Logs::LogGroup WebLogA2AEBB40',
    'AWS::Logs::LogGroup WorkerLog2B676C0D',
    'AWS::Logs::LogGroup WorkerRollerFunctionLogC2706286',
    'AWS::RDS::DBCluster DatabaseCluster5B53A178',
    'AWS::RDS::DBInstance DatabaseClusterInstance1E154D1E9',
    'AWS::RDS::DBInstance DatabaseClusterInstance2D6BCD1AC',
    'AWS::S3::Bucket EntranceAccessLogs41EA7DCE',
    'AWS::S3::Bucket GuardrailsConfigBucketBB42AA5D',
    'AWS::S3::Bucket GuardrailsTrailBucket79AC19B3',
    'AWS::S3::BucketPolicy EntranceAccessLogsPolicyFF132684',
    'AWS::S3::BucketPolicy GuardrailsConfigBucketPolicyC39436CF',
    'AWS::S3::BucketPolicy GuardrailsTrailBucketPolicy2F2685B8',
    'AWS::SNS::Topic MonitoringTopic2EDA8B02',
    'AWS::SQS::Queue ApiRollerFailedRequests41EE93DE',
    'AWS::SQS::Queue ApiRollerFunctionDeadLettersE4B266C0',
    'AWS::SQS::Queue ApiRollerRequests97197F09',
    'AWS::SQS::Queue GuardrailsAccessAnalyzerDeadLettersE090A748',
    'AWS::SQS::Queue GuardrailsAccountSettingsDeadLetters7EFC2378',
    'AWS::SQS::Queue GuardrailsConfigRecorderDeadLetters9863E04F',
    'AWS::SQS::Queue GuardrailsGuardDutyDeadLettersC2D7F522',
    'AWS::SQS::Queue GuardrailsInspectorDeadLettersE23DE96C',
    'AWS::SQS::Queue GuardrailsSecurityHubDeadLettersEFEE1C20',
    'AWS::SQS::Queue SecretsAgeFunctionDeadLettersC5F29722',
    'AWS::SQS::Queue WorkerRollerFailedRequests1BD99120',
    'AWS::SQS::Queue WorkerRollerFunctionDeadLettersC3EEEBC2',
    'AWS::SQS::Queue WorkerRollerRequests3E681CCD',
    'AWS::SecretsManager::ResourcePolicy SecretsExternalclearinghousePolicyF9C142EE',
    'AWS::SecretsManager::RotationSchedule DatabasePasswordRotationB2D1C1A5',
    'AWS::SecretsManager::Secret SecretsExternalclearinghouse9E73F724',
  ],
};

/** A resource of a template. */
interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties?: Record<string, any>;
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

interface TreeNode {
  readonly path: string;
  readonly children?: Record<string, TreeNode>;
  readonly attributes?: Record<string, string>;
  readonly constructInfo?: { readonly fqn: string };
}

interface Acknowledgement {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

const flatten = (node: TreeNode): TreeNode[] => [node, ...Object.values(node.children ?? {}).flatMap(flatten)];

/** What the synthesis of an app has written. */
class Assembly {
  constructor(private readonly directory: string) {}

  public get resources(): Resource[] {
    const templates = fs
      .readdirSync(this.directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.template.json'));
    expect(templates).not.toEqual([]);
    return templates.flatMap((file) =>
      Object.entries<Omit<Resource, 'id'>>(this.read(file).Resources ?? {}).map(([id, resource]) => ({
        id,
        ...resource,
      })),
    );
  }

  public ofType(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The template of each stack, by its name. */
  public get templates(): Map<string, DependencyTemplate> {
    const files = fs.readdirSync(this.directory).filter((file) => file.endsWith('.template.json'));
    return new Map(files.map((file) => [file.replace('.template.json', ''), this.read(file)]));
  }

  public get acknowledgements(): Acknowledgement[] {
    return this.read('compliance-report.json').acknowledged;
  }

  /** The stacks that have said that their data may be lost. */
  public get disposableStacks(): string[] {
    return this.read('compliance-report.json')
      .relaxed.filter(({ id }: { id: string }) => id === 'cdk-hipaa:disposable-data')
      .map(({ path: at }: { path: string }) => at);
  }

  /** Every construct. */
  public get constructs(): TreeNode[] {
    return flatten(this.read('tree.json').tree);
  }

  private read(file: string) {
    return JSON.parse(fs.readFileSync(path.join(this.directory, file), 'utf8'));
  }
}

const isEverywhere = (rule: Record<string, unknown>) =>
  [rule.CidrIp, rule.CidrIpv6].some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0');
const isEveryPort = (rule: Record<string, unknown>) =>
  String(rule.IpProtocol) === '-1' || (Number(rule.FromPort) <= 1 && Number(rule.ToPort) === 65535);

/**
 * The groups from which everything may go out: by a rule that says so, or by no rule at all, which EC2 takes for that.
 */
function openGroups(assembly: Assembly): string[] {
  const beside = assembly.ofType('AWS::EC2::SecurityGroupEgress');
  return assembly.ofType('AWS::EC2::SecurityGroup').filter((group) => {
    const rules = [
      ...(group.Properties!.SecurityGroupEgress ?? []),
      ...beside
        .filter((rule) => JSON.stringify(rule.Properties!.GroupId).includes(`"${group.id}"`))
        .map(({ Properties }) => Properties!),
    ];
    return rules.length === 0 || rules.some((rule) => isEverywhere(rule) && isEveryPort(rule));
  }).map(({ id }) => id);
}

/** The statements of everything that is attached to a role, a user or a group. */
function identityStatements(assembly: Assembly): Array<{ id: string; statement: Statement }> {
  return assembly.resources
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .flatMap(({ id, Properties }) =>
      [
        Properties!.PolicyDocument,
        ...(Properties!.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument),
      ]
        .flatMap((document) => document?.Statement ?? [])
        .map((statement: Statement) => ({ id, statement })),
    );
}

/** The actions that are allowed on every resource, each as `policy: action`. */
function wildcards(assembly: Assembly): Array<{ id: string; action: string }> {
  return identityStatements(assembly)
    .filter(
      ({ statement }) =>
        statement.Effect === 'Allow' &&
        (statement.NotResource !== undefined || [statement.Resource].flat().includes('*')),
    )
    .flatMap(({ id, statement }) =>
      [statement.Action ?? `not ${JSON.stringify(statement.NotAction)}`].flat().map((action) => ({ id, action })),
    );
}

/** Resources of a type of AWS that were made without its class, and not by aws-cdk-lib's own custom resources. */
function genericResources(assembly: Assembly): string[] {
  return assembly.constructs
    .filter(
      ({ attributes, constructInfo }) =>
        attributes?.['aws:cdk:cloudformation:type']?.startsWith('AWS::') &&
        constructInfo?.fqn === 'aws-cdk-lib.CfnResource',
    )
    .map((node) => node.path)
    .filter((at) => !/\/Custom::\w+CustomResourceProvider\/(Role|Handler)$/.test(at));
}

/** Every construct of the library with what it makes when more is asked of it. */
function everything(): Assembly {
  const app: App = newApp();
  for (const subject of SUBJECTS) {
    const stack = new Stack(app, subject.name.replace(/\W+/g, ''));
    subject.make(stack, 'Subject', things(stack));
  }
  const stack = new Stack(app, 'More');
  DataProtection.of(stack).disposable({ reason: 'a test' });
  const { vpc } = things(stack);
  new HipaaVpc(stack, 'Isolated', { nat: NatStrategy.none() });
  new SecureLoadBalancer(stack, 'Plain', { vpc, endpoint: WebEndpoint.plainHttp({ reason: 'a test' }) });
  new SecureFargateService(stack, 'Worker', {
    vpc,
    image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Images', 'worker'), '1.2.3'),
    exec: ExecAccess.audited({ reason: 'a test' }),
  });
  return new Assembly(app.synth().directory);
}

/** Whether a name is that of an example of one concept. */
const isSmall = (name: string) => exampleNames().includes(name) && !documentedNames().includes(name);

/** Everything that the library is tried with here: the examples, synthesised as a user would, and every construct. */
const assemblies = new Map<string, Assembly>();
const directories: string[] = [];
beforeAll(() => {
  for (const name of variantNames()) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), `example-${name}-`));
    directories.push(directory);
    const { ok, output } = synthesiseExample(name, { directory });
    if (!ok) throw new Error(`${name} does not synthesise: ${output.slice(-2000)}`);
    assemblies.set(name, new Assembly(directory));
  }
  assemblies.set('every construct', everything());
});
afterAll(() => directories.forEach((directory) => fs.rmSync(directory, { recursive: true, force: true })));

describe.each([...variantNames(), 'every construct'])('%s', (name) => {
  const assembly = () => assemblies.get(name)!;
  // A small example may have none of what a test looks at.
  const least = (count: number) => isSmall(name) ? 0 : count;

  test('lets everything out of no security group', () => {
    expect(assembly().ofType('AWS::EC2::SecurityGroup').length).toBeGreaterThanOrEqual(least(1));
    expect(openGroups(assembly())).toEqual([]);
  });

  test('says that an action is allowed everywhere only where AWS forces it to', () => {
    expect(identityStatements(assembly()).length).toBeGreaterThanOrEqual(least(11));
    expect(wildcards(assembly()).filter(({ action }) => !FORCED_WILDCARDS.has(action))).toEqual([]);
  });

  test('has no generic resource of a type that aws-cdk-lib models', () => {
    expect(assembly().constructs.length).toBeGreaterThanOrEqual(least(101));
    expect(genericResources(assembly())).toEqual([]);
  });
});

describe.each(variantNames())('the acknowledgements of %s', (name) => {
  const acknowledgements = () => assemblies.get(name)!.acknowledgements;

  test('name fewer than 12 rules of the HIPAA pack in a stack, and a few more where data is disposable', () => {
    const disposable = assemblies.get(name)!.disposableStacks;
    const rules = new Map<string, Set<string>>();
    for (const { id, path: at } of acknowledgements().filter((each) => each.id.includes('::HIPAA.Security-'))) {
      const stack = at.split('/')[0];
      if (disposable.includes(stack) && GIVEN_UP_ALOUD.some((rule) => id.endsWith(rule))) continue;
      rules.set(stack, (rules.get(stack) ?? new Set()).add(id.split('::').pop()!.replace(/\[.*/, '')));
    }
    expect(rules.size).toBeGreaterThan(0);
    expect([...rules].filter(([, of]) => of.size > MOST_HIPAA_RULES).map(([stack, of]) => [stack, ...of])).toEqual([]);
  });

  test('stand on one resource each', () => {
    const resources = assemblies
      .get(name)!
      .constructs.filter(({ attributes }) => attributes?.['aws:cdk:cloudformation:type'])
      .map((node) => node.path);
    expect(acknowledgements().filter(({ path: at, id }) => {
      // aws-cdk-lib puts its own acknowledgements of its own validation on the construct around a resource.
      const itsOwn =
        id.startsWith('CloudFormation-Validate::') &&
        resources.filter((resource) => resource.startsWith(`${at}/`)).length === 1;
      return !itsOwn && !resources.includes(at);
    })).toEqual([]);
  });

  test('have a reason that stands at no other resource of the stack', () => {
    const places = new Map<string, Set<string>>();
    for (const { path: at, reason } of acknowledgements()) {
      // Production and development are made of the same constructs.
      const place = `${at.split('/')[0]}: ${reason}`;
      places.set(place, (places.get(place) ?? new Set()).add(at));
    }
    expect(acknowledgements().filter(({ reason }) => reason.trim().length < 40)).toEqual([]);
    expect([...places].filter(([, at]) => at.size > 1).map(([place, at]) => [place, ...at])).toEqual([]);
  });
});

describe.each(variantNames())('what a destroy does to %s', (name) => {
  const stacks = (disposable: boolean) => {
    const assembly = assemblies.get(name)!;
    return [...assembly.templates].filter(([stack]) => assembly.disposableStacks.includes(stack) === disposable);
  };

  test('leaves nothing behind where data is disposable', () => {
    expect(
      stacks(true).flatMap(([stack, template]) => leftovers(template).map((finding) => `${stack}: ${finding}`)),
    ).toEqual([]);
  });

  test('takes nothing along that holds state where data is kept', () => {
    expect(stacks(false).length).toBeGreaterThan(0);
    expect(
      stacks(false).flatMap(([stack, template]) => losses(template).map((finding) => `${stack}: ${finding}`)),
    ).toEqual([]);
  });
});

describe('KareMatch stands in any region', () => {
  const templates = (variant: string) => assemblies.get(variant)!.templates;
  const written = (variant: string, stack: string) => JSON.stringify(templates(variant).get(stack));

  test('both environments of each variant are there', () => {
    const stacks = (...kinds: string[]) =>
      ['KareMatch', 'KareMatchDevelopment']
        .flatMap((environment) => kinds.map((kind) => `${environment}${kind}`))
        .sort();
    expect([...templates('karematch').keys()].sort()).toEqual(stacks('', 'Images'));
    expect([...templates('karematch-any-region').keys()].sort()).toEqual(stacks('', 'Images'));
    expect([...templates('karematch-eu-west-1').keys()].sort()).toEqual(stacks('', 'Images', 'Edge', 'EdgeWatch'));
  });

  test('without a region, the template itself refuses any other than us-east-1', () => {
    for (const stack of ['KareMatch', 'KareMatchDevelopment']) {
      const rule = {
        Assertions: [
          {
            Assert: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
            AssertDescription: expect.stringContaining('us-east-1'),
          },
        ],
      };
      expect(templates('karematch-any-region').get(stack)).toMatchObject({ Rules: { CloudFrontNeedsUsEast1: rule } });
      expect(written('karematch', stack)).not.toContain('CloudFrontNeedsUsEast1');
    }
  });

  test.each(['KareMatch', 'KareMatchDevelopment'])(
    'in eu-west-1, the firewall of %s stands in us-east-1 and is read from there',
    (stack) => {
      const edge = Object.values(templates('karematch-eu-west-1').get(`${stack}Edge`)!.Resources);
      expect(
        edge.filter(({ Type }) => Type === 'AWS::WAFv2::WebACL').map(({ Properties }) => Properties!.Scope),
      ).toEqual(['CLOUDFRONT']);
      const product = templates('karematch-eu-west-1').get(stack)!;
      const [distribution] = Object.values(product.Resources).filter(
        ({ Type }) => Type === 'AWS::CloudFront::Distribution',
      );
      expect(distribution.Properties!.DistributionConfig.WebACLId).toEqual({
        'Fn::GetStackOutput': { StackName: `${stack}Edge`, Region: 'us-east-1', OutputName: expect.any(String) },
      });
      // No function has to carry the value over.
      for (const each of ['', 'Edge', 'EdgeWatch']) {
        expect(written('karematch-eu-west-1', `${stack}${each}`)).not.toMatch(/CrossRegionExport|AWS::SSM::Parameter"/);
      }
      expect(
        Object.values(product.Resources).filter(
          ({ Type, Properties }) => Type === 'AWS::WAFv2::WebACL' && Properties!.Scope !== 'REGIONAL',
        ),
      ).toEqual([]);
    },
  );

  test('in eu-west-1, what CloudFront reports is watched in us-east-1', () => {
    for (const stack of ['KareMatchEdgeWatch', 'KareMatchDevelopmentEdgeWatch']) {
      const alarms = Object.values(templates('karematch-eu-west-1').get(stack)!.Resources).filter(
        ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
      );
      const namespaces = alarms.flatMap(
        ({ Properties }) => JSON.stringify(Properties).match(/AWS\/(CloudFront|WAFV2)/g) ?? [],
      );
      expect(namespaces).toEqual(expect.arrayContaining(['AWS/CloudFront', 'AWS/WAFV2']));
    }
  });
});

test('the ids of what holds state are pinned', () => {
  const holds = ({ Type, DeletionPolicy }: Resource) =>
    STATEFUL.test(Type) || (DeletionPolicy !== undefined && DeletionPolicy !== 'Delete');
  // Production and development have the same ids, but for what development does without.
  const idsOf = (name: string) =>
    [
      ...new Set(
        assemblies
          .get(name)!
          .resources.filter(holds)
          .map(({ id, Type }) => `${Type} ${id}`),
      ),
    ].sort();
  expect(Object.fromEntries(documentedNames().map((name) => [name, idsOf(name)]))).toEqual(STATEFUL_IDS);
});

describe('the table of forced wildcards', () => {
  test('holds what the library needs, and nothing else', () => {
    const used = [...assemblies.values()].flatMap(wildcards).map(({ action }) => action);
    expect([...FORCED_WILDCARDS.keys()].sort()).toEqual([...new Set(used)].sort());
  });

  test.each([...FORCED_WILDCARDS])('says of %s where AWS documents it, and why', (action, { page, why }) => {
    expect(action).toMatch(/^[a-z0-9-]+:[A-Z]\w+$/);
    expect(page).toMatch(/^list_(amazon|aws)\w+$/);
    expect(why.length).toBeGreaterThan(30);
  });
});
