import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { newApp } from './support/app';
import { Assembly, genericResources, identityStatements, openGroups, wildcards } from './support/assembly';
import { leftovers, losses } from './support/leftovers';
import { SUBJECTS, things } from './support/shapes';
import { createdAfterTasks, cycles, rulesInLaterStacks } from './support/task-start';
import { synthesizeExample, variantNames } from '../scripts/examples/example';
import { lockChanges, lockOfAssembly, readLock, UpgradeLock } from '../scripts/upgrade-lock/upgrade-lock';
import {
  DataProtection,
  ExecAccess,
  HipaaVpc,
  NatStrategy,
  SecureFargateService,
  SecureLoadBalancer,
  WebEndpoint,
} from '../src';
import { needsAllResources } from '../src/compliance/policies/unscoped-actions';

/** The maximum number of different HIPAA rules that a stack of an example acknowledges. */
const MOST_HIPAA_RULES = 11;
/**
 * Additional rules that a disposable environment acknowledges, because of `disposable`, `multiAz: false` or
 * `plainHttp`.
 */
const DISPOSABLE_RULES = [
  'ALBHttpToHttpsRedirection',
  'ELBDeletionProtectionEnabled',
  'RDSInBackupPlan',
  'RDSInstanceDeletionProtectionEnabled',
  'RDSMultiAZSupport',
].map((rule) => `HIPAA.Security-${rule}`);

/**
 * The reference lists container instances for this action. Without one in the request, IAM evaluates all resources. A
 * condition limits the action to a cluster: https://github.com/cdklabs/construct-hub/pull/1207
 */
const LIST_TASKS = 'ecs:ListTasks';
/** The actions that the library allows on all resources. A new one needs a reason in its construct. */
const ACTIONS_ON_ALL_RESOURCES = [
  'access-analyzer:ListAnalyzers',
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLifecycleHooks',
  'config:DeleteDeliveryChannel',
  'config:DescribeConfigurationRecorderStatus',
  'config:DescribeConfigurationRecorders',
  'config:DescribeConformancePackStatus',
  'config:DescribeDeliveryChannelStatus',
  'config:DescribeDeliveryChannels',
  'config:PutDeliveryChannel',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:EnableEbsEncryptionByDefault',
  'ec2:GetEbsDefaultKmsKeyId',
  'ec2:GetEbsEncryptionByDefault',
  'ec2:ModifyEbsDefaultKmsKeyId',
  'ecr:GetAuthorizationToken',
  'ecs:DiscoverPollEndpoint',
  LIST_TASKS,
  'guardduty:CreateDetector',
  'guardduty:GetAdministratorAccount',
  'guardduty:ListDetectors',
  'iam:GetAccountPasswordPolicy',
  'iam:UpdateAccountPasswordPolicy',
  'inspector2:BatchGetAccountStatus',
  'inspector2:Disable',
  'inspector2:Enable',
  'inspector2:GetDelegatedAdminAccount',
  'logs:DescribeLogGroups',
  's3:GetAccountPublicAccessBlock',
  's3:PutAccountPublicAccessBlock',
  'ssm:GetDeployablePatchSnapshotForInstance',
  'ssm:GetManifest',
  'ssm:PutConfigurePackageResult',
  'ssm:PutInventory',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'tag:GetResources',
];

