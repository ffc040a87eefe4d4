import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EXAMPLE_FOLDER } from './proof/parts';
import { omnirapeutic, omnirapeuticTemplates } from './proof/synthesis';
import { defineOmnirapeutic } from '../../../examples/omnirapeutic/stacks';
import { totalCents } from '../../../scripts/costs/costs';
import { omnirapeutic as costs } from '../../../scripts/costs/omnirapeutic';
import { newApp } from '../../support/app';
import { amount, Documents, kept } from '../../support/template/documents';
import { Json, templatesOf } from '../../support/template/example';
import { Resource } from '../../support/template/mutations';
import { text, theOne } from '../../support/template/reading';
import {
  ALARM,
  BUCKET,
  FUNCTION,
  KEY,
  LOAD_BALANCER,
  LOG_GROUP,
  NAT_GATEWAY,
  REPOSITORY,
  SCALABLE,
  SECRET,
} from '../../support/template/types';
import * as hipaa from 'cdk-hipaa';

const DOCUMENTS = new Documents('omnirapeutic');
const BASTION = 'AWS::EC2::Instance';
const DATABASE = 'AWS::RDS::DBCluster';
const DATABASE_INSTANCE = 'AWS::RDS::DBInstance';
const STACKS = ['Network', 'Guardrails', 'Images', 'Data', 'Application'];

const resources = (template: Template) => Object.values<Resource>(template.toJSON().Resources);
const say = (...words: string[]) => DOCUMENTS.expectWords(...words);
const source = (file: string) => DOCUMENTS.read(file);

/** Tests README.md and OPERATIONS.md. */
export function testDocuments(app: App, templates: Record<string, Json>, whole: Template): void {
  DOCUMENTS.test(templates);
  testStacks(app, whole);
  testCosts(templates, whole);
  testRemains(whole);
  testTables(whole);
  testCopy();
  testCommands(templates, whole);
}

function testStacks(app: App, whole: Template): void {
  const stacks = app.node.children.filter(Stack.isStack);

  test('each stack is deployed after the stacks that it needs', () => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual(STACKS.map((name) => `Omnirapeutic${name}`));
    const rows = DOCUMENTS.captures(/^\| `(Omnirapeutic\w+)` \| .+ \|$/gm).flat();
    expect(rows).toEqual(stacks.map(({ stackName }) => stackName));
    expect(DOCUMENTS.captures(/^for STACK in (.+?); do\b/gm).flat().slice(0, 2)).toEqual([
      'OmnirapeuticNetwork OmnirapeuticGuardrails OmnirapeuticImages', 'OmnirapeuticData OmnirapeuticApplication',
    ]);
    stacks.forEach((stack, index) => {
      expect(stack.dependencies.filter((needed) => !stacks.slice(0, index).includes(needed))).toEqual([]);
    });
  });

  test('each stack is protected, and the protection is removed in reverse order', () => {
    const orders = DOCUMENTS.captures(/^for STACK in (.+?); do\b/gm).flat();
    expect(orders.at(-1)!.split(' ').reverse()).toEqual(STACKS);
    for (const { terminationProtection } of stacks) expect(terminationProtection).toBe(true);
    expect(theOne(DATABASE)(whole).DeletionProtection).toBe(true);
    expect(theOne(LOAD_BALANCER)(whole).LoadBalancerAttributes).toContainEqual({
      Key: 'deletion_protection.enabled',
      Value: 'true',
    });
  });
}

function testCosts(templates: Record<string, Json>, whole: Template): void {
  test('the text states costs of the table', () => {
    const [{ lines }] = costs.columns(templates);
    const total = totalCents(lines) / 100;
    say(
      `about ${Math.round((total * 12) / 365)} USD a day`,
      `${((amount(whole, NAT_GATEWAY) - 1) * 730 * 0.05).toFixed(2)} less`,
    );
    const [limit] = source('stacks.ts').match(/(?<=monthlyCostLimit: )\d+/)!;
    say(`\`monthlyCostLimit\` in \`stacks.ts\`, ${limit}, is about twice the total`);
    expect(Math.round(Number(limit) / total)).toBe(2);
    const { ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity } } = theOne(DATABASE)(whole);
    expect(MaxCapacity).toBe(2 * MinCapacity);
    say(`At its full capacity of ${MaxCapacity} ACU, the database costs twice as much`);
    for (const { Properties } of Object.values(whole.findResources(SCALABLE))) {
      say(`${Properties.MinCapacity} to ${Properties.MaxCapacity} tasks`);
    }
  });
}

