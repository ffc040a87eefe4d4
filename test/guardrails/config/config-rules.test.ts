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

/** The resources of one stack, by logical id. */
function made(id: string, fill: (stack: Stack) => void): [string, Resources] {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  fill(stack);
  return [id, new Resources(app.synth().getStackArtifact(stack.artifactId).template.Resources)];
}

/** Guardrails whose pack knows the VPC of the account, as the table says. */
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

/** Every construct alone with its defaults, and the examples. */
const TEMPLATES: Array<[string, Resources]> = [
  ...SUBJECTS.map((subject) => made(subject.name, (stack) => subject.make(stack, 'Subject', things(stack)))),
  made('guardrails with the VPC in the pack', withVpcInPack),
  ...examples(),
];
const rows = Object.entries(CLAIMS);
const proven = rows.flatMap(([rule, { proof }]) => proof ? [[rule, proof] as [string, Proof]] : []);
const absent = rows.flatMap(([rule, claim]) => claim.absent ? [[rule, claim.absent] as [string, string[]]] : []);

describe('the table', () => {
  test('it has a row for each rule of the data, and no other', () => {
    expect(rows.map(([rule]) => rule).sort()).toEqual(ruleData().map(({ rule }) => rule).sort());
    expect(rows).toHaveLength(130);
  });

  test('the page is what the generator makes of it', () => {
    expect(fs.readFileSync(RULES_PAGE, 'utf8')).toBe(rulesPage());
  });

  test('each row is shown by templates, or says why none can', () => {
    const ways = ({ proof, absent: types, unseen }: Claim) =>
      [proof, types, unseen].filter((way) => way !== undefined).length;
    expect(rows.filter(([, claim]) => ways(claim) !== 1).map(([rule]) => rule)).toEqual([]);
    expect(rows.filter(([, { unseen }]) => unseen !== undefined && unseen.length < 20)).toEqual([]);
  });

  test('what it names is there', () => {
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

describe('a row that a template shows', () => {
  test.each(proven)('%s holds in every template, and there are resources that it is about', (_, proof) => {
    expect(TEMPLATES.flatMap(([name, template]) => broken(proof, template).map((id) => `${name}: ${id}`))).toEqual([]);
    expect(TEMPLATES.flatMap(([, template]) => judged(proof, template))).not.toEqual([]);
  });

  test.each(proven)('%s would not hold of a bad twin', (_, proof) => {
    const [, sound] = TEMPLATES.find(([, template]) => judged(proof, template).length > 0)!;
    const twin = new Resources(structuredClone(sound.byId));
    const [id] = judged(proof, twin);
    proof.spoil(twin.byId[id], id, twin);
    expect(broken(proof, twin)).toContain(id);
  });
});

describe('what breaks a rule for a reason', () => {
  const [, ofExample] = TEMPLATES.find(([name]) => name === 'Omnirapeutic')!;
  const [[, pack]] = ofExample.of('AWS::Config::ConformancePack');
  const inPack = [...JSON.stringify(pack.Properties.TemplateBody).matchAll(/ConfigRuleName: ([\w-]+)/g)].map(
    ([, rule]) => rule,
  );
  const found = proven.filter(([, proof]) => foundByConfig(proof, ofExample).length > 0).map(([rule]) => rule);

  test('is excluded from the pack of the example, since AWS Config knows no reasons', () => {
    expect(inPack.length).toBeGreaterThan(100);
    expect(found.filter((rule) => inPack.includes(rule))).toEqual([]);
  });

  test('is found there at all', () => {
    expect(found.sort()).toEqual([
      'iam-no-inline-policy-check',
      's3-bucket-logging-enabled',
      's3-default-encryption-kms',
      'secretsmanager-rotation-enabled-check',
    ]);
  });

  test('is in the table as what has to be excluded', () => {
    expect(
      proven
        .filter(([, { exempt }]) => exempt)
        .map(([rule]) => [rule, CLAIMS[rule].responsibility, /exclude the rule/.test(CLAIMS[rule].by)]),
    ).toEqual(proven.filter(([, { exempt }]) => exempt).map(([rule]) => [rule, 'prop', true]));
    expect(proven.filter(([, { exempt }]) => exempt)).toHaveLength(6);
  });
});

describe('a row about what is not made', () => {
  const found = (types: string[], template: Resources) => template.of(...types).map(([id]) => id);

  test.each(absent)('%s: no template has such a resource', (_, types) => {
    expect(types).not.toEqual([]);
    expect(TEMPLATES.flatMap(([, template]) => found(types, template))).toEqual([]);
  });

  test.each([...new Set(absent.flatMap(([, types]) => types))])('%s would be found', (Type) => {
    const twin: Record<string, Resource> = { ...TEMPLATES[0][1].byId, Twin: { Type } };
    expect(found([Type], new Resources(twin))).toEqual(['Twin']);
  });

  test('the types that the data names for the rule are among them', () => {
    const missed = ruleData().filter(({ rule, resourceTypes }) => {
      const types = CLAIMS[rule].absent;
      return types && resourceTypes.length > 0 && !resourceTypes.some((type) => types.includes(type));
    });
    expect(missed.map(({ rule }) => rule)).toEqual([]);
  });
});
