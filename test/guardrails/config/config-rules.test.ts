import * as fs from 'fs';
import { Stack } from 'aws-cdk-lib';
import { MentalHealthAideStack } from '../../../examples/mentalhealthaide/mentalhealthaide-stack';
import { Claim, CLAIMS } from '../../../scripts/config-rules/claims';
import { RULES_PAGE, rulesPage } from '../../../scripts/config-rules/page';
import { broken, foundByConfig, judged, Proof } from '../../../scripts/config-rules/proofs';
import { ruleData } from '../../../scripts/config-rules/rules-module';
import { Resource, Resources } from '../../../scripts/config-rules/template';
import * as library from '../../../src';
import { HIPAA_RULES } from '../../../src/guardrails/config/hipaa-rules';
import { karematch } from '../../acceptance/karematch/proof/synthesis';
import { omnirapeutic } from '../../acceptance/omnirapeutic/proof/synthesis';
import { newApp } from '../../support/app';
import { SUBJECTS, things } from '../../support/shapes';

/** The resources of one stack, by logical ID. */
function resourcesOf(id: string, fill: (stack: Stack) => void): [string, Resources] {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  fill(stack);
  return [id, new Resources(app.synth().getStackArtifact(stack.artifactId).template.Resources)];
}

/** Guardrails whose conformance pack has the VPC of the account as a parameter, as the table requires. */
function withVpcInPack(stack: Stack): void {
  const { vpc } = new library.HipaaVpc(stack, 'Network');
  const ruleParameters = {
    'internet-gateway-authorized-vpc-only': { AuthorizedVpcIds: vpc.vpcId },
    'vpc-sg-open-only-to-authorized-ports': { authorizedTcpPorts: '80,443' },
    'cloudwatch-alarm-action-check': { insufficientDataActionRequired: 'false' },
  };
  new library.ComplianceGuardrails(stack, 'Guardrails', { config: { ruleParameters } });
}

function examples(): Array<[string, Resources]> {
  const { production, productionImages } = karematch();
  const aide = new MentalHealthAideStack(newApp(), 'MentalHealthAide', {
    domainName: 'api.example.com',
    hostedZoneId: 'Z0EXAMPLE0000000000',
    zoneName: 'example.com',
    alarmEmail: 'oncall@example.com',
  });
  const ofAide = (aide.node.root as ReturnType<typeof newApp>).synth().getStackArtifact(aide.artifactId).template;
  return [
    ['KareMatch', new Resources(production.toJSON().Resources)],
    ['KareMatchImages', new Resources(productionImages.toJSON().Resources)],
    ['MentalHealthAide', new Resources(ofAide.Resources)],
    ['Omnirapeutic', new Resources(omnirapeutic().toJSON().Resources)],
  ];
}

/** The template of every construct with its defaults, and the templates of the examples. */
const TEMPLATES: Array<[string, Resources]> = [
  ...SUBJECTS.map((subject) => resourcesOf(subject.name, (stack) => subject.make(stack, 'Subject', things(stack)))),
  resourcesOf('guardrails with the VPC in the pack', withVpcInPack),
  ...examples(),
];
const rows = Object.entries(CLAIMS);
const proven = rows.flatMap(([rule, { proof }]) => proof ? [[rule, proof] as [string, Proof]] : []);
const absent = rows.flatMap(([rule, claim]) => claim.absent ? [[rule, claim.absent] as [string, string[]]] : []);

