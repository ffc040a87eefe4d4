import { Template } from 'aws-cdk-lib/assertions';
import { FACTS } from './facts';
import { MUTATIONS } from './mutations';
import { Relaxation, RELAXATION_METADATA } from '../../../src/core/relaxation';
import { expectDescribed } from '../../support/template/alarms';
import { Documents } from '../../support/template/documents';
import { appOf, templatesOf } from '../../support/template/example';
import { testFacts } from '../../support/template/facts';
import { Mutation, testCoverage, testMutations } from '../../support/template/mutations';
import { testSize } from '../../support/template/source';

// One synthesis for all tests of the system.
const app = appOf('mentalhealthaide');
const templates = templatesOf(app);
const template = Template.fromJSON(templates.MentalHealthAide);
const documents = new Documents('mentalhealthaide');

describe('the document', () => {
  testFacts(FACTS, () => template);
});

describe('a mutated template fails the row of', () => {
  testMutations<Template, Mutation>(MUTATIONS, { template: () => template, system: (changed) => changed });

  testCoverage(FACTS, MUTATIONS);
});

describe('the app', () => {
  testSize('mentalhealthaide', ['mentalhealthaide-stack.ts']);

  test('has one stack', () => {
    expect(Object.keys(templates)).toEqual(['MentalHealthAide']);
  });

  test('describes the first step of each alarm', () => {
    expectDescribed(template);
  });
});

describe('the guardrails of the account', () => {
  const relaxed = app.node.findAll().flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === RELAXATION_METADATA).map(({ data }) => data as Relaxation);

  test('are skipped, except Inspector, and nothing else is relaxed', () => {
    const guardrails = [
      'trail',
      'config',
      'guard-duty',
      'security-hub',
      'access-analyzer',
      's3-public-access',
      'ebs-encryption',
      'password-policy',
    ];
    expect(relaxed.map(({ id }) => id)).toEqual(
      expect.arrayContaining(guardrails.map((guardrail) => `cdk-hipaa:${guardrail}-skipped`)),
    );
    expect(relaxed).toHaveLength(guardrails.length);
  });

  test('are skipped by one statement with one reason for all of them', () => {
    expect(new Set(relaxed.map(({ reason }) => reason))).toEqual(
      new Set(['they apply to all workloads of the account, so the stack of the account creates them']),
    );
  });

  test('are created by no service and by no function of the stack', () => {
    const ofTheAccount = /^AWS::(CloudTrail|Config|GuardDuty|SecurityHub|AccessAnalyzer)::|^Custom::(?!InspectorScan)/;
    const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
    expect([...new Set(types)].filter((type) => ofTheAccount.test(type)))
      .toEqual(['Custom::VpcRestrictDefaultSG', 'Custom::DatabaseUser']);
  });

  test('have a row each in OPERATIONS.md', () => {
    const [, section] = documents.operations.match(/^## Account\n([\s\S]*?)^## /m)!;
    const [, ...rows] = section.matchAll(/^\| (?!---).+ \| .+ \|$/gm);
    expect(rows).toHaveLength(relaxed.length);
  });
});

describe('the documents', () => {
  documents.test(templates);

  test('the alarms are on the constructs in the table', () => {
    const constructs = Object.keys(template.findResources('AWS::CloudWatch::Alarm'))
      .map((id) => /^MonitoringMentalHealthAide(Network|Database|Secrets|Entrance|Api|Guardrails)/.exec(id)?.[1]);
    const rows = documents.captures(/^\| `(\w+)` \| .+ \| .+ \|$/gm).flat();
    expect(rows.sort()).toEqual([...new Set(constructs)].sort());
  });

  test('a command names exactly one resource', () => {
    const asked = documents.captures(/\$\(resource (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(10);
    for (const [type, beginning = ''] of asked) {
      const found = Object.keys(template.findResources(type)).filter((id) => id.startsWith(beginning));
      expect({ type, beginning, found }).toEqual({ type, beginning, found: [expect.any(String)] });
    }
  });
});
