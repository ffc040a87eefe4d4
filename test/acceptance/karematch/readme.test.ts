import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { EXAMPLE_FOLDER } from './proof/parts';
import { EdgeStack } from '../../../examples/karematch/edge-stack';
import { EdgeWatchStack } from '../../../examples/karematch/edge-watch-stack';
import { DEVELOPMENT, Environment, PRODUCTION } from '../../../examples/karematch/environments';
import { ImagesStack } from '../../../examples/karematch/images-stack';
import { KareMatchStack } from '../../../examples/karematch/karematch-stack';
import { newApp, templateOf } from '../../support/app';
import { theOne } from '../../support/template/reading';
import { alarmedMetrics, amount, cost, kept, Readme, sum, testCosts } from '../../support/template/readme';

/** The templates of one environment. Those of the edge are there only where the system stands outside us-east-1. */
interface Templates {
  readonly main: Template;
  readonly images: Template;
  readonly edge?: Template;
  readonly edgeWatch?: Template;
}

const README = new Readme(EXAMPLE_FOLDER);
const COLUMNS = ['production', 'development'] as const;

const domestic = bothEnvironments('us-east-1');
const european = bothEnvironments('eu-west-1');

README.test();

describe('the stacks in the README', () => {
  const rows = README.captures(/^\| `(…Images|KareMatch…|…Edge|…EdgeWatch)` \| (either region|us-east-1|eu-west-1|us-east-1, for eu-west-1) \| (\d+) \| (\d+) \|$/gm)
    .map(([stack, where, ...counts]) => ({ stack, where, counts: counts.map(Number) }));
  const resources = (template?: Template) => Object.keys(template!.toJSON().Resources).length;
  const counts = (system: typeof domestic, stack: keyof Templates) => COLUMNS.map((column) => resources(system[column][stack]));

  test('have as many resources as it says', () => {
    expect(rows).toEqual([
      { stack: '…Images', where: 'either region', counts: counts(domestic, 'images') },
      { stack: 'KareMatch…', where: 'us-east-1', counts: counts(domestic, 'main') },
      { stack: '…Edge', where: 'us-east-1, for eu-west-1', counts: counts(european, 'edge') },
      { stack: 'KareMatch…', where: 'eu-west-1', counts: counts(european, 'main') },
      { stack: '…EdgeWatch', where: 'us-east-1, for eu-west-1', counts: counts(european, 'edgeWatch') },
    ]);
    expect(counts(european, 'images')).toEqual(counts(domestic, 'images'));
  });
});

describe.each(COLUMNS)('the costs of %s in the README', (column) => {
  const { main, images } = domestic[column];
  const rows = costs(column);
  const row = (what: string) => rows.find((each) => each.what === what)!.arithmetic;
  const count = (type: string) => amount(main, type);
  const database = theOne('AWS::RDS::DBInstance')(main);

  testCosts(rows);

  test('count gateways, addresses and load balancers', () => {
    const zones = theOne('AWS::ElasticLoadBalancingV2::LoadBalancer')(main).Subnets.length;
    expect(count('AWS::EC2::EIP')).toBe(count('AWS::EC2::NatGateway'));
    expect(row('NAT gateways')).toBe(`${count('AWS::EC2::NatGateway')} × 730 × 0.045`);
    expect(row('public IPv4 addresses')).toBe(`(${count('AWS::EC2::EIP')} NAT + ${zones} load balancer) × 730 × 0.005`);
    expect(row('load balancer')).toBe(`${count('AWS::ElasticLoadBalancingV2::LoadBalancer')} × 730 × 0.0225`);
  });

  test('take the size of a task, and as many as may run', () => {
    const { Cpu, Memory } = theOne('AWS::ECS::TaskDefinition')(main);
    const { MinCapacity, MaxCapacity } = theOne('AWS::ApplicationAutoScaling::ScalableTarget')(main);
    const [, tasks, vcpus, gigabytes] = row('Fargate').match(/^(\d) tasks? × 730 × \(([\d.]+) vCPU × 0.04048 \+ ([\d.]+) GB × 0.004445\)$/)!.map(Number);
    expect([vcpus, gigabytes]).toEqual([Cpu / 1024, Memory / 1024]);
    expect(tasks).toBeGreaterThanOrEqual(MinCapacity);
    expect(tasks).toBeLessThanOrEqual(MaxCapacity);
  });

  test('take class, storage, standby and backups of the database', () => {
    expect(row(`database, ${database.DBInstanceClass}`)).toBe(database.MultiAZ ? '730 × 0.032 with standby' : '730 × 0.016');
    expect(row(`its storage, ${database.StorageType}`)).toBe(`${database.AllocatedStorage} GB × ${database.MultiAZ ? '0.23 with standby' : '0.115'}`);
    expect(row('snapshots of AWS Backup')).toBe(count('AWS::Backup::BackupPlan') === 1 ? `${database.AllocatedStorage} GB × 0.095` : 'none');
  });

  test('count keys and secrets', () => {
    expect(row('KMS keys')).toBe(`${count('AWS::KMS::Key') + amount(images, 'AWS::KMS::Key')} × 1.00`);
    // RDS makes one more, for the database's password.
    expect(database.ManageMasterUserPassword).toBe(true);
    expect(row('secrets')).toBe(`${count('AWS::SecretsManager::Secret') + 1} × 0.40`);
  });

  test('count firewalls and their rules', () => {
    const rules = Object.values(main.findResources('AWS::WAFv2::WebACL')).map(({ Properties }) => Properties.Rules.length);
    // That of the entrance first, which tells the clients of the site apart by two rules more.
    expect(rules).toEqual([6, 4]);
    expect(row('web firewalls')).toContain(`${rules.length} × 5.00 + (${rules.join(' + ')}) rules × 1.00 + `);
  });

  test('count what watches', () => {
    expect(row('alarms')).toBe(`${alarmedMetrics(main)} metrics × 0.10`);
    expect(row('log metrics')).toBe(`${count('AWS::Logs::MetricFilter')} × 0.30`);
    expect(row('dashboard')).toBe(`${count('AWS::CloudWatch::Dashboard')} × 3.00`);
  });
});

