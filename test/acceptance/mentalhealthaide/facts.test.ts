import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { FACTS } from './facts';
import { EXAMPLE_FOLDER } from './proof/parts';
import { MentalHealthAideStack } from '../../../examples/mentalhealthaide/mentalhealthaide-stack';
import { Relaxation, RELAXATION_METADATA } from '../../../src/core/relaxation';
import { newApp, templateOf } from '../../support/app';
import { testFacts } from '../../support/template/facts';

const PROPS = {
  domainName: 'api.mentalhealthaide.com',
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'mentalhealthaide.com',
  alarmEmail: 'oncall@mentalhealthaide.com',
  terminationProtection: true,
};

const made = new MentalHealthAideStack(newApp(), 'MentalHealthAide', PROPS);
const template = templateOf(made);

describe('the document', () => {
  testFacts(FACTS, () => template);
});

describe('the letter', () => {
  const app = sourceOf('app.ts');
  const stack = sourceOf('mentalhealthaide-stack.ts');

  test('app.ts makes the stack that is tested here', () => {
    const [creation] = find(app, (node): node is ts.NewExpression => ts.isNewExpression(node) && node.expression.getText(app) === 'MentalHealthAideStack');
    const [, id, props] = creation.arguments!;
    expect(id.getText(app)).toBe("'MentalHealthAide'");
    const given = (props as ts.ObjectLiteralExpression).properties.map((property) => {
      const { name, initializer } = property as ts.PropertyAssignment;
      return [name.getText(app), initializer.kind === ts.SyntaxKind.TrueKeyword ? true : (initializer as ts.StringLiteral).text];
    });
    expect(Object.fromEntries(given)).toEqual(PROPS);
  });

  test('app.ts has at most 15 lines', () => {
    expect(app.text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test('the stack has at most 60 statements', () => {
    const statements = find(stack, (node): node is ts.Statement => ts.isStatement(node) && !ts.isBlock(node));
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.length).toBeLessThanOrEqual(60);
  });
});

describe('what is left to the account', () => {
  const relaxed = made.node.findAll().flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === RELAXATION_METADATA).map(({ data }) => data as Relaxation);

  test('is every guardrail but Inspector, and nothing else is given up', () => {
    const guardrails = ['trail', 'config', 'guard-duty', 'security-hub', 'access-analyzer', 's3-public-access', 'ebs-encryption', 'password-policy'];
    expect(relaxed.map(({ id }) => id)).toEqual(expect.arrayContaining(guardrails.map((guardrail) => `cdk-hipaa:${guardrail}-skipped`)));
    expect(relaxed).toHaveLength(guardrails.length);
  });

  test('is left to it for a reason of its own each', () => {
    expect(new Set(relaxed.map(({ reason }) => reason)).size).toBe(relaxed.length);
  });

  test('is not made here, by no service and by no function', () => {
    const ofTheAccount = /^AWS::(CloudTrail|Config|GuardDuty|SecurityHub|AccessAnalyzer)::|^Custom::(?!InspectorScan)/;
    const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
    expect([...new Set(types)].filter((type) => ofTheAccount.test(type))).toEqual(['Custom::VpcRestrictDefaultSG']);
  });

  test('stands in the README', () => {
    const readme = fs.readFileSync(path.join(EXAMPLE_FOLDER, 'README.md'), 'utf8');
    const [, section] = readme.match(/^## What is left to the account\n([\s\S]*?)^## /m)!;
    const [, ...rows] = section.matchAll(/^\| .+ \| .+ \|$/gm);
    expect(rows).toHaveLength(relaxed.length);
  });
});

describe('the costs in the README', () => {
  const rows = [...fs.readFileSync(path.join(EXAMPLE_FOLDER, 'README.md'), 'utf8').matchAll(/^\| (.+) \|(.*)\| \*{0,2}(\d+\.\d\d)\*{0,2} \|$/gm)]
    .map(([, what, arithmetic, price]) => ({ what, arithmetic: arithmetic.trim(), cents: Math.round(Number(price) * 100) }));
  const row = (what: string) => rows.find((each) => each.what === what)!;
  const count = (type: string) => Object.keys(template.findResources(type)).length;

  test('add up', () => {
    let sum = 0;
    for (const { what, cents } of rows) {
      if (what.startsWith('**sum')) expect({ what, cents }).toEqual({ what, cents: sum });
      else sum += cents;
    }
    expect(rows.filter(({ what }) => what.startsWith('**sum'))).toHaveLength(1);
  });

  test('count what is in the template', () => {
    const metrics = Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) =>
      Properties.Metrics?.filter((metric: { MetricStat?: object }) => metric.MetricStat) ?? [Properties.MetricName]);
    expect(row('alarms').arithmetic).toBe(`${metrics.length} metrics × 0.10`);
    expect(row('KMS keys').arithmetic).toBe(`${count('AWS::KMS::Key')} × 1.00`);
    expect(row('NAT gateways').arithmetic).toBe(`${count('AWS::EC2::NatGateway')} × 730 × 0.045`);
    // RDS makes one more, for the database's password.
    expect(row('secrets').arithmetic).toBe(`${count('AWS::SecretsManager::Secret') + 1} × 0.40`);
    expect(row('Inspector').arithmetic).toMatch(new RegExp(`^${count('AWS::Lambda::Function')} functions × 0.30`));
  });
});

function sourceOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

function find<T extends ts.Node>(root: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = wanted(root) ? [root] : [];
  root.forEachChild((child) => {
    found.push(...find(child, wanted));
  });
  return found;
}
