import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { synthesise, together } from './proof/synthesis';
import { EXAMPLE_FOLDER } from './proof/parts';
import { defineOmnirapeutic } from '../../../examples/omnirapeutic/stacks';
import { newApp, templateOf } from '../../support/app';
import { Resource } from '../../support/template/mutations';
import { text, theOne } from '../../support/template/reading';
import { alarmedMetrics, amount, cost, kept, Readme, sum, testCosts } from '../../support/template/readme';
import { ALARM, BUCKET, CLUSTER, FIREWALL, FUNCTION, KEY, LOAD_BALANCER, LOG_GROUP, NAT_GATEWAY, REPOSITORY, SCALABLE, SECRET, SERVICE, TASK } from '../../support/template/types';
import * as hipaa from 'cdk-hipaa';

const README = new Readme(EXAMPLE_FOLDER);
const BASTION = 'AWS::EC2::Instance';
const DATABASE = 'AWS::RDS::DBCluster';
const DATABASE_INSTANCE = 'AWS::RDS::DBInstance';
const FILTER = 'AWS::Logs::MetricFilter';
const PACK = 'AWS::Config::ConformancePack';

const stacks = synthesise();
const whole = together(stacks);
const named = Object.values(stacks).map((stack) => ({ name: stack.stackName, stack, template: templateOf(stack) }));
const templateNamed = (name: string) => named.find((each) => each.name === `Omnirapeutic${name}`)!.template;
const count = (type: string) => amount(whole, type);
const resources = (template: Template) => Object.values<Resource>(template.toJSON().Resources);
const say = (...words: string[]) => expect(words.filter((each) => !README.text.includes(each))).toEqual([]);
/** The construct and the name of an alarm from its id. */
const ALARM_ID = new RegExp(`^Monitoring(?:${named.map(({ name }) => name).join('|')})(Network|Guardrails|Database|Bastion|Secrets|Entrance|Api|Web|Worker)(\\w+)[0-9A-F]{8}$`);
const source = (file: string) => fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8');

README.test();

describe('the stacks in the README', () => {
  test('have as many resources as it says', () => {
    const rows = README.captures(/^\| `(Omnirapeutic\w+)` \| .+ \| (\d+) \|$/gm);
    expect(rows).toEqual(named.map(({ name, template }) => [name, `${resources(template).length}`]));
    expect(resources(whole)).toHaveLength(sum(named.map(({ template }) => resources(template).length)));
  });

  test('are deployed in their order, each after those that it needs', () => {
    expect(README.captures(/^npx cdk deploy (\w+) --no-rollback$/gm).flat()).toEqual(named.map(({ name }) => name));
    named.forEach(({ stack }, index) => {
      const before = named.slice(0, index).map((each) => each.stack);
      expect(stack.dependencies.filter((needed) => !before.includes(needed))).toEqual([]);
    });
  });

  test('are all protected, and let go of in the end', () => {
    const [[order]] = README.captures(/^for STACK in (.+); do$/gm);
    expect(order.split(' ').reverse().map((name) => `Omnirapeutic${name}`)).toEqual(named.map(({ name }) => name));
    for (const { stack } of named) expect(stack.terminationProtection).toBe(true);
    expect(theOne(DATABASE)(whole).DeletionProtection).toBe(true);
    expect(theOne(LOAD_BALANCER)(whole).LoadBalancerAttributes).toContainEqual({ Key: 'deletion_protection.enabled', Value: 'true' });
  });
});

