import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { someDatabase } from './database/instance/some-database';
import { someListener, someService } from './service/fargate-fixtures';
import { newStack, propertiesOf, someVpc, templateOf } from './support/app';
import { nagFindings } from './support/nag';
import { arnOf, deployed, expectSmallPolicies } from './support/quotas';
import { MAX_POLICIES } from '../src/blocks/attached-policies';
import { MAX_INPUT_LENGTH, MAX_PATTERN_LENGTH, MAX_TARGETS } from '../src/blocks/event-sizes';
import { MAX_ENVIRONMENT_BYTES } from '../src/blocks/handler-function';
import { ManagedPolicyRole } from '../src/blocks/managed-policy-role';
import { MAX_POLICY_LENGTH } from '../src/blocks/policy-set';
import { DatabaseAccess } from '../src/database/access/database-access';
import { EncryptedDatabaseInstance } from '../src/database/instance/encrypted-database-instance';
import { GeneratedSecret } from '../src/secrets/generated-secret';
import { RotatingSecrets } from '../src/secrets/rotating-secrets';
import { Ec2Capacity } from '../src/service/capacity/ec2-capacity';
import { ServiceCapacity } from '../src/service/capacity/service-capacity';
import { SecureFargateService } from '../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../src/service/secure-fargate-service-props';
import { ServiceCluster } from '../src/service/service-cluster';
import { ServiceIngress } from '../src/service/service-ingress';

/** The number of secrets in one `RotatingSecrets`. */
const SECRETS = 20;
const SIZES = [1, 10, 17, 20, 50];

/** A service with secrets that rotate, all in one stack. */
function withSecrets(count: number): { stack: Stack; service: SecureFargateService; secrets: RotatingSecrets[] } {
  const stack = newStack();
  const names = Array.from({ length: count }, (_, index) => `partnerKey${index + 1}`);
  const secrets: RotatingSecrets[] = [];
  for (let start = 0; start < count; start += SECRETS) {
    const some = names.slice(start, start + SECRETS);
    secrets.push(new RotatingSecrets(stack, `Secrets${start / SECRETS + 1}`, {
      secrets: Object.fromEntries(some.map((name) => [name, GeneratedSecret.password()])),
    }));
  }
  const service = someService(stack, {
    vpc: someVpc(stack),
    secrets: Object.fromEntries(names.map((name, index) =>
      [name.toUpperCase(), secrets[Math.floor(index / SECRETS)].forContainer(name)])),
  });
  return { stack, service, secrets };
}

test('a service with 20 generated and 20 external secrets of one construct has small policies', () => {
  const stack = newStack();
  const generated = Array.from({ length: 20 }, (_, index) => `partnerKey${index + 1}`);
  const external = Array.from({ length: 20 }, (_, index) => `vendorKey${index + 1}`);
  const secrets = new RotatingSecrets(stack, 'Secrets', {
    secrets: Object.fromEntries(generated.map((name) => [name, GeneratedSecret.password()])),
    externalSecrets: Object.fromEntries(external.map((name) => [name, {}])),
  });
  someService(stack, {
    vpc: someVpc(stack),
    secrets: Object.fromEntries([...generated, ...external].map((name) =>
      [name.toUpperCase(), secrets.forContainer(name)])),
  });
  const template = templateOf(stack);
  template.resourceCountIs('AWS::SecretsManager::Secret', 40);
  expectSmallPolicies(template);
});

/** The requests that the rules of a service send, or only those of the rules with a schedule. */
function inputsOf(template: Template, schedule?: string): unknown[] {
  return Object.values(propertiesOf(template, 'AWS::Events::Rule'))
    .filter((rule) => schedule === undefined || rule.ScheduleExpression === schedule)
    .map(({ Targets }) => Targets[0].InputTransformer.InputTemplate);
}

