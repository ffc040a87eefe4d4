import * as path from 'path';
import * as cdk from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as config from 'aws-cdk-lib/aws-config';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import * as ts from 'typescript';
import * as cdkHipaa from '../src';
import { newApp } from './support/app';
import { classesOf, PublicClass, publicClasses } from './support/docstrings';

const MAX_LINES = 12;
const ENV = { account: '111122223333', region: 'us-east-1' };
const SITE = path.join(__dirname, 'support', 'some-site');
const AURORA_ENGINE = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 });
const ENGINE = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 });
const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28');

/** The names that an example uses without a declaration, as in rosetta/default.ts-fixture. */
const NAMES: Record<string, unknown> = {
  App: cdk.App,
  Duration: cdk.Duration,
  acm,
  config,
  ec2,
  ecs,
  iam,
  kms,
  rds,
  route53,
  scheduler,
  ...cdkHipaa,
};

/** The value of a constant that an example declares, by its type. */
const VALUES: Record<string, (scope: Construct) => unknown> = {
  'boolean': () => false,
  'rds.IInstanceEngine': () => ENGINE,
  'rds.IClusterEngine': () => AURORA_ENGINE,
  'iam.IRole': (scope) => new iam.Role(scope, 'Role', { assumedBy: new iam.AccountRootPrincipal() }),
  'acm.ICertificate': (scope) => acm.Certificate.fromCertificateArn(
    scope, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1'),
  'route53.IHostedZone': (scope) => route53.HostedZone.fromHostedZoneAttributes(
    scope, 'Zone', { hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'example.com' }),
  'HipaaVpc': (scope) => new cdkHipaa.HipaaVpc(scope, 'Network'),
  'HardenedRepository': (scope) => new cdkHipaa.HardenedRepository(scope, 'Images'),
  'EncryptedDatabaseInstance': (scope) =>
    new cdkHipaa.EncryptedDatabaseInstance(scope, 'Database', { vpc: vpcIn(scope), engine: ENGINE }),
  'SecureFargateService': (scope) =>
    new cdkHipaa.SecureFargateService(scope, 'Api', { vpc: vpcIn(scope), image: IMAGE }),
  'ServiceCluster': (scope) => new cdkHipaa.ServiceCluster(scope, 'Services', { vpc: vpcIn(scope) }),
  'SecureLoadBalancer': (scope) => new cdkHipaa.SecureLoadBalancer(scope, 'Entrance', {
    vpc: vpcIn(scope),
    endpoint: cdkHipaa.WebEndpoint.certificate(VALUES['acm.ICertificate'](scope) as acm.ICertificate),
  }),
};

/** The network of a scope. */
const vpcIn = (scope: Construct) =>
  (scope.node.tryFindChild('Network') ?? VALUES.HipaaVpc(scope)) as cdkHipaa.HipaaVpc;

/** Runs an example in a new stack, and synthesizes its app. */
function run(example: string): void {
  const app = newApp();
  // Images come from an earlier stack. The other declared constructs are in the stack of the example.
  const [earlier, stack] = ['Earlier', 'Stack'].map((id) => new cdk.Stack(app, id, { env: ENV }));
  const given = new Construct(stack, 'Given');
  const declared = [...example.matchAll(/^declare const (\w+): ([\w.]+);$/gm)].map(([, name, type]) =>
    [name, VALUES[type](type === 'HardenedRepository' ? earlier : given)] as const);
  const scope = { ...NAMES, ...Object.fromEntries(declared) };
  const { outputText } = ts.transpileModule(example.replace("'frontend/dist'", JSON.stringify(SITE)), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.None },
  });
  new Function(...Object.keys(scope), outputText).apply(stack, Object.values(scope));
  app.synth();
}

describe('the docstring of each public class', () => {
  const classes = publicClasses();

  test('has an example', () => {
    // The classes are the constructs, and the classes with static factories.
    const callable = Object.entries(cdkHipaa).filter(([, value]) => typeof value === 'function').map(([name]) => name);
    expect(classes.map(({ name }) => name).sort()).toEqual(callable.sort());
    expect(withoutExample(classes)).toEqual([]);
  });

  test('is directly before its class', () => {
    const text = [
      '/** @example */', 'export class One {}',
      '/**', ' * Two.', ' *', ' * @example', ' * new Two({', ' *   a: 1,', ' * });', ' */',
      'export abstract class Two {}',
      '/**', ' * Three.', ' */', 'export class Three {}', 'export class Four {}',
    ];
    const found = classesOf(text.join('\n'));
    expect(found.map(({ example }) => example)).toEqual([undefined, 'new Two({\n  a: 1,\n});', undefined, undefined]);
    expect(withoutExample(found)).toEqual(['One', 'Three', 'Four']);
  });
});

describe('the example', () => {
  const examples = publicClasses().flatMap(({ name, example }) => example ? [[name, example] as const] : []);

  test.each(examples)('of %s is short and uses the class', (name, example) => {
    expect(example.split('\n').length).toBeLessThanOrEqual(MAX_LINES);
    expect(example).toMatch(new RegExp(`\\b(new ${name}\\(|${name}\\.\\w+\\()`));
  });

  test.each(examples)('of %s has only syntax that translates to every language', (_name, example) => {
    expect(untranslatable(example)).toEqual([]);
  });

  test('has untranslatable syntax if it copies a map, quotes or omits a key, or has a function or a condition', () => {
    const example = "new One({ ...a, 'b': 1, c, d: () => {}, e: f ? 1 : 2 });";
    expect(untranslatable(example)).toEqual(['...a', "'b': 1", 'c', '() => {}', 'f ? 1 : 2']);
  });

  test.each(examples)('of %s synthesizes', (_name, example) => expect(() => run(example)).not.toThrow());

  test('does not synthesize with a value that the class refuses', () => {
    expect(() => run("new HipaaVpc(this, 'Network', { maxAzs: 1 });")).toThrow('maxAzs must be');
  });
});

const withoutExample = (classes: Array<Pick<PublicClass, 'name' | 'example'>>) =>
  classes.filter(({ example }) => !example).map(({ name }) => name);

/** The parts of an example that jsii-rosetta does not translate. In Go, a property without a key has the wrong case. */
function untranslatable(example: string): string[] {
  const parts: string[] = [];
  const visit = (node: ts.Node) => {
    const isQuoted = ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name);
    if (isQuoted || UNTRANSLATABLE.some((matches) => matches(node))) parts.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', example, ts.ScriptTarget.ES2022, true));
  return parts;
}

const UNTRANSLATABLE = [
  ts.isShorthandPropertyAssignment, ts.isSpreadAssignment, ts.isSpreadElement, ts.isConditionalExpression,
  ts.isArrowFunction, ts.isFunctionExpression, ts.isObjectBindingPattern, ts.isArrayBindingPattern,
];