/** Every construct of the library, some of them with further options. */
function everything(): Assembly {
  const app = newApp({}, fs.mkdtempSync(path.join(os.tmpdir(), 'everything-')));
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

/** The examples and variants, synthesized as the CDK CLI does, and every construct. */
const assemblies = new Map<string, Assembly>();
/** The stateful resources of the examples and variants. */
const locked: UpgradeLock = {};
beforeAll(() => {
  for (const name of variantNames()) {
    const { ok, output, directory } = synthesizeExample(name);
    if (!ok) throw new Error(`${name} does not synthesize: ${output.slice(-2000)}`);
    assemblies.set(name, new Assembly(directory));
    locked[name] = lockOfAssembly(directory);
  }
  assemblies.set('every construct', everything());
}, 10 * 60_000);

/** The small examples that have no security groups. */
const WITHOUT_GROUPS = ['account-guardrails', 'checks-only', 'network'];
/** The small examples that have no policies. */
const WITHOUT_POLICIES = ['checks-only'];

describe.each([...variantNames(), 'every construct'])('%s', (name) => {
  const assembly = () => assemblies.get(name)!;

  test('has no security group that allows all outbound traffic', () => {
    expect(assembly().ofType('AWS::EC2::SecurityGroup').length > 0).toBe(!WITHOUT_GROUPS.includes(name));
    expect(openGroups(assembly())).toEqual([]);
  });

  test('allows an action on all resources only if the action has no resource-level permissions', () => {
    expect(identityStatements(assembly()).length > 0).toBe(!WITHOUT_POLICIES.includes(name));
    const others = wildcards(assembly()).filter(({ action }) => action !== LIST_TASKS);
    expect(others.filter(({ action }) => !needsAllResources(action))).toEqual([]);
  });

  test('uses the L1 classes of aws-cdk-lib', () => {
    expect(assembly().constructs.length).toBeGreaterThan(10);
    expect(genericResources(assembly())).toEqual([]);
  });
});

describe.each(variantNames())('the acknowledgements of %s', (name) => {
  const acknowledgements = () => assemblies.get(name)!.acknowledgements;

  test('are of fewer than 12 HIPAA rules in each stack, apart from those of disposable data', () => {
    const disposable = assemblies.get(name)!.disposableStacks;
    const rules = new Map<string, Set<string>>();
    for (const { id, path: at } of acknowledgements().filter((each) => each.id.includes('::HIPAA.Security-'))) {
      const stack = at.split('/')[0];
      if (disposable.includes(stack) && DISPOSABLE_RULES.some((rule) => id.endsWith(rule))) continue;
      rules.set(stack, (rules.get(stack) ?? new Set()).add(id.split('::').pop()!.replace(/\[.*/, '')));
    }
    expect(rules.size).toBeGreaterThan(0);
    expect([...rules].filter(([, of]) => of.size > MOST_HIPAA_RULES).map(([stack, of]) => [stack, ...of])).toEqual([]);
  });

  test('are on one resource each', () => {
    const resources = assemblies
      .get(name)!
      .constructs.filter(({ attributes }) => attributes?.['aws:cdk:cloudformation:type'])
      .map((node) => node.path);
    expect(acknowledgements().filter(({ path: at, id }) => {
      // aws-cdk-lib acknowledges findings of its own validation on the construct around a resource.
      const ofAwsCdkLib =
        id.startsWith('CloudFormation-Validate::') &&
        resources.filter((resource) => resource.startsWith(`${at}/`)).length === 1;
      return !ofAwsCdkLib && !resources.includes(at);
    })).toEqual([]);
  });

  test('each have a reason that no other resource of the stack has', () => {
    const places = new Map<string, Set<string>>();
    for (const { path: at, reason } of acknowledgements()) {
      // Production and development contain the same constructs.
      const place = `${at.split('/')[0]}: ${reason}`;
      places.set(place, (places.get(place) ?? new Set()).add(at));
    }
    expect(acknowledgements().filter(({ reason }) => reason.trim().length < 40)).toEqual([]);
    expect([...places].filter(([, at]) => at.size > 1).map(([place, at]) => [place, ...at])).toEqual([]);
  });
});

describe.each(variantNames())('the deletion of %s', (name) => {
  const stacks = (disposable: boolean) => {
    const assembly = assemblies.get(name)!;
    return [...assembly.templates].filter(([stack]) => assembly.disposableStacks.includes(stack) === disposable);
  };

  test('leaves no resource of a disposable stack', () => {
    expect(
      stacks(true).flatMap(([stack, template]) => leftovers(template).map((finding) => `${stack}: ${finding}`)),
    ).toEqual([]);
  });

  test('keeps the stateful resources of the other stacks', () => {
    expect(stacks(false).length).toBeGreaterThan(0);
    expect(
      stacks(false).flatMap(([stack, template]) => losses(template).map((finding) => `${stack}: ${finding}`)),
    ).toEqual([]);
  });
});

describe('the region of KareMatch', () => {
  const templates = (variant: string) => assemblies.get(variant)!.templates;
  const written = (variant: string, stack: string) => JSON.stringify(templates(variant).get(stack));

  test('each variant has both environments', () => {
    const stacks = (...kinds: string[]) =>
      ['KareMatch', 'KareMatchDevelopment']
        .flatMap((environment) => kinds.map((kind) => `${environment}${kind}`))
        .sort();
    expect([...templates('karematch').keys()].sort()).toEqual(stacks('', 'Images'));
    expect([...templates('karematch-any-region').keys()].sort()).toEqual(stacks('', 'Images'));
    expect([...templates('karematch-eu-west-1').keys()].sort()).toEqual(stacks('', 'Images', 'Edge', 'EdgeWatch'));
  });

  test('a template rule allows only us-east-1 if the app sets no region', () => {
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
    'in eu-west-1, %s reads the web ACL of CloudFront from the stack in us-east-1',
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
      // No custom resource copies the value to the other region.
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

  test('in eu-west-1, the alarms of CloudFront and its firewall are in us-east-1', () => {
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

describe.each([...variantNames(), 'every construct'])('the templates of %s', (name) => {
  const stacks = () => assemblies.get(name)!.templates;

  test('create everything that a task needs before the task', () => {
    expect([...stacks().values()].flatMap(createdAfterTasks)).toEqual([]);
    expect(rulesInLaterStacks(stacks())).toEqual([]);
  });

  test('have no dependency cycle', () => {
    expect([...stacks().values()].flatMap(cycles)).toEqual([]);
  });
});

test('the stateful resources of the examples are those of the upgrade lock', () => {
  expect(lockChanges(readLock(), locked).map(({ text }) => text)).toEqual([]);
});

describe('the actions that the library allows on all resources', () => {
  const used = () => [...new Set([...assemblies.values()].flatMap(wildcards).map(({ action }) => action))].sort();

  test('are these, all of them single actions that the Service Authorization Reference lists without resources', () => {
    expect(used()).toEqual(ACTIONS_ON_ALL_RESOURCES);
    expect(used().filter((action) => !needsAllResources(action))).toEqual([LIST_TASKS]);
    expect(used().filter((action) => /[*?]/.test(action))).toEqual([]);
  });
});