describe.each(SIZES)('a service with %d rotating secrets', (count) => {
  const { stack } = withSecrets(count);
  const template = templateOf(stack);

  test('has policies below the quotas of IAM', () => expectSmallPolicies(template));

  test('has one statement for each key and set of actions in a policy', () => {
    for (const { PolicyDocument } of Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))) {
      const decrypts = PolicyDocument.Statement
        .filter(({ Condition }: { Condition?: unknown }) => Condition !== undefined)
        .map(({ Action, Resource }: { Action: unknown; Resource: unknown }) => JSON.stringify([Action, Resource]));
      expect(new Set(decrypts).size).toBe(decrypts.length);
    }
  });

  test('grants and watches every secret', () => {
    const ids = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(ids).toHaveLength(count);
    const policies = JSON.stringify(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
    const rules = Object.values(propertiesOf(template, 'AWS::Events::Rule'))
      .map(({ EventPattern }) => JSON.stringify(EventPattern ?? ''));
    const requests = inputsOf(template, 'rate(15 minutes)').map((input) => JSON.stringify(input));
    for (const id of ids) {
      expect(policies).toContain(`"Ref":"${id}"`);
      const patterns = rules.filter((rule) => rule.includes(`"Ref":"${id}"`));
      expect(patterns).toHaveLength(2);
      expect(requests.filter((text) => text.includes(`"Ref":"${id}"`))).toHaveLength(1);
    }
  });

  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
  test('has event patterns below the quota of EventBridge', () => {
    for (const { EventPattern } of Object.values(propertiesOf(template, 'AWS::Events::Rule'))) {
      if (EventPattern) expect(deployed(template, EventPattern).length).toBeLessThanOrEqual(MAX_PATTERN_LENGTH);
    }
  });

  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
  test('has requests below the quota of EventBridge', () => {
    for (const input of inputsOf(template)) {
      expect(JSON.parse(deployed(template, input)).length).toBeLessThanOrEqual(MAX_INPUT_LENGTH);
    }
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  test('has environments below the quota of Lambda', () => {
    for (const { Environment } of Object.values(propertiesOf(template, 'AWS::Lambda::Function'))) {
      const variables = Object.entries(Environment?.Variables ?? {})
        .map(([name, value]) => name + JSON.parse(deployed(template, value)));
      expect(variables.join('').length).toBeLessThanOrEqual(MAX_ENVIRONMENT_BYTES);
    }
  });
});

test('a web service has 14 resources, 16 if a secret rotates, and 22 with a database, as its page states', () => {
  const stack = newStack();
  const cluster = new ServiceCluster(stack, 'Cluster', { vpc: someVpc(stack) });
  const listener = someListener(stack);
  const secrets = new RotatingSecrets(stack, 'Secrets', { secrets: { token: GeneratedSecret.password() } });
  const database = new EncryptedDatabaseInstance(stack, 'Database', {
    vpc: cluster.vpc,
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  });
  const count = () => stack.node.findAll().filter((child) => CfnResource.isCfnResource(child)).length;
  const added = (id: string, props: Partial<SecureFargateServiceProps>) => {
    const before = count();
    someService(stack, {
      cluster,
      containerPort: 8080,
      ingress: ServiceIngress.listener(listener, { path: `/${id}/*` }),
      ...props,
    }, id);
    return count() - before;
  };
  const withSecret = { secrets: { TOKEN: secrets.forContainer('token') } };
  const first = added('first', withSecret);
  const firstOfDatabase = added('records', { uses: [database] });
  expect([added('plain', {}), added('secret', withSecret), added('database', { uses: [database] })])
    .toEqual([14, 16, 22]);
  expect([first - 16, firstOfDatabase - 22]).toEqual([11, 18]);
});

test('an alarm on the requests of a roller has at most ten metrics, which is the maximum of a metric alarm', () => {
  const { alarms } = withSecrets(100).service.monitoringPlan();
  const ids = alarms.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(['RollNotRequested', 'RollNotRequested2']));
  for (const { metric } of alarms) {
    expect(Object.keys(metric.toMetricConfig().mathExpression?.usingMetrics ?? {}).length).toBeLessThanOrEqual(10);
  }
});

describe.each(SIZES)('a database with %d users', (count) => {
  const stack = newStack();
  const database = someDatabase(stack);
  const users = Array.from({ length: count }, (_, index) =>
    database.access(`DepartmentReports${index + 1}`, DatabaseAccess.readOnly()));
  const template = templateOf(stack);
  const arns = users.map(({ secret }) => stack.resolve(secret!.secretArn).Ref);
  const [rule, ...others] = Object.entries(propertiesOf(template, 'AWS::Events::Rule'))
    .filter(([id]) => id.includes('UsersAge'));

  test('measures the age of each password once a day, with inputs that EventBridge accepts', () => {
    const inputs: string[] = rule[1].Targets.map(({ Input }: { Input: unknown }) => deployed(template, Input));
    expect(others).toEqual([]);
    expect(inputs.length).toBeLessThanOrEqual(MAX_TARGETS);
    expect(inputs.filter((input) => JSON.parse(input).length > MAX_INPUT_LENGTH)).toEqual([]);
    const measured = inputs.flatMap((input) => JSON.parse(JSON.parse(input)).secretArns);
    expect(measured).toEqual(arns.map((id) => arnOf(template, id)));
  });

  test.each(['UsersFunction', 'UsersAge'])('has a role of %s with policies below the quota', (part) => {
    const policies = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
      .filter(([id]) => id.includes(part)).map(([, { PolicyDocument }]) => PolicyDocument);
    expect(policies.length).toBeLessThanOrEqual(MAX_POLICIES);
    expect(policies.filter((policy) => deployed(template, policy).length > MAX_POLICY_LENGTH)).toEqual([]);
    expect(arns.filter((id) => !JSON.stringify(policies).includes(id))).toEqual([]);
  });
});