describe('the costs in the README', () => {
  const rows = README.captures(/^\| (.+?) \| (.*?) ?\| \*{0,2}(\d+\.\d\d)\*{0,2} \|$/gm).map(([what, arithmetic, price]) => cost(what, arithmetic, price));
  const row = (what: string) => rows.find((each) => each.what.startsWith(what))!.arithmetic;
  const total = rows.find(({ what }) => what === 'sum')!.cents / 100;
  const zones = theOne(LOAD_BALANCER)(whole).Subnets.length;

  testCosts(rows);

  test('count gateways, addresses and load balancers', () => {
    expect(count('AWS::EC2::EIP')).toBe(count(NAT_GATEWAY));
    expect(row('NAT gateways')).toBe(`${count(NAT_GATEWAY)} × 730 × 0.045`);
    expect(row('public IPv4 addresses')).toBe(`(${count('AWS::EC2::EIP')} NAT + ${zones} load balancer) × 730 × 0.005`);
    expect(row('load balancer')).toBe(`${count(LOAD_BALANCER)} × 730 × 0.0225`);
    const [{ Properties: { Rules } }] = Object.values(whole.findResources(FIREWALL));
    expect(row('web firewall')).toContain(`${count(FIREWALL)} × 5.00 + ${Rules.length} rules × 1.00 + `);
  });

  test('take the size of the tasks, and the fewest that run', () => {
    const sizes = Object.values(whole.findResources(TASK)).map(({ Properties: { Cpu, Memory } }) => [Cpu, Memory]);
    expect(sizes).toEqual([['512', '1024'], ['512', '1024'], ['512', '1024']]);
    const scaled = Object.values(whole.findResources(SCALABLE)).map(({ Properties }) => Properties.MinCapacity);
    const constant = Object.values(whole.findResources(SERVICE)).map(({ Properties }) => Properties.DesiredCount).filter(Boolean);
    expect([scaled.length + constant.length, sum([...scaled, ...constant])]).toEqual([count(SERVICE), 5]);
    for (const { Properties: { MinCapacity, MaxCapacity } } of Object.values(whole.findResources(SCALABLE))) {
      say(`api: ${MinCapacity} to ${MaxCapacity} tasks`, `web: ${MinCapacity} to ${MaxCapacity} tasks`);
    }
    expect(row('Fargate')).toBe('5 tasks × 730 × (0.5 vCPU × 0.04048 + 1 GB × 0.004445)');
    expect(row('Container Insights')).toBe(`about (8 + ${count(TASK)} × 6 + ${count(SERVICE)} × 11) metrics × 0.30`);
  });

  test('take capacity and backups of the database', () => {
    const { ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity }, BackupRetentionPeriod } = theOne(DATABASE)(whole);
    const [{ Lifecycle: { DeleteAfterDays } }] = theOne('AWS::Backup::BackupPlan')(whole).BackupPlan.BackupPlanRule;
    expect(row('Aurora')).toBe(`${count(DATABASE_INSTANCE)} instances × ${MinCapacity} ACU × 730 × 0.12`);
    expect(row(`snapshots of AWS Backup, those older than Aurora's own ${BackupRetentionPeriod} days`)).toBe(`${DeleteAfterDays - BackupRetentionPeriod} × 10 GB × 0.021`);
    expect(MaxCapacity).toBe(2 * MinCapacity);
    say(`At its full capacity of ${MaxCapacity} ACU the database costs twice as much`);
  });

  test('count the bastion, images, keys and secrets', () => {
    expect([count(BASTION), theOne(BASTION)(whole).Monitoring]).toEqual([1, true]);
    expect(row(`bastion, ${theOne(BASTION)(whole).InstanceType}`)).toMatch(/^730 × /);
    expect(row('images')).toMatch(new RegExp(`^${count(REPOSITORY)} × `));
    expect(row('KMS keys')).toBe(`${count(KEY)} × 1.00`);
    // RDS makes one more, for the database's password.
    expect(theOne(DATABASE)(whole).ManageMasterUserPassword).toBe(true);
    expect(row('secrets')).toBe(`${count(SECRET) + 1} × 0.40`);
  });

  test('count what watches', () => {
    expect(row('alarms')).toBe(`${alarmedMetrics(whole)} metrics × 0.10`);
    // Those of the trail say nothing while nothing happens, and are paid for when they say something.
    const always = Object.entries(whole.findResources(FILTER))
      .filter(([, { Properties }]) => Properties.MetricTransformations[0].DefaultValue !== undefined);
    expect(always.filter(([id]) => !id.startsWith('NetworkNetworkTraffic'))).toEqual([]);
    const metrics = new Set(always.map(([, { Properties }]) => Properties.MetricTransformations[0].MetricName));
    expect(row('log metrics')).toBe(`${metrics.size} of the flow logs × 0.30`);
    expect(row('age of the clearinghouse')).toBe(`${count(SECRET)} metric × 0.30`);
    expect(row('dashboards')).toBe(`${count('AWS::CloudWatch::Dashboard')} × 3.00`);
    expect(row('polls')).toMatch(new RegExp(`^${count('AWS::Lambda::EventSourceMapping')} × `));
  });

  test('count what the guardrails judge', () => {
    const rules = [...text(theOne(PACK)(whole).TemplateBody).matchAll(/Type: AWS::Config::ConfigRule$/gm)].length;
    expect(row(`AWS Config: items, evaluations of ${rules} rules`)).toBeDefined();
    expect(rules).toBe(130 - 8);
    say('Eight of the 130 are left out');
    expect(row('Inspector')).toBe(`${count(BASTION)} × 1.26 + 12 × 0.09 + 300 × 0.01 + ${count(FUNCTION)} × 0.30`);
    expect(row('GuardDuty')).toContain(` + ${count(DATABASE_INSTANCE)} instances × 1.50`);
  });

  test('are those that the text speaks of', () => {
    say(`It costs about ${Math.round(total * 12 / 365)} a day`, `${((count(NAT_GATEWAY) - 1) * 730 * 0.05).toFixed(2)} less`);
    const [limit] = source('stacks.ts').match(/(?<=monthlyCostLimit: )\d+/)!;
    say(`\`monthlyCostLimit\` in \`stacks.ts\`, ${limit}, is about twice the sum`);
    expect(Math.round(Number(limit) / total)).toBe(2);
  });
});

