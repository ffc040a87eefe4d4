import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { newApp } from './support/app';
import { SUBJECTS, things } from './support/shapes';
import { exampleNames, synthesiseExample } from '../scripts/examples/example';
import { DataProtection, ExecAccess, HipaaVpc, NatStrategy, SecureFargateService, SecureLoadBalancer } from '../src';
import { FORCED_WILDCARDS } from '../src/compliance/forced-wildcards';

/** How many distinct rules of the HIPAA pack an example may acknowledge. */
const MOST_HIPAA_RULES = 11;
/** Types that hold something which is gone when they are replaced, whatever their deletion policy says. */
const STATEFUL = /^AWS::(KMS::Key|Logs::LogGroup|S3::Bucket|RDS::DB(Instance|Cluster)|SecretsManager::Secret|Backup::BackupVault|ECR::Repository|SQS::Queue|SNS::Topic)$/;

/** The logical ids of what holds state, by example. To change one is to lose what it holds. */
const STATEFUL_IDS: Record<string, string[]> = {
  mentalhealthaide: [
    'AWS::Backup::BackupVault DatabaseBackupVault21F39AF5',
    'AWS::KMS::Key ApiKey679C99C7',
    'AWS::KMS::Key DatabaseKey5E5D9547',
    'AWS::KMS::Key EntranceFirewallKey453750CC',
    'AWS::KMS::Key GuardrailsInspectorKeyBB184598',
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
    const templates = fs.readdirSync(this.directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.template.json'));
    expect(templates).not.toEqual([]);
    return templates.flatMap((file) => Object.entries<Omit<Resource, 'id'>>(this.read(file).Resources ?? {}).map(([id, resource]) => ({ id, ...resource })));
  }

  public ofType(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  public get acknowledgements(): Acknowledgement[] {
    return this.read('compliance-report.json').acknowledged;
  }

  /** Every construct. */
  public get constructs(): TreeNode[] {
    return flatten(this.read('tree.json').tree);
  }

  private read(file: string) {
    return JSON.parse(fs.readFileSync(path.join(this.directory, file), 'utf8'));
  }
}

const isEverywhere = (rule: Record<string, unknown>) => [rule.CidrIp, rule.CidrIpv6].some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0');
const isEveryPort = (rule: Record<string, unknown>) => String(rule.IpProtocol) === '-1' || (Number(rule.FromPort) <= 1 && Number(rule.ToPort) === 65535);

/** The groups from which everything may go out: by a rule that says so, or by no rule at all, which EC2 takes for that. */
function openGroups(assembly: Assembly): string[] {
  const beside = assembly.ofType('AWS::EC2::SecurityGroupEgress');
  return assembly.ofType('AWS::EC2::SecurityGroup').filter((group) => {
    const rules = [
      ...group.Properties!.SecurityGroupEgress ?? [],
      ...beside.filter((rule) => JSON.stringify(rule.Properties!.GroupId).includes(`"${group.id}"`)).map(({ Properties }) => Properties!),
    ];
    return rules.length === 0 || rules.some((rule) => isEverywhere(rule) && isEveryPort(rule));
  }).map(({ id }) => id);
}

/** The statements of everything that is attached to a role, a user or a group. */
function identityStatements(assembly: Assembly): Array<{ id: string; statement: Statement }> {
  return assembly.resources.filter(({ Type }) => Type.startsWith('AWS::IAM::')).flatMap(({ id, Properties }) =>
    [Properties!.PolicyDocument, ...(Properties!.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument)]
      .flatMap((document) => document?.Statement ?? []).map((statement: Statement) => ({ id, statement })));
}

/** The actions that are allowed on every resource, each as `policy: action`. */
function wildcards(assembly: Assembly): Array<{ id: string; action: string }> {
  return identityStatements(assembly)
    .filter(({ statement }) => statement.Effect === 'Allow' && (statement.NotResource !== undefined || [statement.Resource].flat().includes('*')))
    .flatMap(({ id, statement }) => [statement.Action ?? `not ${JSON.stringify(statement.NotAction)}`].flat().map((action) => ({ id, action })));
}

/** Resources of a type of AWS that were made without its class, and not by aws-cdk-lib's own custom resources. */
function genericResources(assembly: Assembly): string[] {
  return assembly.constructs
    .filter(({ attributes, constructInfo }) => attributes?.['aws:cdk:cloudformation:type']?.startsWith('AWS::') && constructInfo?.fqn === 'aws-cdk-lib.CfnResource')
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
  new SecureLoadBalancer(stack, 'Plain', { vpc, plainHttp: { reason: 'a test' } });
  new SecureFargateService(stack, 'Worker', {
    vpc,
    image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Images', 'worker'), '1.2.3'),
    exec: ExecAccess.audited({ reason: 'a test' }),
  });
  return new Assembly(app.synth().directory);
}

/** Everything that the library is tried with here: the examples, synthesised as a user would, and every construct. */
const assemblies = new Map<string, Assembly>();
const directories: string[] = [];
beforeAll(() => {
  for (const name of exampleNames()) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), `example-${name}-`));
    directories.push(directory);
    const { ok, output } = synthesiseExample(name, { directory });
    if (!ok) throw new Error(`${name} does not synthesise: ${output.slice(-2000)}`);
    assemblies.set(name, new Assembly(directory));
  }
  assemblies.set('every construct', everything());
});
afterAll(() => directories.forEach((directory) => fs.rmSync(directory, { recursive: true, force: true })));