describe('what the README says beside its tables', () => {
  const { main, images } = domestic.production;

  test.each(COLUMNS)('from eu-west-1, %s has two keys and a dashboard more, and no other alarm', (column) => {
    const here = Object.values(domestic[column]) as Template[];
    const there = Object.values(european[column]) as Template[];
    const more = (type: string) => sum(there.map((each) => amount(each, type))) - sum(here.map((each) => amount(each, type)));
    expect(README.text).toContain('From eu-west-1, two keys and a dashboard more (5.00)');
    expect([more('AWS::KMS::Key'), more('AWS::CloudWatch::Dashboard'), more('AWS::CloudWatch::Alarm')]).toEqual([2, 1, 0]);
    expect(sum(there.map(alarmedMetrics))).toBe(sum(here.map(alarmedMetrics)));
  });

  test('production leaves as much behind as it says', () => {
    expect([kept(main, 'AWS::Logs::LogGroup'), kept(main, 'AWS::S3::Bucket'), kept(main, 'AWS::SecretsManager::Secret')]).toEqual([9, 3, 2]);
    expect(kept(main, 'AWS::KMS::Key') + kept(images, 'AWS::KMS::Key')).toBe(8);
    expect([kept(main, 'AWS::Backup::BackupVault'), kept(images, 'AWS::ECR::Repository')]).toEqual([1, 1]);
    for (const words of ['| nine log groups; three buckets', '| eight KMS keys |', 'keys 8.00 a month']) expect(README.text).toContain(words);
  });

  test('every alarm has a row, and every row an alarm', () => {
    const rows = README.captures(/^\| (Api|Entrance|Site|Database|Secrets|Network) \| (`.+`) \| .+ \|$/gm)
      .flatMap(([construct, names]) => names.split(', ').map((name) => `${construct} ${name.replace(/`/g, '')}`));
    const alarms = COLUMNS.flatMap((column) => Object.keys(domestic[column].main.findResources('AWS::CloudWatch::Alarm')))
      .map((id) => id.replace(/^MonitoringKareMatch(Development)?(Network|Database|Secrets|Entrance|Api|Site)(NatGateway\d|Firewall)?(\w+)[0-9A-F]{8}$/, '$2 $4'));
    expect(rows.sort()).toEqual([...new Set(alarms)].sort());
  });
});

describe('the commands in the README', () => {
  test('ask for resources that are there, and for one of them', () => {
    const asked = README.captures(/\$\((?:STACK=\$\{STACK\}(Images) )?resource (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(15);
    for (const [images, type, beginning = ''] of asked) {
      const { [images ? 'images' : 'main']: template } = domestic.production;
      const found = Object.keys(template.findResources(type)).filter((id) => id.startsWith(beginning));
      expect({ type, beginning, found }).toEqual({ type, beginning, found: [expect.any(String)] });
    }
  });

  test('push the version that app.ts runs', () => {
    const [, version] = fs.readFileSync(path.join(EXAMPLE_FOLDER, 'app.ts'), 'utf8').match(/image\('(.+?)'\)/)!;
    expect(new Set(README.captures(/IMAGES:([^"]+)"/g).flat())).toEqual(new Set([version]));
    expect(README.text).toContain(`--image-id imageTag=${version} `);
  });
});

/** Both environments, as app.ts makes them in us-east-1 and app.eu-west-1.ts anywhere else. */
function bothEnvironments(region: string): Record<typeof COLUMNS[number], Templates> {
  const [env, edgeEnv] = [{ region }, { region: 'us-east-1' }];
  const make = (name: string, environment: Environment): Templates => {
    const app = newApp();
    const images = new ImagesStack(app, `${name}Images`, { env, environment });
    const edge = region === 'us-east-1' ? undefined : new EdgeStack(app, `${name}Edge`, { env: edgeEnv, environment });
    const main = new KareMatchStack(app, name, { env, environment, image: images.backend.image('1.0.0'), edge });
    if (!edge) return { main: templateOf(main), images: templateOf(images) };
    const watch = new EdgeWatchStack(app, `${name}EdgeWatch`, { env: edgeEnv, environment, edge, site: main.site });
    return { main: templateOf(main), images: templateOf(images), edge: templateOf(edge), edgeWatch: templateOf(watch) };
  };
  return { production: make('KareMatch', PRODUCTION), development: make('KareMatchDevelopment', DEVELOPMENT) };
}

/** The rows of the table of costs, of one environment. */
function costs(column: typeof COLUMNS[number]) {
  const rows = README.captures(/^\| (.+?) \|(.*?)\| \*{0,2}(\d+\.\d\d)\*{0,2} \|(.*?)\| \*{0,2}(\d+\.\d\d)\*{0,2} \|$/gm);
  return rows.map(([what, ...cells]) => {
    const [arithmetic, price] = column === 'production' ? cells : cells.slice(2);
    return cost(what, arithmetic, price);
  });
}
