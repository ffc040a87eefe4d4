import * as prices from './prices.json';

/** An item of the price table. */
export type Item = keyof typeof prices.prices;

/** Hours of a month, as the AWS Pricing Calculator counts them. */
export const HOURS = { value: 730, unit: 'h' };

/** A number with its unit: `2 tasks`. */
export interface Quantity {
  readonly value: number;
  readonly unit?: string;
}

/** Some quantities multiplied by one price. */
export interface Term {
  readonly item: Item;
  readonly quantities: Quantity[];
}

/** A line of a cost table. A line without terms is free. */
export interface Line {
  /** The part of the system, a row of the short table. */
  readonly part: string;
  readonly what: string;
  readonly terms: Term[];
}

/** A column of the tables: one environment. */
export interface Column {
  /** The heading. Empty for a system with one environment. */
  readonly name: string;
  readonly lines: Line[];
}

/** The costs of an example. */
export interface Costs {
  readonly name: string;
  /**
   * The variants that have columns too. The templates of a variant have the names `<variant>/<stack>`.
   * @default - none
   */
  readonly variants?: string[];
  /** The columns, counted in the templates of each stack by its name. */
  readonly columns: (templates: Record<string, TemplateJson>) => Column[];
}

export interface TemplateJson {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Resources?: Record<string, { readonly Type: string; readonly Properties?: Record<string, any> }>;
}

export const term = (item: Item, ...quantities: Array<number | Quantity>): Term =>
  ({ item, quantities: quantities.map((quantity) => typeof quantity === 'number' ? { value: quantity } : quantity) });
export const times = (value: number, unit: string): Quantity => ({ value, unit });
export const line = (part: string, what: string, ...terms: Term[]): Line => ({ part, what, terms });

/** Counts the resources of some templates. */
export class Counter {
  constructor(private readonly templates: TemplateJson[]) {}

  /** The properties of each resource of a type. */
  public all(type: string) {
    return this.templates.flatMap(({ Resources = {} }) => Object.values(Resources))
      .filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
  }

  /** The number of resources of a type. Throws without one: the line would cost nothing. */
  public count(type: string): number {
    const { length } = this.all(type);
    if (length === 0) throw new Error(`No template has a resource of type ${type}`);
    return length;
  }

  /** The secrets of the templates, and the password that RDS creates for a database. */
  public get secrets(): number {
    const databases = [...this.all('AWS::RDS::DBInstance'), ...this.all('AWS::RDS::DBCluster')];
    return (
      this.count('AWS::SecretsManager::Secret') +
      databases.filter((database) => database.ManageMasterUserPassword).length
    );
  }

  /** The metrics that the alarms read. CloudWatch charges for each of them. */
  public get alarmMetrics(): number {
    const metrics = this.all('AWS::CloudWatch::Alarm').map(({ Metrics }) =>
      Metrics ? Metrics.filter((metric: { MetricStat?: object }) => metric.MetricStat).length : 1);
    return sum(metrics);
  }

  /**
   * The metrics of the alarms that are in no template: target tracking creates two alarms for each scaling policy, and
   * managed scaling of a capacity provider two for its group.
   * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
   */
  public get trackingMetrics(): number {
    const policies = this.all('AWS::ApplicationAutoScaling::ScalingPolicy')
      .flatMap(({ TargetTrackingScalingPolicyConfiguration: target }) => target ?? [])
      .map(({ CustomizedMetricSpecification: { Metrics = [{ MetricStat: {} }] } = {} }) =>
        Metrics.filter((metric: { MetricStat?: object }) => metric.MetricStat).length);
    const groups = this.all('AWS::ECS::CapacityProvider')
      .filter(({ AutoScalingGroupProvider: group }) => group?.ManagedScaling?.Status === 'ENABLED');
    return 2 * (sum(policies) + groups.length);
  }

  /** The custom metrics of external secrets: an age and a placeholder for each secret that a person enters. */
  public get externalSecretMetrics(): number {
    const isEntered = ({ SecretString }: { SecretString?: string }) => SecretString !== undefined;
    return 2 * this.all('AWS::SecretsManager::Secret').filter(isEntered).length;
  }

  /** The public addresses of NAT gateways and of load balancers. A load balancer has one in each of its subnets. */
  public get addresses(): number {
    const subnets = this.all('AWS::ElasticLoadBalancingV2::LoadBalancer').map(({ Subnets }) => Subnets.length);
    return this.count('AWS::EC2::EIP') + sum(subnets);
  }

  /** The rules of all web ACLs. */
  public get firewallRules(): number {
    return sum(this.all('AWS::WAFv2::WebACL').map(({ Rules }) => Rules.length));
  }

  /** The smallest number of tasks that run. */
  public get leastTasks(): number {
    const scaled = this.all('AWS::ApplicationAutoScaling::ScalableTarget').map(({ MinCapacity }) => MinCapacity);
    return sum([...scaled, ...this.all('AWS::ECS::Service').map(({ DesiredCount = 0 }) => DesiredCount)]);
  }

