import { Match, Template } from 'aws-cdk-lib/assertions';

/** One rule of a security group. */
export interface Opening {
  /** The CIDR, or the logical ID of the other security group. */
  readonly peer: string;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

/** One statement of a policy of a role. */
export interface Granted {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Keeps a bucket private, whatever its policy allows. */
export const CLOSED_TO_THE_PUBLIC = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** Expects the same values in any order. */
export function expectSame(actual: unknown[], expected: unknown[]): void {
  const ordered = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
  expect(ordered(actual)).toEqual(ordered(expected));
}

/** References to a resource and to one of its attributes. */
export const ref = (id: string) => ({ Ref: id });
export const attribute = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });

/** The resources by type that the proofs have read. No template changes. */
const read = new WeakMap<Template, Map<string, ReturnType<Template['findResources']>>>();

/** The resources of a type, by logical ID. */
export function resourcesOf(template: Template, type: string) {
  const byType = read.get(template) ?? new Map<string, ReturnType<Template['findResources']>>();
  read.set(template, byType);
  const found = byType.get(type) ?? template.findResources(type);
  byType.set(type, found);
  return found;
}

/** The logical ID of the only resource of a type with these properties. Fails for none and for several. */
export function only(template: Template, type: string, properties?: object): string {
  const ids = Object.keys(properties
    ? template.findResources(type, { Properties: properties }) : resourcesOf(template, type));
  expect(ids).toEqual([expect.any(String)]);
  return ids[0];
}

/** The properties of a resource. */
export function propertiesOf(template: Template, type: string, id: string) {
  const found = resourcesOf(template, type)[id];
  expect(found).toBeDefined();
  return found.Properties;
}

/** The properties of the only resource of a type. */
export const theOne = (type: string) => (template: Template) => propertiesOf(template, type, only(template, type));

/** All resources of a type. Fails for none. */
export function all(template: Template, type: string) {
  const found = Object.values(resourcesOf(template, type));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** The ARNs of the customer managed keys of the template that rotate. */
export function rotatingKeys(template: Template) {
  const keys = template.findResources('AWS::KMS::Key', {
    Properties: { EnableKeyRotation: true, Enabled: Match.absent() },
  });
  return Object.keys(keys).map((id) => attribute(id, 'Arn'));
}

/** CIDRs that mean "no traffic". EC2 allows all outbound traffic for a group without rules. */
const NOWHERE = ['127.0.0.1/32', '255.255.255.255/32'];

/** One TCP port. */
export const tcp = (peer: string, port: number): Opening => ({ peer, protocol: 'tcp', from: port, to: port });

/** The only security group of a resource. */
export function theGroup(groups: Array<{ 'Fn::GetAtt': string[] }>): string {
  expect(groups).toHaveLength(1);
  return groups[0]['Fn::GetAtt'][0];
}

/** The peer of a rule: addresses, another security group, or other properties. */
function peerOf({
  CidrIp,
  CidrIpv6,
  SourceSecurityGroupId,
  DestinationSecurityGroupId,
  ...others
}: Record<string, string | { 'Fn::GetAtt'?: string[] }>): string {
  const group = (SourceSecurityGroupId ?? DestinationSecurityGroupId) as { 'Fn::GetAtt'?: string[] } | undefined;
  return (
    [CidrIp, CidrIpv6, group?.['Fn::GetAtt']?.[0]].filter((peer) => peer !== undefined).join() || JSON.stringify(others)
  );
}

/** The rules of a security group in one direction, inline or as resources. */
export function openings(template: Template, direction: 'Ingress' | 'Egress', group: string): Opening[] {
  const { [`SecurityGroup${direction}`]: inline = [] } = propertiesOf(template, 'AWS::EC2::SecurityGroup', group);
  if (direction === 'Egress') expect(inline.length).toBeGreaterThan(0);
  const apart = Object.values(
    template.findResources(`AWS::EC2::SecurityGroup${direction}`, {
      Properties: { GroupId: attribute(group, 'GroupId') },
    }),
  );
  return [...inline, ...apart.map((rule) => rule.Properties)].map((rule) => ({
    peer: peerOf(rule),
    protocol: rule.IpProtocol,
    from: rule.FromPort,
    to: rule.ToPort,
  })).filter((opening) => !NOWHERE.includes(opening.peer));
}

/** Each request to a bucket or its objects, as the resources of a statement. */
const wholeBucket = (id: string) =>
  [attribute(id, 'Arn'), { 'Fn::Join': ['', [attribute(id, 'Arn'), '/*']] }];
/** Stores with resource policies, the property that names the store in its policy, and what the policy denies. */
const POLICIES: Array<[type: string, policy: string, names: string, denied: (id: string) => object]> = [
  ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket', (id) => ({
    Action: 's3:*', Principal: { AWS: '*' }, Resource: wholeBucket(id),
  })],
  ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues', (id) => ({
    Action: 'sqs:*', Principal: { AWS: '*' }, Resource: attribute(id, 'Arn'),
  })],
  ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics', (id) => ({
    Action: 'sns:Publish', Principal: '*', Resource: ref(id),
  })],
];