describe('what the README says beside its tables', () => {
  test('as much is left behind as it says', () => {
    say(`${kept(whole, LOG_GROUP)} log groups`, `${kept(whole, KEY)} KMS keys`, `keys ${kept(whole, KEY)}.00 a month`);
    const types = ['AWS::CloudTrail::Trail', BUCKET, REPOSITORY, SECRET, 'AWS::Backup::BackupVault', 'AWS::IAM::Role', 'AWS::IAM::ManagedPolicy'];
    expect(types.map((type) => kept(whole, type))).toEqual([1, 3, 3, 1, 1, 1, 1]);
    const others = resources(whole).map(({ Type }) => Type)
      .filter((type) => kept(whole, type) > 0 && ![...types, LOG_GROUP, KEY].includes(type));
    // These go with what they belong to, or say who may touch what is left.
    expect([...new Set(others)].sort()).toEqual(['AWS::S3::BucketPolicy', 'AWS::SecretsManager::ResourcePolicy', 'AWS::SecretsManager::RotationSchedule']);
    expect(Object.values(whole.findResources(DATABASE)).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Snapshot']);
  });

  test('one bucket is locked, and that for six years', () => {
    const locked = Object.entries(whole.findResources(BUCKET)).filter(([, { Properties }]) => Properties.ObjectLockConfiguration);
    expect(locked.map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties.ObjectLockConfiguration.Rule.DefaultRetention]))
      .toEqual([['GuardrailsGuardrailsTrailBucket', { Days: 2192, Mode: 'COMPLIANCE' }]]);
  });

  test('a trial locks nothing, and leaves nothing that a template can show', () => {
    const [[, reason]] = README.captures(/^(DataProtection\.of\(app\)\.disposable\({ reason: '(.+)' }\);)$/gm);
    const app = newApp();
    hipaa.DataProtection.of(app).disposable({ reason });
    const trial = together(defineOmnirapeutic(app, { region: 'us-east-1' }));
    expect(resources(trial).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
    expect(resources(trial).filter(({ Properties }) => Properties?.ObjectLockConfiguration ?? Properties?.DeletionProtection)).toEqual([]);
  });

  test('every alarm has a row, and every row an alarm', () => {
    const rows = README.captures(/^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \| (`\w+`(?:, `\w+`)*) \| .+ \|$/gm).flatMap(([constructs, names]) =>
      constructs.split(', ').flatMap((construct) => names.split(', ').map((name) => `${construct} ${name.replace(/`/g, '')}`)));
    const alarms = named.flatMap(({ template }) => Object.keys(template.findResources(ALARM)));
    expect(rows.sort()).toEqual(alarms.map((id) => id.replace(ALARM_ID, '$1 $2')).sort());
  });

  test('every log group has a row with the years that it is kept, or belongs to a function', () => {
    const rows = README.captures(/^\| .+ \| (Network|Guardrails|Data|Application) \| (`\w+`(?:, `\w+`)*) \| (\d) \|$/gm).flatMap(([stack, ids, years]) =>
      ids.split(', ').map((id) => `${stack} ${id.replace(/`/g, '')} ${years}`));
    const ofFunctions = Object.values(whole.findResources(FUNCTION)).map(({ Properties }) => Properties.LoggingConfig?.LogGroup.Ref);
    const groups = Object.entries(whole.findResources(LOG_GROUP))
      .map(([id, { Properties }]) => ({ id, years: Math.floor(Properties.RetentionInDays / 365) }));
    expect(groups.filter(({ id, years }) => ofFunctions.includes(id) && years !== 1)).toEqual([]);
    expect(rows.sort()).toEqual(groups.filter(({ id }) => !ofFunctions.includes(id))
      .map(({ id, years }) => `${id.replace(/^(Network|Guardrails|Data|Application)(\w+)[0-9A-F]{8}$/, '$1 $2')} ${years}`).sort());
  });

  test('what it tells to write is there to be written', () => {
    const written = README.captures(/\b([A-Z]\w+)\.([a-z]\w+)\(/g).filter(([name]) => !['Math'].includes(name));
    expect(written.length).toBeGreaterThan(8);
    const unknown = written.filter(([name, method]) => typeof (hipaa as unknown as Record<string, Record<string, unknown>>)[name]?.[method] !== 'function');
    expect(unknown).toEqual([]);
    for (const name of ['alarmEmail', 'monthlyCostLimit', 'hostedZoneId', 'version']) expect(source('stacks.ts')).toContain(name);
    for (const name of ['minAcu', 'maxAcu', 'version', 'bastion', 'this.database']) expect(source('data-stack.ts')).toContain(name);
  });

  test('a copy needs no more than it says', () => {
    const copied = ['app.ts', 'stacks.ts', ...fs.readdirSync(EXAMPLE_FOLDER).filter((file) => file.endsWith('-stack.ts'))];
    expect(copied).toHaveLength(2 + named.length);
    say('`app.ts`, `stacks.ts`, the five `*-stack.ts`, `cdk.json`, `api/`, `web/` and `worker/` are all it takes');
    const imports = copied.flatMap((file) => [...source(file).matchAll(/from '(\..+?)'/g)].map(([, name]) => `${path.basename(name)}.ts`));
    expect(imports.filter((file) => !copied.includes(file))).toEqual([]);
  });
});

describe('the commands in the README', () => {
  test('ask for resources that are there, and for one of them', () => {
    const asked = README.captures(/\$\(resource (\w+) (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(30);
    for (const [stack, type, beginning = ''] of asked) {
      const found = Object.keys(templateNamed(stack).findResources(type)).filter((id) => id.startsWith(beginning));
      expect({ stack, type, beginning, found }).toEqual({ stack, type, beginning, found: [expect.any(String)] });
    }
  });

  test('ask for outputs that are there', () => {
    const asked = [...new Set(README.captures(/(?:\$\(|^)output (\w+)/gm).flat())];
    expect(asked.sort()).toEqual(['SessionPolicy', 'Shell']);
    expect(Object.keys(templateNamed('Data').toJSON().Outputs)).toEqual(expect.arrayContaining(asked));
  });

  test('push each image to its repository, in the version that stacks.ts runs', () => {
    const [version] = source('stacks.ts').match(/(?<=const version = ')[^']+/)!;
    const pushed = README.captures(/^push (\w+) (\w+) ([\d.]+)$/gm);
    expect(pushed).toEqual(['Api', 'Web', 'Worker'].map((name) => [name, name.toLowerCase(), version]));
    for (const [repository, folder] of pushed) {
      expect(Object.keys(templateNamed('Images').findResources(REPOSITORY)).filter((id) => id.startsWith(repository))).toHaveLength(1);
      expect(fs.existsSync(path.join(EXAMPLE_FOLDER, folder, 'Dockerfile'))).toBe(true);
    }
    say(`--image-id imageTag=${version} `);
  });

  test('name the database, its version and its place as they are', () => {
    const { Engine, EngineVersion, DatabaseName, MasterUsername } = theOne(DATABASE)(whole);
    const versions = README.captures(/--engine ([\w-]+) --engine-version ([\d.]+)/g);
    expect(versions).toEqual([[Engine, EngineVersion], [Engine, EngineVersion]]);
    say(`dbname=${DatabaseName} user=${MasterUsername}`, `DATABASE=${DatabaseName}`, `ENGINE=${Engine}`, `Values=${theOne(BASTION)(whole).InstanceType}`);
    const instances = Object.values(whole.findResources(DATABASE_INSTANCE))
      .map(({ Properties: { DBInstanceClass, AvailabilityZone } }) => [DBInstanceClass, AvailabilityZone]);
    expect(instances).toEqual([0, 1].map((index) => ['db.serverless', { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] }]));
  });

  test('meet the names of the system', () => {
    const [[, name, zone]] = [...source('stacks.ts').matchAll(/name: '(.+?)', hostedZoneId: '(.+?)'/g)];
    say(`SITE=https://${name}`, `--id ${zone} `);
    expect(count(CLUSTER)).toBe(1);
  });
});