  /** The only resource of a type. */
  public only(type: string) {
    const [found, ...others] = this.all(type);
    if (found === undefined || others.length > 0) {
      throw new Error(`The templates have ${this.all(type).length} resources of type ${type}`);
    }
    return found;
  }

  /** The item of the hourly price of the only RDS instance: `mysql-t4g-medium-multi-az-hour`. */
  public get instanceHour(): Item {
    const { Engine, DBInstanceClass, MultiAZ } = this.only('AWS::RDS::DBInstance');
    return itemOf(
      `${Engine}-${DBInstanceClass.replace('db.', '').replace('.', '-')}${MultiAZ ? '-multi-az' : ''}-hour`,
    );
  }

  /** The size of a task. All task definitions of the templates have the same size. */
  public get taskSize(): { vcpu: number; gb: number } {
    const [size, ...others] = new Set(
      this.all('AWS::ECS::TaskDefinition').map(({ Cpu, Memory }) => `${Cpu} ${Memory}`),
    );
    if (size === undefined || others.length > 0) {
      throw new Error(`The tasks have these sizes: ${[size, ...others].join(', ')}`);
    }
    const [cpu, memory] = size.split(' ').map(Number);
    return { vcpu: cpu / 1024, gb: memory / 1024 };
  }
}

/** The item of this name. Throws if the price table lacks it, for example after a change of an instance class. */
export function itemOf(name: string): Item {
  if (!(name in prices.prices)) throw new Error(`prices.json has no item ${name}`);
  return name as Item;
}

const priceOf = (item: Item): number => prices.prices[item].usd;
const usdOf = ({ terms }: Line): number =>
  sum(terms.map(({ item, quantities }) => quantities.reduce((product, { value }) => product * value, priceOf(item))));
/** Cents, rounded as AWS rounds a bill: half a cent and more is a cent. */
export const centsOf = (line_: Line): number => Math.floor(usdOf(line_) * 100 + 0.5 + 1e-9);
export const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);
export const totalCents = (lines: Line[]): number => sum(lines.map(centsOf));

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 6 });
const usd = (cents: number) => (cents / 100).toFixed(2);

function arithmetic({ terms }: Line): string {
  if (terms.length === 0) return 'free';
  return terms.map(({ item, quantities }) => [
    ...quantities.map(({ value, unit }) => unit ? `${number(value)} ${unit}` : number(value)),
    priceOf(item) < 0.01 ? number(priceOf(item)) : priceOf(item).toFixed(Math.max(2, decimals(priceOf(item)))),
  ].join(' × ')).join(' + ');
}

const decimals = (value: number) => (String(value).split('.')[1] ?? '').length;

/** The table of the README, with one row for each part. */
export function shortTable(columns: Column[]): string {
  const parts = [...new Set(columns.flatMap(({ lines }) => lines.map(({ part }) => part)))];
  const header = ['Part', ...columns.map(({ name }) => name ? `${name}, USD` : 'USD')];
  const centsOfPart = (lines: Line[], part: string) => totalCents(lines.filter((each) => each.part === part));
  return table(header, ['---', ...columns.map(() => '---:')], [
    ...parts.map((part) => [part, ...columns.map(({ lines }) => usd(centsOfPart(lines, part)))]),
    ['**Total for a month**', ...columns.map(({ lines }) => `**${usd(totalCents(lines))}**`)],
  ]);
}

/** The table of OPERATIONS.md, with one row and its arithmetic for each line. */
export function longTable(columns: Column[]): string {
  const header = ['Item', ...columns.flatMap(({ name }) => [name || 'Quantity × price', 'USD'])];
  const [{ lines: first }] = columns;
  const rows = first.map(({ what }, index) => {
    const sameLine = columns.map(({ lines }) => lines[index]);
    if (sameLine.some((each) => each.what !== what)) throw new Error(`The columns differ in ${what}`);
    return [what, ...sameLine.flatMap((each) => [arithmetic(each), usd(centsOf(each))])];
  });
  return table(header, ['---', ...columns.flatMap(() => ['---', '---:'])], [
    ...rows, ['**Total for a month**', ...columns.flatMap(({ lines }) => ['', `**${usd(totalCents(lines))}**`])],
  ]);
}

const table = (...[header, alignment, rows]: [string[], string[], string[][]]) =>
  [header, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`.replace(/ {2}/g, ' ')).join('\n');

const MARKED = /(?<=<!-- costs -->\n)[^]*?(?=<!-- \/costs -->)/;

/** A document with this table between its markers. */
export function withTable(document: string, printed: string): string {
  if (!MARKED.test(document)) throw new Error('The document has no line <!-- costs --> before a line <!-- /costs -->');
  return document.replace(MARKED, () => `${printed}\n`);
}
