import { Template } from 'aws-cdk-lib/assertions';
import { Fact } from './facts';
import { ALARM, BUCKET_POLICY, KEY, ROLE, SECURITY_GROUP, SUBNET } from './types';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Properties = Record<string, any>;
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  DeletionPolicy?: string;
}
export interface Json {
  readonly Resources: Record<string, Resource>;
}
/** Selects resources of a type. */
export type Where = (properties: Properties, id: string) => boolean;
export type Change = (template: Json) => void;
/** A change of a template that must fail a row. */
export interface Mutation<System = Template> {
  readonly rows: Fact<System>[];
  readonly words: string;
  readonly what: string;
  readonly change: Change;
}

/** Selects the template of a mutation in the system, and replaces it with the changed template. */
export interface Place<System, M> {
  readonly template: (mutation: M) => Template;
  readonly system: (changed: Template, mutation: M) => System;
}

/** The text of each template, which many mutations change. */
const texts = new WeakMap<Template, string>();

function textOf(template: Template): string {
  const text = texts.get(template) ?? JSON.stringify(template.toJSON());
  texts.set(template, text);
  return text;
}

/** Tests that each change fails its row. A proof that always passes has no value. */
export function testMutations<System, M extends Mutation<System>>(
  mutations: Array<M & Mutation<System>>,
  place: Place<System, M>,
): void {
  testControl(mutations, place);
  test.each(mutations.map((mutation) => [`${mutation.words}: ${mutation.what}`, mutation] as const))(
    '%s',
    (_name, mutation) => {
      const rows = mutation.rows.filter((fact) => fact.words === mutation.words);
      expect(rows.length).toBe(1);
      const [row] = rows;
      const before = textOf(place.template(mutation));
      const changed = JSON.parse(before);
      mutation.change(changed);
      expect(JSON.stringify(changed) === before).toBe(false);
      // Skips the check for cycles, which ran at synthesis and would take a third of the time.
      const template = Template.fromJSON(changed, { skipCyclicalDependenciesCheck: true });
      expect(() => row.shown!(place.system(template, mutation))).toThrow();
    },
  );
}

/** Tests that a row fails because of the change and not because of the copy. */
function testControl<System, M extends Mutation<System>>(
  mutations: Array<M & Mutation<System>>,
  place: Place<System, M>,
): void {
  test('an unchanged copy fails no row', () => {
    const copies = new Map<Template, Template>();
    const checked = new Map<Template, Set<Fact<System>>>();
    for (const mutation of mutations) {
      const original = place.template(mutation);
      const copy = copies.get(original)
        ?? Template.fromJSON(JSON.parse(textOf(original)), { skipCyclicalDependenciesCheck: true });
      copies.set(original, copy);
      const row = mutation.rows.find((fact) => fact.words === mutation.words)!;
      const rows = checked.get(original) ?? new Set();
      checked.set(original, rows);
      if (rows.has(row)) continue;
      rows.add(row);
      expect(() => row.shown!(place.system(copy, mutation))).not.toThrow();
    }
  });
}

/** Tests that each statement that the templates show has a mutation. */
export function testCoverage<System>(facts: Fact<System>[], mutations: Mutation<System>[]): void {
  test('each statement that the templates show', () => {
    const mutated = new Set(mutations.flatMap(({ rows, words }) => rows.filter((fact) => fact.words === words)));
    const unmutated = facts.filter((fact) => fact.shown && !mutated.has(fact));
    expect(unmutated.map(({ section, words }) => `${section}: ${words}`)).toEqual([]);
  });
}

/** The resources that a change affects. Fails if there are none. */
export function matching(
  { Resources }: Json,
  resourceType: string,
  where: Where = () => true,
): Array<[string, Resource]> {
  const found = Object.entries(Resources).filter(
    ([id, { Type, Properties }]) => Type === resourceType && where(Properties, id),
  );
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Changes the properties of all or some resources of a type. */
export const edit =
  (resourceType: string, change: (properties: Properties, resource: Resource) => void, where?: Where): Change =>
    (template) => {
      for (const [, resource] of matching(template, resourceType, where)) change(resource.Properties, resource);
    };
/** Sets properties. */
export const set = (resourceType: string, properties: Properties, where?: Where) =>
  edit(resourceType, (given) => Object.assign(given, properties), where);
export const remove = (resourceType: string, where?: Where): Change => (template) => {
  for (const [id] of matching(template, resourceType, where)) delete template.Resources[id];
};
export const add = (Type: string, Properties: Properties): Change => ({ Resources }) => {
  Resources.Added = { Type, Properties };
};
/** Adds a copy of a resource. The ID of the copy has another word. */
export const copy = (resourceType: string, word: string, other: string): Change => (template) => {
  const [[id, resource]] = matching(template, resourceType, about(word));
  template.Resources[id.replace(word, other)] = JSON.parse(JSON.stringify(resource));
};
/** Adds a resource that refers to an existing one. */
export const addTo =
  (resourceType: string, where: Where, made: (id: string) => [string, Properties]): Change =>
    (template) => {
      const [[id]] = matching(template, resourceType, where);
      add(...made(id))(template);
    };

/** Selects resources by the beginning of their logical ID. */
export const named = (start: string): Where => (_properties, id) => id.startsWith(start);
/** Selects resources by a part of their logical ID. */
export const about = (part: string): Where => (_properties, id) => id.includes(part);
/** Selects subnets by their CIDR. */
export const at = (CidrBlock: string): Where => (properties) => properties.CidrBlock === CidrBlock;

/** Changes the statements of managed policies. */
export const statements = (change: (statements: Properties[]) => void, where: Where) =>
  edit('AWS::IAM::ManagedPolicy', ({ PolicyDocument }) => change(PolicyDocument.Statement), where);
/** Adds a permission to a role. */
export const grant = (role: string, Action: string, Resource: unknown): Change =>
  addTo(ROLE, named(role), (id) => [
    'AWS::IAM::ManagedPolicy',
    { Roles: [{ Ref: id }], PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] } },
  ]);