test.each(SIZES)('a role that reads %d secrets has no inline policy and policies below the quota', (count) => {
  const { stack, secrets } = withSecrets(count);
  const role = new iam.Role(stack, 'Worker', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  for (let index = 0; index < count; index++) {
    secrets[Math.floor(index / SECRETS)].grantRead(role, `partnerKey${index + 1}`);
  }
  expectSmallPolicies(templateOf(stack));
});

test('grants to a role of the app have no rule-pack findings', () => {
  const { stack, secrets } = withSecrets(1);
  const worker = new iam.Role(stack, 'Worker', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  secrets[0].grantRead(worker, 'partnerKey1');
  const analysts = new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
  new EncryptedDatabaseInstance(stack, 'Database', {
    vpc: someVpc(new Construct(stack, 'Data')),
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  }).grantConnect(analysts, 'ada');
  expect(nagFindings(stack).filter((finding) => /Worker|Analysts/.test(finding))).toEqual([]);
  templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
});

test.each([1, 10])('a cluster with %d groups of instances and their services has policies below the quota', (count) => {
  const stack = newStack();
  const cluster = new ServiceCluster(stack, 'Cluster', { vpc: someVpc(stack) });
  for (let index = 1; index <= count; index++) {
    const instances = new Ec2Capacity(stack, `Instances${index}`, { cluster });
    someService(stack, { cluster, capacity: ServiceCapacity.ec2(instances) }, `Service${index}`);
  }
  const template = templateOf(stack);
  expectSmallPolicies(template);
  template.resourceCountIs('Custom::ReleasedInstances', count);
});

test('adding a secret keeps the logical IDs of all policies', () => {
  const policiesOf = (count: number) =>
    propertiesOf(templateOf(withSecrets(count).stack), 'AWS::IAM::ManagedPolicy');
  const [before, after] = [policiesOf(18), policiesOf(19)];
  expect(Object.keys(after)).toEqual(expect.arrayContaining(Object.keys(before)));
});

test('a role that needs an eleventh policy is refused with the name of the quota', () => {
  const stack = newStack();
  const role = new ManagedPolicyRole(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const secret = secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'x'.repeat(400));
  const grant = (index: number) => role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'], resources: [`${secret.secretArn}${index}`],
  }));
  const grantMany = () => {
    for (let index = 0; index < 150; index++) grant(index);
  };
  expect(grantMany).toThrow(new Error(
    '[Stack/Role] permissions must be at most 10 managed policies (the IAM quota "Managed policies per role"), got 11 '
      + 'policies. Grant fewer resources to this identity, or divide it into two.'));
});

test.each<[string, (role: iam.Role, policy: iam.IManagedPolicy) => unknown]>([
  ['that the role lists', (role, policy) => role.addManagedPolicy(policy)],
  ['that names the role', (role) => new iam.ManagedPolicy(Stack.of(role), 'Further', {
    roles: [role],
    statements: [new iam.PolicyStatement({ actions: ['sqs:ListQueues'], resources: ['*'] })],
  })],
])('an eleventh policy %s is refused at synthesis', (_, attach) => {
  const synthesize = (isFull: boolean) => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    for (let index = 0; index < 9; index++) {
      role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(`Policy${index}`));
    }
    const secrets = new RotatingSecrets(stack, 'Secrets', { secrets: { key: GeneratedSecret.password() } });
    secrets.grantRead(role, 'key');
    if (isFull) attach(role, iam.ManagedPolicy.fromAwsManagedPolicyName('Further'));
    (stack.node.root as App).synth();
  };
  expect(() => synthesize(false)).not.toThrow();
  expect(() => synthesize(true)).toThrow(
    '[Stack/Role] permissions must be at most 10 managed policies (the IAM quota "Managed policies per role"), got 11 '
      + 'policies. Attach fewer policies to this identity, or divide it into two.');
});

describe('a role that several stacks import', () => {
  const grantIn = (app: App, index: number, env?: { account: string; region: string }) => {
    const stack = new Stack(app, `Stack${index}`, { env });
    const role = iam.Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${stack.account}:role/Reports`);
    const secrets = new RotatingSecrets(stack, 'Secrets', { secrets: { key: GeneratedSecret.password() } });
    secrets.grantRead(role, 'key');
    secrets.grantRead(iam.Role.fromRoleArn(stack, 'Again', role.roleArn), 'key');
  };
  const env = { account: '111122223333', region: 'us-east-1' };

  test('is refused in the eleventh stack with the name of the quota', () => {
    const app = new App({ analyticsReporting: false });
    for (let index = 0; index < 10; index++) grantIn(app, index, env);
    expect(() => grantIn(app, 10, env)).toThrow(new Error(
      '[Stack10/Role] permissions must be at most 10 managed policies (the IAM quota "Managed policies per role"), got '
        + '11 policies in all stacks of the app. Grant fewer resources to this identity, or divide it into two.'));
  });

  test('is not counted over stacks whose account is unknown, which can be different ones', () => {
    const app = new App({ analyticsReporting: false });
    expect(() => {
      for (let index = 0; index < 11; index++) grantIn(app, index);
    }).not.toThrow();
  });
});
