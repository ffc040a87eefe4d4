import { Rule } from '../rule';
import { at, list, referenced, TemplateResource } from '../template';
import { isTrue } from '../values';

const TRANSMISSION = '45 CFR 164.312(e)(1), transmission security';

/** The parameters that make a database refuse connections without TLS, by prefix of the engine name. */
const TLS_PARAMETERS: Array<[engine: string, parameter: string]> = [
  ['aurora-postgresql', 'rds.force_ssl'],
  ['postgres', 'rds.force_ssl'],
  ['aurora-mysql', 'require_secure_transport'],
  ['mysql', 'require_secure_transport'],
  ['mariadb', 'require_secure_transport'],
  ['sqlserver', 'rds.force_ssl'],
  // Version 1 of Aurora MySQL has no such parameter.
  ['aurora', 'require_secure_transport'],
];

/**
 * The security policies of load balancers that accept TLS 1.0 or 1.1.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const OUTDATED_TLS_POLICY
  = /^ELBSecurityPolicy-(2015-05|2016-08|TLS-1-0-.*|TLS-1-1-.*|FS-2018-06|FS-1-1-.*|TLS13-1-0-.*|TLS13-1-1-.*)$/;

const PARAMETER_GROUPS = [
  'AWS::DocDB::DBClusterParameterGroup', 'AWS::Neptune::DBClusterParameterGroup',
  'AWS::RDS::DBClusterParameterGroup', 'AWS::RDS::DBParameterGroup',
];
const GROUP_NAMES = ['DBParameterGroupName', 'DBClusterParameterGroupName', 'Name'];

/** Services with a switch for TLS: the type, the property and the reason for which a value accepts plaintext. */
const TLS_SWITCHES: Record<string, { readonly property: string[]; readonly isOff: (value: unknown) => boolean }> = {
  // TLS is optional for clients unless the proxy requires it.
  'AWS::RDS::DBProxy': { property: ['RequireTLS'], isOff: (value) => !isTrue(value) },
  'AWS::OpenSearchService::Domain': {
    property: ['DomainEndpointOptions', 'EnforceHTTPS'], isOff: (value) => !isTrue(value),
  },
  'AWS::Elasticsearch::Domain': {
    property: ['DomainEndpointOptions', 'EnforceHTTPS'], isOff: (value) => !isTrue(value),
  },
  // The default is TLS.
  'AWS::MSK::Cluster': {
    property: ['EncryptionInfo', 'EncryptionInTransit', 'ClientBroker'],
    isOff: (value) => /PLAINTEXT/.test(String(value)),
  },
};
/** Clusters that require TLS unless their parameter group has this value. */
const TLS_BY_DEFAULT: Record<string, { readonly parameter: string; readonly off: string }> = {
  'AWS::DocDB::DBCluster': { parameter: 'tls', off: 'disabled' },
  'AWS::Neptune::DBCluster': { parameter: 'neptune_enforce_ssl', off: '0' },
};

function endpointWithoutTls(resource: TemplateResource): string[] {
  const { type, properties } = resource;
  const { property, isOff } = TLS_SWITCHES[type] ?? {};
  if (property && isOff) return isOff(at(properties, ...property)) ? [property.join('.')] : [];
  const { parameter, off } = TLS_BY_DEFAULT[type];
  const group = parameterGroup(resource, at(properties, 'DBClusterParameterGroupName'));
  return String(at(group?.properties, 'Parameters', parameter)).toLowerCase() === off
    ? ['DBClusterParameterGroupName']
    : [];
}

function plainHttpBehaviors(resource: TemplateResource): string[] {
  const config = at(resource.properties, 'DistributionConfig');
  const behaviors: Array<[string, unknown]> = [
    ['DistributionConfig.DefaultCacheBehavior', at(config, 'DefaultCacheBehavior')],
    ...list(at(config, 'CacheBehaviors')).map<[string, unknown]>((behavior, index) =>
      [`DistributionConfig.CacheBehaviors.${index}`, behavior]),
  ];
  return behaviors.filter(([, behavior]) => at(behavior, 'ViewerProtocolPolicy') === 'allow-all')
    .map(([path]) => `${path}.ViewerProtocolPolicy`);
}

/**
 * The first version of an engine whose default parameter group requires TLS. The groups of the other engines do not.
 *
 * PostgreSQL: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 * MySQL: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html
 * MariaDB: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html
 */
const REQUIRED_FROM: Record<string, number[]> = { postgres: [15], mysql: [9, 7], mariadb: [11, 8] };

/** The property of a database that names its parameter group. */
const GROUP_PROPERTIES: Record<string, string> = {
  'AWS::RDS::DBCluster': 'DBClusterParameterGroupName',
  'AWS::RDS::DBInstance': 'DBParameterGroupName',
};

function databaseWithoutForcedTls(resource: TemplateResource): string[] {
  return tlsOf(resource) === 'optional' ? [GROUP_PROPERTIES[resource.type]] : [];
}