describe.each([...exampleNames(), 'every construct'])('%s', (name) => {
  const assembly = () => assemblies.get(name)!;

  test('lets everything out of no security group', () => {
    expect(assembly().ofType('AWS::EC2::SecurityGroup')).not.toEqual([]);
    expect(openGroups(assembly())).toEqual([]);
  });

  test('says that an action is allowed everywhere only where AWS forces it to', () => {
    expect(identityStatements(assembly()).length).toBeGreaterThan(10);
    expect(wildcards(assembly()).filter(({ action }) => !FORCED_WILDCARDS.has(action))).toEqual([]);
  });

  test('has no generic resource of a type that aws-cdk-lib models', () => {
    expect(assembly().constructs.length).toBeGreaterThan(100);
    expect(genericResources(assembly())).toEqual([]);
  });
});

describe.each(exampleNames())('the acknowledgements of %s', (name) => {
  const acknowledgements = () => assemblies.get(name)!.acknowledgements;

  test('are of fewer than twelve rules of the HIPAA pack', () => {
    const rules = acknowledgements().map(({ id }) => id.split('::').pop()!.replace(/\[.*/, '')).filter((rule) => rule.startsWith('HIPAA.Security-'));
    expect(rules).not.toEqual([]);
    expect([...new Set(rules)].length).toBeLessThanOrEqual(MOST_HIPAA_RULES);
  });

  test('stand on one resource each', () => {
    const resources = assemblies.get(name)!.constructs.filter(({ attributes }) => attributes?.['aws:cdk:cloudformation:type']).map((node) => node.path);
    expect(acknowledgements().filter(({ path: at, id }) => {
      // aws-cdk-lib puts its own acknowledgements of its own validation on the construct around a resource.
      const itsOwn = id.startsWith('CloudFormation-Validate::') && resources.filter((resource) => resource.startsWith(`${at}/`)).length === 1;
      return !itsOwn && !resources.includes(at);
    })).toEqual([]);
  });

  test('have a reason that stands at no other resource', () => {
    const places = new Map<string, Set<string>>();
    for (const { path: at, reason } of acknowledgements()) places.set(reason, (places.get(reason) ?? new Set()).add(at));
    expect([...places.keys()].filter((reason) => reason.trim().length < 40)).toEqual([]);
    expect([...places].filter(([, at]) => at.size > 1).map(([reason, at]) => [reason, ...at])).toEqual([]);
  });
});

test('the ids of what holds state are pinned', () => {
  const holds = ({ Type, DeletionPolicy }: Resource) => STATEFUL.test(Type) || (DeletionPolicy !== undefined && DeletionPolicy !== 'Delete');
  const ids = exampleNames().map((name) => [name, assemblies.get(name)!.resources.filter(holds).map(({ id, Type }) => `${Type} ${id}`).sort()]);
  expect(Object.fromEntries(ids)).toEqual(STATEFUL_IDS);
});

describe('the table of forced wildcards', () => {
  test('holds what the library needs, and nothing else', () => {
    const used = [...assemblies.values()].flatMap(wildcards).map(({ action }) => action);
    expect([...FORCED_WILDCARDS.keys()].sort()).toEqual([...new Set(used)].sort());
  });

  test.each([...FORCED_WILDCARDS])('says of %s where AWS documents it, and why', (action, { page, why }) => {
    expect(action).toMatch(/^[a-z0-9-]+:[A-Z]\w+$/);
    expect(page).toMatch(/^list_amazon\w+$/);
    expect(why.length).toBeGreaterThan(30);
  });
});