/** Opens a port of a security group to a range of addresses. */
export const open = (group: string, port: number, CidrIp: string): Change =>
  addTo(SECURITY_GROUP, named(group), (id) => [
    'AWS::EC2::SecurityGroupIngress',
    { GroupId: { 'Fn::GetAtt': [id, 'GroupId'] }, IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp },
  ]);
/** Adds a function to a subnet. */
export const inhabit = (CidrBlock: string): Change => addTo(SUBNET, at(CidrBlock), (id) =>
  ['AWS::Lambda::Function', { VpcConfig: { SubnetIds: [{ Ref: id }] } }]);

/** The metrics of an alarm: the inputs of its expression, or its own. */
const metricsOf = (alarm: Properties): Properties[] =>
  alarm.Metrics?.flatMap(({ MetricStat }: Properties) => MetricStat ?? []) ?? [alarm];
/** Changes the last metric of an alarm. A proof that reads only the first one overlooks it. */
const ofMetric = (change: (metric: Properties, identity: Properties) => void) => (alarm: Properties) => {
  const metric = metricsOf(alarm).at(-1)!;
  change(metric, metric.Metric ?? metric);
};

const WRONG_ALARMS: Array<[what: string, change: (alarm: Properties) => void]> = [
  ['another period', ofMetric((metric) => { metric.Period *= 2; })],
  ['another statistic', ofMetric((metric) => {
    const name = metric.Stat ? 'Stat' : 'Statistic';
    metric[name] = metric[name] === 'Maximum' ? 'Minimum' : 'Maximum';
    delete metric.ExtendedStatistic;
  })],
  ['another resource', ofMetric((_metric, identity) => { identity.Dimensions = [{ Name: 'Other', Value: 'other' }]; })],
  ['another metric', ofMetric((_metric, identity) => { identity.MetricName = 'Other'; })],
  ['another threshold', (alarm) => { alarm.Threshold = alarm.Threshold * 2 + 1; }],
  ['another comparison', (alarm) => { alarm.ComparisonOperator = 'LessThanOrEqualToThreshold'; }],
  ['more periods', (alarm) => { alarm.EvaluationPeriods += 1; }],
  ['other missing data', (alarm) => {
    alarm.TreatMissingData = alarm.TreatMissingData === 'missing' ? 'ignore' : 'missing';
  }],
  ['no actions', (alarm) => { alarm.AlarmActions = []; }],
  ['disabled actions', (alarm) => { alarm.ActionsEnabled = false; }],
];

/** Wrong forms of the alarms with these parts in their IDs, each of which a proof must not accept. */
export const wrongAlarms = (...parts: string[]): Array<[what: string, change: Change]> => parts.flatMap((part) => [
  [`${part}: no alarm`, remove(ALARM, about(part))] as [string, Change],
  ...WRONG_ALARMS.map(([what, change]): [string, Change] => [`${part}: ${what}`, edit(ALARM, change, about(part))]),
]);

/** The statements of a policy, by its type. */
const STATEMENTS: Record<string, (properties: Properties) => Properties[]> = {
  [KEY]: ({ KeyPolicy }) => KeyPolicy.Statement,
  [BUCKET_POLICY]: ({ PolicyDocument }) => PolicyDocument.Statement,
  'AWS::SQS::QueuePolicy': ({ PolicyDocument }) => PolicyDocument.Statement,
  'AWS::SecretsManager::ResourcePolicy': ({ ResourcePolicy }) => ResourcePolicy.Statement,
};
const WRONG_DENIALS: Array<[what: string, change: (denial: Properties, all: Properties[]) => void]> = [
  ['missing', (denial, all) => all.splice(all.indexOf(denial), 1)],
  ['for one principal', (denial) => { denial.Principal = { AWS: '111122223333' }; }],
  ['of another action', (denial) => { denial.Action = 'sts:GetCallerIdentity'; }],
  ['of another resource', (denial) => { denial.Resource = 'arn:aws:s3:::other'; }],
  ['under another condition', (denial) => { denial.Condition = { Bool: { 'aws:ViaAWSService': 'true' } }; }],
];

/** Wrong forms of each denial of policies, of which there are this number. */
export const wrongDenials = (of: string, where: Where, count: number): Array<[what: string, change: Change]> =>
  Array.from({ length: count }, (_, index) => WRONG_DENIALS.map(([what, change]): [string, Change] => [
    `denial ${index + 1} ${what}`,
    edit(of, (properties) => {
      const all = STATEMENTS[of](properties);
      change(all.filter(({ Effect }) => Effect === 'Deny')[index], all);
    }, where),
  ])).flat();

/** Creates mutations of rows of one part of a document. */
export const breaking =
  (rows: Fact[]) =>
    (words: string, what: string, change: Change): Mutation => ({ rows, words, what, change });