/** Whether a database requires TLS. Unknown: a parameter group of another template decides. */
export function tlsOf(resource: TemplateResource): 'optional' | 'required' | 'unknown' | undefined {
  const groupProperty = GROUP_PROPERTIES[resource.type];
  if (groupProperty === undefined) return undefined;
  const engine = String(at(resource.properties, 'Engine')).toLowerCase();
  const parameter = TLS_PARAMETERS.find(([name]) => engine.startsWith(name))?.[1];
  // The parameter group of a cluster applies to its instances.
  const isMember = resource.type === 'AWS::RDS::DBInstance'
    && at(resource.properties, 'DBClusterIdentifier') !== undefined;
  if (parameter === undefined || isMember) return undefined;
  const name = at(resource.properties, groupProperty);
  const defaultGroup = typeof name === 'string' && /^default[.:]/i.test(name) ? name : undefined;
  const group = parameterGroup(resource, name);
  // A parameter group of another template is not read.
  if (name !== undefined && defaultGroup === undefined && group === undefined) return 'unknown';
  const value = at(group?.properties, 'Parameters', parameter);
  const isRequired = value === undefined
    ? isRequiredByDefault(resource, engine, defaultGroup)
    : ['1', 'on', 'true'].includes(String(value).toLowerCase());
  return isRequired ? 'required' : 'optional';
}

/** The parameter group of the same template, by reference or by name. */
function parameterGroup(resource: TemplateResource, name: unknown): TemplateResource | undefined {
  return referenced(resource, name) ?? resource.siblings.ofTypes(...PARAMETER_GROUPS).find(({ properties }) =>
    typeof name === 'string' && GROUP_NAMES.some((property) => at(properties, property) === name));
}

/** The version is that of the engine, or that in the name of a default group (`default.postgres16`). */
function isRequiredByDefault(resource: TemplateResource, engine: string, group?: string): boolean {
  const first = REQUIRED_FROM[engine];
  const ofGroup = /^default[.:][a-z-]+([\d.]+)/i.exec(group ?? '')?.[1];
  const given = at(resource.properties, 'EngineVersion') ?? ofGroup;
  // Without a version, RDS chooses one that can be older.
  if (first === undefined || !/^\d/.test(String(given))) return false;
  const version = String(given).split('.').map(Number);
  return version[0] > first[0] || (version[0] === first[0] && (version[1] ?? 0) >= (first[1] ?? 0));
}

/** The rules about data in transit. */
export const transportRules: Rule[] = [
  {
    id: 'DistributionAllowsHttp',
    types: ['AWS::CloudFront::Distribution'],
    problem: 'A distribution accepts HTTP',
    fix: 'Set ViewerProtocolPolicy to redirect-to-https or https-only.',
    source: TRANSMISSION,
    violations: plainHttpBehaviors,
  },
  {
    id: 'ListenerAllowsOldTls',
    types: ['AWS::ElasticLoadBalancingV2::Listener'],
    problem: 'A listener accepts TLS 1.0 or 1.1, which is also the default without SslPolicy',
    fix: 'Set SslPolicy to a policy that requires at least TLS 1.2.',
    source: TRANSMISSION,
    violations: (resource) => {
      if (!['HTTPS', 'TLS'].includes(String(at(resource.properties, 'Protocol')))) return [];
      const policy = at(resource.properties, 'SslPolicy');
      return policy === undefined || (typeof policy === 'string' && OUTDATED_TLS_POLICY.test(policy))
        ? ['SslPolicy']
        : [];
    },
  },
  {
    id: 'DatabaseAcceptsPlaintext',
    types: ['AWS::RDS::DBInstance'],
    problem: 'A database accepts connections without TLS',
    fix: 'Require TLS in the parameter group: rds.force_ssl for PostgreSQL, require_secure_transport for MySQL and '
      + 'MariaDB.',
    source: TRANSMISSION,
    violations: databaseWithoutForcedTls,
  },
  {
    id: 'DatabaseClusterAcceptsPlaintext',
    types: ['AWS::RDS::DBCluster'],
    problem: 'A database cluster accepts connections without TLS',
    fix: 'Require TLS in the cluster parameter group: rds.force_ssl for PostgreSQL, require_secure_transport for '
      + 'MySQL.',
    source: TRANSMISSION,
    violations: databaseWithoutForcedTls,
  },
  {
    id: 'EndpointAcceptsPlaintext',
    types: [...Object.keys(TLS_SWITCHES), ...Object.keys(TLS_BY_DEFAULT)],
    problem: 'An endpoint with data accepts connections without TLS',
    fix: 'Require TLS: RequireTLS of a proxy, EnforceHTTPS of a search domain, ClientBroker of a Kafka cluster, or the '
      + 'parameter group of a DocumentDB or Neptune cluster.',
    source: TRANSMISSION,
    violations: endpointWithoutTls,
  },
];