function testRemains(whole: Template): void {
  test('these resources remain after the deletion', () => {
    say(
      `${kept(whole, LOG_GROUP)} log groups`,
      `${kept(whole, KEY)} KMS keys`,
      `The KMS keys cost ${kept(whole, KEY)}.00 a month`,
    );
    const types = [
      'AWS::CloudTrail::Trail',
      BUCKET,
      REPOSITORY,
      SECRET,
      'AWS::Backup::BackupVault',
      'AWS::IAM::Role',
      'AWS::IAM::ManagedPolicy',
    ];
    expect(types.map((type) => kept(whole, type))).toEqual([1, 3, 3, 4, 1, 1, 1]);
    const others = resources(whole).map(({ Type }) => Type)
      .filter((type) => kept(whole, type) > 0 && ![...types, LOG_GROUP, KEY].includes(type));
    // These are deleted with the resource that they belong to, or protect a resource that remains.
    expect([...new Set(others)].sort()).toEqual([
      'AWS::S3::BucketPolicy',
      'AWS::SecretsManager::ResourcePolicy',
      'AWS::SecretsManager::RotationSchedule',
    ]);
    expect(Object.values(whole.findResources(DATABASE)).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([
      'Snapshot',
    ]);
  });

  test('one bucket is locked, for six years', () => {
    const locked = Object.entries(whole.findResources(BUCKET)).filter(
      ([, { Properties }]) => Properties.ObjectLockConfiguration,
    );
    expect(
      locked.map(([id, { Properties }]) => [
        id.replace(/[0-9A-F]{8}$/, ''),
        Properties.ObjectLockConfiguration.Rule.DefaultRetention,
      ]),
    ).toEqual([['GuardrailsGuardrailsTrailBucket', { Days: 2192, Mode: 'COMPLIANCE' }]]);
  });

  test('a trial locks nothing and leaves no resource of a template behind', () => {
    const [[, reason]] = DOCUMENTS.captures(/^(DataProtection\.of\(app\)\.disposable\({ reason: '(.+)' }\);)$/gm);
    const app = newApp();
    hipaa.DataProtection.of(app).disposable({ reason });
    defineOmnirapeutic(app, { region: 'us-east-1' });
    const trial = omnirapeutic(omnirapeuticTemplates(templatesOf(app)));
    expect(resources(trial).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
    expect(
      resources(trial).filter(
        ({ Properties }) => Properties?.ObjectLockConfiguration ?? Properties?.DeletionProtection,
      ),
    ).toEqual([]);
  });
}

function testTables(whole: Template): void {
  test('the alarms are on the constructs in the table', () => {
    const constructs = Object.keys(whole.findResources(ALARM)).map(
      (id) =>
        /^\w+MonitoringOmnirapeutic(?:Network|Guardrails|Data|Application)(Network|Guardrails|Database|Bastion|Secrets|Entrance|Api|Web|Worker|Migrations)/.exec(
          id,
        )?.[1],
    );
    const rows = DOCUMENTS.captures(/^\| (`\w+`(?:, `\w+`)*) \| .+ \| .+ \|$/gm).flatMap(([names]) =>
      names.replace(/`/g, '').split(', '),
    );
    expect(rows.filter((name) => !name.startsWith('Omnirapeutic')).sort()).toEqual([...new Set(constructs)].sort());
  });

  test('every log group has a row with its retention in years, or belongs to a function', () => {
    const rows = DOCUMENTS.captures(
      /^\| .+ \| (Network|Guardrails|Data|Application) \| (`\w+`(?:, `\w+`)*) \| (\d) \|$/gm,
    ).flatMap(([stack, ids, years]) => ids.split(', ').map((id) => `${stack} ${id.replace(/`/g, '')} ${years}`));
    const ofFunctions = Object.values(whole.findResources(FUNCTION)).map(
      ({ Properties }) => Properties.LoggingConfig?.LogGroup.Ref,
    );
    const groups = Object.entries(whole.findResources(LOG_GROUP))
      .map(([id, { Properties }]) => ({ id, years: Math.floor(Properties.RetentionInDays / 365) }));
    expect(groups.filter(({ id, years }) => ofFunctions.includes(id) && years !== 1)).toEqual([]);
    expect(rows.sort()).toEqual(
      groups
        .filter(({ id }) => !ofFunctions.includes(id))
        .map(
          ({ id, years }) =>
            `${id.replace(/^(Network|Guardrails|Data|Application)(\w+)[0-9A-F]{8}$/, '$1 $2')} ${years}`,
        )
        .sort(),
    );
  });

  test('the conformance pack has the rules that the text counts', () => {
    const rules = [
      ...text(theOne('AWS::Config::ConformancePack')(whole).TemplateBody).matchAll(/Type: AWS::Config::ConfigRule$/gm),
    ].length;
    expect(rules).toBe(130 - 7);
    say('Seven of the 130 rules are excluded');
  });
}

function testCopy(): void {
  test('the code in the text uses methods and values that exist', () => {
    const written = DOCUMENTS.captures(/(?<!\.)\b([A-Z]\w+)\.([a-z]\w+)\(/g);
    const values = DOCUMENTS.captures(/\b([A-Z]\w+)\.([A-Z][A-Z_]+)\b/g);
    expect(values.length).toBeGreaterThan(4);
    expect(
      values.filter(
        ([name, value]) => (hipaa as unknown as Record<string, Record<string, unknown>>)[name]?.[value] === undefined,
      ),
    ).toEqual([]);
    expect(written.length + values.length).toBeGreaterThan(8);
    const unknown = written.filter(
      ([name, method]) =>
        typeof (hipaa as unknown as Record<string, Record<string, unknown>>)[name]?.[method] !== 'function',
    );
    expect(unknown).toEqual([]);
    for (const name of ['alarmEmail', 'monthlyCostLimit', 'hostedZoneId', 'version']) {
      expect(source('stacks.ts')).toContain(name);
    }
    for (const name of ['minAcu', 'maxAcu', 'version', 'bastion', 'this.database']) {
      expect(source('data-stack.ts')).toContain(name);
    }
  });

  test('a copy needs no file of another folder', () => {
    const copied = [
      'app.ts',
      'stacks.ts',
      ...fs.readdirSync(EXAMPLE_FOLDER).filter((file) => file.endsWith('-stack.ts')),
    ];
    expect(copied).toHaveLength(2 + STACKS.length);
    const imports = copied.flatMap((file) =>
      [...source(file).matchAll(/from '(\..+?)'/g)].map(([, name]) => `${path.basename(name)}.ts`),
    );
    expect(imports.filter((file) => !copied.includes(file))).toEqual([]);
  });
}

function testCommands(templates: Record<string, Json>, whole: Template): void {
  test('a command names exactly one resource', () => {
    const asked = DOCUMENTS.captures(/\$\(resource (\w+) (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(30);
    for (const [stack, type, beginning = ''] of asked) {
      const found = Object.entries<Resource>(templates[stack].Resources).filter(
        ([id, { Type }]) => Type === type && id.startsWith(beginning),
      );
      expect({ stack, type, beginning, found: found.length }).toEqual({ stack, type, beginning, found: 1 });
    }
  });

  test('the commands read outputs that exist', () => {
    const asked = [...new Set(DOCUMENTS.captures(/(?:\$\(|^)output (\w+ \w+)/gm).flat())];
    expect(asked.sort()).toEqual(['Application Migrate', 'Data SessionPolicy', 'Data Shell']);
    for (const [stack, name] of asked.map((each) => each.split(' '))) {
      expect(Object.keys(templates[stack].Outputs)).toContain(name);
    }
  });

  test('the commands push each image in the version that stacks.ts runs', () => {
    const [version] = source('stacks.ts').match(/(?<=const version = ')[^']+/)!;
    const pushed = DOCUMENTS.captures(/^push (\w+) (\w+) ([\d.]+)$/gm);
    expect(pushed).toEqual(['Api', 'Web', 'Worker'].map((name) => [name, name.toLowerCase(), version]));
    for (const [repository, folder] of pushed) {
      const found = Object.entries<Resource>(templates.Images.Resources).filter(
        ([id, { Type }]) => Type === REPOSITORY && id.startsWith(repository),
      );
      expect(found).toHaveLength(1);
      expect(fs.existsSync(path.join(EXAMPLE_FOLDER, folder, 'Dockerfile'))).toBe(true);
    }
    say(`--image-id imageTag=${version} `);
  });

  test('the commands name the database, its version and its zones', () => {
    const { Engine, EngineVersion, DatabaseName, MasterUsername } = theOne(DATABASE)(whole);
    const versions = DOCUMENTS.captures(/--engine ([\w-]+) --engine-version ([\d.]+)/g);
    expect(versions).toEqual([[Engine, EngineVersion], [Engine, EngineVersion]]);
    say(
      `dbname=${DatabaseName} user=${MasterUsername}`,
      `dbname=${DatabaseName} user=ada`,
      `DATABASE=${DatabaseName}`,
      `ENGINE=${Engine}`,
      `Values=${theOne(BASTION)(whole).InstanceType}`,
    );
    const instances = Object.values(whole.findResources(DATABASE_INSTANCE))
      .map(({ Properties: { DBInstanceClass, AvailabilityZone } }) => [DBInstanceClass, AvailabilityZone]);
    expect(instances).toEqual(
      [0, 1].map((index) => ['db.serverless', { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] }]),
    );
  });

  test('the commands use the domain of stacks.ts', () => {
    const [[, name, zone]] = [...source('stacks.ts').matchAll(/name: '(.+?)', hostedZoneId: '(.+?)'/g)];
    say(`SITE=https://${name}`, `--id ${zone} `);
  });
}