/** No bucket, queue or topic accepts a request without TLS. */
export function storesTakeTlsAlone(template: Template) {
  for (const [type, policy, names, denied] of POLICIES) {
    const policies = Object.values(resourcesOf(template, policy)).map(({ Properties }) => Properties);
    for (const id of Object.keys(resourcesOf(template, type))) {
      const statements = policies
        .filter((each) => JSON.stringify(each[names]).includes(`{"Ref":"${id}"}`))
        .flatMap((each) => each.PolicyDocument.Statement);
      const found = statements.filter(({ Condition }) => Condition?.Bool?.['aws:SecureTransport'] === 'false')
        .map(({ Sid: _sid, ...statement }) => statement);
      expect(found)
        .toEqual([{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } }, ...denied(id) }]);
    }
  }
}

/** The target of the default route of a subnet. */
export function wayOut(template: Template, subnet: string): 'internet gateway' | 'NAT gateway' | 'none' {
  const association = only(template, 'AWS::EC2::SubnetRouteTableAssociation', { SubnetId: ref(subnet) });
  const { RouteTableId } = propertiesOf(template, 'AWS::EC2::SubnetRouteTableAssociation', association);
  const [route] = Object.values(
    template.findResources('AWS::EC2::Route', { Properties: { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' } }),
  );
  if (route === undefined) return 'none';
  if (route.Properties.NatGatewayId) {
    propertiesOf(template, 'AWS::EC2::NatGateway', route.Properties.NatGatewayId.Ref);
    return 'NAT gateway';
  }
  expect(route.Properties.GatewayId).toEqual(ref(only(template, 'AWS::EC2::InternetGateway')));
  return 'internet gateway';
}

/** The statements of the policies of all roles, or of one role. */
export function granted(template: Template, role?: string): Granted[] {
  const policies = [
    ...Object.values(resourcesOf(template, 'AWS::IAM::ManagedPolicy')),
    ...Object.values(resourcesOf(template, 'AWS::IAM::Policy')),
  ];
  const apart = policies
    .filter((policy) => role === undefined || JSON.stringify(policy.Properties.Roles ?? []).includes(`"Ref":"${role}"`))
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  const inline = Object.entries(resourcesOf(template, 'AWS::IAM::Role'))
    .filter(([id]) => role === undefined || id === role)
    .flatMap(([, { Properties }]) => Properties.Policies ?? [])
    .flatMap((policy) => policy.PolicyDocument.Statement);
  return [...apart, ...inline];
}

/** The statements that allow an action. */
export function allowing(statements: Granted[], action: string): Granted[] {
  return statements.filter((statement) => statement.Effect === 'Allow' && [statement.Action].flat().includes(action));
}

/** The routes of the route table of a subnet. */
export function routesOf(template: Template, subnet: string): object[] {
  const association = only(template, 'AWS::EC2::SubnetRouteTableAssociation', { SubnetId: ref(subnet) });
  const { RouteTableId } = propertiesOf(template, 'AWS::EC2::SubnetRouteTableAssociation', association);
  return Object.values(template.findResources('AWS::EC2::Route', { Properties: { RouteTableId } }))
    .map(({ Properties: { RouteTableId: _, ...route } }) => route);
}

/** The types of all resources that refer to a resource, sorted, without security group rules and routes. */
export function inhabitants(template: Template, id: string): string[] {
  const resources: Array<{ Type: string; Properties?: object }> = Object.values(template.toJSON().Resources);
  const refers = [`{"Ref":"${id}"}`, `{"Fn::GetAtt":["${id}",`];
  return resources
    .filter(({ Type }) => !/^AWS::EC2::(Route|SubnetRouteTableAssociation|SecurityGroup(In|E)gress)$/.test(Type))
    .filter(({ Properties }) => refers.some((reference) => JSON.stringify(Properties ?? {}).includes(reference)))
    .map(({ Type }) => Type)
    .sort();
}

/** A value as one text, with `${…}` for a value that is known only at deployment. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  return join ? join[1].map(text).join(join[0]) : `\${${JSON.stringify(value).replace(/"/g, '\'')}}`;
}

/** A permission of a role. */
export interface Right {
  /** The logical ID of the role. */
  readonly role: string;
  readonly resource: unknown;
}

/** Whether a statement allows an action. Supports wildcards; a statement with NotAction allows every action. */
export function allows({ Effect, Action }: Granted, action: string): boolean {
  const matches = (pattern: string) =>
    new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(action);
  return Effect === 'Allow' && [Action ?? '*'].flat().some(matches);
}

/** Each role that has permission for an action, once for each resource. */
export function whoMay(template: Template, action: string): Right[] {
  return Object.keys(resourcesOf(template, 'AWS::IAM::Role')).flatMap((role) => granted(template, role)
    .filter((statement) => allows(statement, action))
    .flatMap(({ Resource }) => [Resource].flat().map((resource) => ({ role, resource }))));
}

/** An alarm on one metric, from either of its two forms in a template. */
export interface WatchedMetric {
  readonly namespace: unknown;
  readonly metric: string;
  readonly statistic: string;
  readonly seconds: number;
  readonly dimensions: Record<string, unknown>;
  readonly comparison: string;
  readonly threshold: number;
  readonly periods: number;
  readonly missing: string;
  readonly actions: unknown;
}

/** The alarms that read exactly one metric, also one whose missing data has a value. */
export function alarms(template: Template): WatchedMetric[] {
  return all(template, 'AWS::CloudWatch::Alarm').flatMap(({ Properties: alarm }) => {
    const flat = { Metric: alarm, Period: alarm.Period, Stat: alarm.Statistic ?? alarm.ExtendedStatistic };
    const queries: Array<Record<string, typeof flat & string>> = alarm.Metrics ?? [{ MetricStat: flat }];
    const [single, ...more] = queries.filter(({ Expression }) => !/^FILL\(\w+, \d+\)$/.test(Expression));
    if (more.length > 0 || !single.MetricStat) return [];
    const { Metric, Period, Stat } = single.MetricStat;
    return [
      {
        namespace: Metric.Namespace,
        metric: Metric.MetricName,
        statistic: Stat,
        seconds: Period,
        dimensions: Object.fromEntries(
          (Metric.Dimensions ?? []).map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
        ),
        comparison: alarm.ComparisonOperator,
        threshold: alarm.Threshold,
        periods: alarm.EvaluationPeriods,
        missing: alarm.TreatMissingData,
        actions: alarm.ActionsEnabled === false ? [] : alarm.AlarmActions,
      },
    ];
  });
}