describe('the table', () => {
  test('has exactly one row for each rule of the data', () => {
    expect(rows.map(([rule]) => rule).sort()).toEqual(ruleData().map(({ rule }) => rule).sort());
    expect(rows).toHaveLength(130);
  });

  test('generates the page without a difference', () => {
    expect(fs.readFileSync(RULES_PAGE, 'utf8')).toBe(rulesPage());
  });

  test('has templates or a reason as the evidence of each row', () => {
    const ways = ({ proof, absent: types, unseen }: Claim) =>
      [proof, types, unseen].filter((way) => way !== undefined).length;
    expect(rows.filter(([, claim]) => ways(claim) !== 1).map(([rule]) => rule)).toEqual([]);
    expect(rows.filter(([, { unseen }]) => unseen !== undefined && unseen.length < 20)).toEqual([]);
  });

  test('names only existing constructs, members and parameters', () => {
    const named = rows.flatMap(([, { by, note = '' }]) =>
      [...`${by} ${note}`.matchAll(/`([A-Z]\w+)(?:\.(\w+)(?:\(\))?)?`/g)].map(([, name, member]) => [name, member]),
    );
    const parameters = HIPAA_RULES.flatMap((rule) => Object.keys(rule.parameters ?? {}));
    expect(named.map(([name]) => name).filter((name) => !(name in library) && !parameters.includes(name))).toEqual([]);
    const members = named.filter(([name, member]) => member && name in library);
    expect(members.filter(([name, member]) => Reflect.get(Reflect.get(library, name), member) === undefined)).toEqual(
      [],
    );
    expect(members.length).toBeGreaterThan(8);
  });
});

describe('a row with templates as evidence', () => {
  test.each(proven)('%s holds in every template and has resources to evaluate', (_, proof) => {
    expect(TEMPLATES.flatMap(([name, template]) => broken(proof, template).map((id) => `${name}: ${id}`))).toEqual([]);
    expect(TEMPLATES.flatMap(([, template]) => judged(proof, template))).not.toEqual([]);
  });

  test.each(proven)('%s fails for a changed template', (_, proof) => {
    const [, sound] = TEMPLATES.find(([, template]) => judged(proof, template).length > 0)!;
    const twin = new Resources(structuredClone(sound.byId));
    const [id] = judged(proof, twin);
    proof.spoil(twin.byId[id], id, twin);
    expect(broken(proof, twin)).toContain(id);
  });
});

describe('an exempt resource', () => {
  const [, ofExample] = TEMPLATES.find(([name]) => name === 'Omnirapeutic')!;
  const [[, pack]] = ofExample.of('AWS::Config::ConformancePack');
  const inPack = [...JSON.stringify(pack.Properties.TemplateBody).matchAll(/ConfigRuleName: ([\w-]+)/g)].map(
    ([, rule]) => rule,
  );
  const found = proven.filter(([, proof]) => foundByConfig(proof, ofExample).length > 0).map(([rule]) => rule);

  test('has its rules excluded from the pack of the example, because AWS Config does not read reasons', () => {
    expect(inPack.length).toBeGreaterThan(100);
    expect(found.filter((rule) => inPack.includes(rule))).toEqual([]);
  });

  test('is found in the example', () => {
    expect(found.sort()).toEqual([
      's3-bucket-logging-enabled',
      's3-default-encryption-kms',
      'secretsmanager-rotation-enabled-check',
    ]);
  });

  test('has a table row that requires the exclusion of the rule', () => {
    expect(
      proven
        .filter(([, { exempt }]) => exempt)
        .map(([rule]) => [rule, CLAIMS[rule].responsibility, /exclude the rule/.test(CLAIMS[rule].by)]),
    ).toEqual(proven.filter(([, { exempt }]) => exempt).map(([rule]) => [rule, 'prop', true]));
    expect(proven.filter(([, { exempt }]) => exempt)).toHaveLength(6);
  });
});

describe('a row about absent resource types', () => {
  const found = (types: string[], template: Resources) => template.of(...types).map(([id]) => id);

  test.each(absent)('%s has no resource of these types in any template', (_, types) => {
    expect(types).not.toEqual([]);
    expect(TEMPLATES.flatMap(([, template]) => found(types, template))).toEqual([]);
  });

  test.each([...new Set(absent.flatMap(([, types]) => types))])('%s would be found', (Type) => {
    const twin: Record<string, Resource> = { ...TEMPLATES[0][1].byId, Twin: { Type } };
    expect(found([Type], new Resources(twin))).toEqual(['Twin']);
  });

  test('includes the resource types that the data lists for the rule', () => {
    const missed = ruleData().filter(({ rule, resourceTypes }) => {
      const types = CLAIMS[rule].absent;
      return types && resourceTypes.length > 0 && !resourceTypes.some((type) => types.includes(type));
    });
    expect(missed.map(({ rule }) => rule)).toEqual([]);
  });
});
