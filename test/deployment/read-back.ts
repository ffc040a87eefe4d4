import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import {
  DescribeRouteTablesCommand, DescribeSecurityGroupsCommand, DescribeSubnetsCommand, DescribeVpcAttributeCommand,
  EC2Client, IpPermission,
} from '@aws-sdk/client-ec2';
import { GetKeyPolicyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetBucketPolicyCommand, GetPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { sdkOf, SdkSettings, servicesThatAreOn } from './account';
import { LiveResource, LocalEndpoint } from './endpoint';
import { listener, listenerRule } from './read-back-listeners';

interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/**
 * Reads the deployed resources through the SDK, as an auditor does, and returns what differs from the documented facts.
 *
 * The endpoint checks the properties of the templates. This shows that the services received them, and what the custom
 * resources did.
 */
export async function readBack(endpoint: LocalEndpoint): Promise<{ problems: string[]; read: Record<string, number> }> {
  const all = (await endpoint.resources()).filter(({ retained }) => !retained);
  const problems: string[] = [];
  const read: Record<string, number> = {};
  for (const region of [...new Set(all.map((each) => each.region))]) {
    const settings = sdkOf(endpoint.url, region);
    for (const [type, check] of Object.entries(CHECKS)) {
      for (const resource of all.filter((each) => each.type === type && each.region === region)) {
        read[type] = (read[type] ?? 0) + 1;
        const found = await check(settings, resource).catch((error: Error) => [`cannot be read: ${error.message}`]);
        problems.push(...found.map((problem) => `${resource.stack}/${resource.logicalId} (${type}): ${problem}`));
      }
    }
    problems.push(...await servicesOf(all.filter((each) => each.region === region), settings));
  }
  return { problems, read };
}

const CHECKS: Record<string, (settings: SdkSettings, resource: LiveResource) => Promise<string[]>> = {
  'AWS::EC2::VPC': vpc,
  'AWS::EC2::SecurityGroup': securityGroup,
  'AWS::ElasticLoadBalancingV2::Listener': listener,
  'AWS::ElasticLoadBalancingV2::ListenerRule': listenerRule,
  'AWS::KMS::Key': key,
  'AWS::S3::Bucket': bucket,
  'AWS::SecretsManager::RotationSchedule': rotation,
  'AWS::CloudTrail::Trail': trail,
};

const isOpen = ({ IpRanges = [], Ipv6Ranges = [] }: IpPermission) =>
  [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)]
    .some((range) => range === '0.0.0.0/0' || range === '::/0');

/** A VPC resolves names, its default security group has no rule, and only subnets with a gateway route are public. */
async function vpc(settings: SdkSettings, { physicalId }: LiveResource): Promise<string[]> {
  const ec2 = new EC2Client(settings);
  const Filters = [{ Name: 'vpc-id', Values: [physicalId] }];
  const problems: string[] = [];
  for (const Attribute of ['enableDnsSupport', 'enableDnsHostnames'] as const) {
    const answer = await ec2.send(new DescribeVpcAttributeCommand({ VpcId: physicalId, Attribute }));
    const { Value } = (Attribute === 'enableDnsSupport' ? answer.EnableDnsSupport : answer.EnableDnsHostnames) ?? {};
    if (!Value) problems.push(`${Attribute} is ${Value}`);
  }
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const group = SecurityGroups.find(({ GroupName }) => GroupName === 'default');
  const rules = [...group?.IpPermissions ?? [], ...group?.IpPermissionsEgress ?? []];
  if (!group || rules.length > 0) problems.push(`the default security group has ${rules.length} rules`);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  for (const { SubnetId, MapPublicIpOnLaunch } of Subnets) {
    const table = RouteTables.find(({ Associations = [] }) => Associations.some((each) => each.SubnetId === SubnetId));
    if (!table) problems.push(`${SubnetId} uses the main route table`);
    const isPublic = table?.Routes?.some(({ GatewayId }) => GatewayId?.startsWith('igw-'));
    if (MapPublicIpOnLaunch && !isPublic) problems.push(`${SubnetId} assigns public addresses without a gateway route`);
  }
  return problems;
}

/** A security group accepts HTTP and HTTPS from the internet at most, and allows no outbound traffic on all ports. */
async function securityGroup(settings: SdkSettings, { physicalId }: LiveResource): Promise<string[]> {
  const command = new DescribeSecurityGroupsCommand({ GroupIds: [physicalId] });
  const { SecurityGroups: [group] = [] } = await new EC2Client(settings).send(command);
  if (!group) return ['does not exist'];
  const open = (group.IpPermissions ?? []).filter(isOpen);
  const everything = (group.IpPermissionsEgress ?? []).filter((rule) => isOpen(rule) && rule.IpProtocol === '-1');
  return [
    ...open.filter(({ FromPort, ToPort }) => FromPort !== ToPort || ![80, 443].includes(FromPort ?? 0))
      .map(({ FromPort, ToPort }) => `accepts ports ${FromPort} to ${ToPort} from everywhere`),
    ...(everything.length > 0 ? ['allows all outbound traffic'] : []),
  ];
}

/** A key rotates, and its policy allows nothing to everyone without a condition. */
async function key(settings: SdkSettings, { physicalId, properties }: LiveResource): Promise<string[]> {
  const kms = new KMSClient(settings);
  const isSymmetric = (properties.KeySpec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT';
  const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: physicalId }));
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: physicalId, PolicyName: 'default' }));
  return [
    ...(isSymmetric && !KeyRotationEnabled ? ['does not rotate'] : []),
    ...(openStatements(Policy).length > 0 ? ['its policy allows everyone an action without a condition'] : []),
  ];
}

/** A bucket is not public, and refuses requests without TLS. */
async function bucket(settings: SdkSettings, { physicalId }: LiveResource): Promise<string[]> {
  const s3 = new S3Client(settings);
  const { PublicAccessBlockConfiguration = {} } = await s3.send(
    new GetPublicAccessBlockCommand({ Bucket: physicalId }));
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: physicalId }));
  const blocked = Object.values(PublicAccessBlockConfiguration).filter((on) => on === true).length;
  const refusesPlainHttp = statements(Policy).some(({ Effect, Condition }) =>
    Effect === 'Deny' && String(Condition?.Bool?.['aws:SecureTransport']) === 'false');
  return [
    ...(blocked < 4 ? [`blocks ${blocked} of 4 kinds of public access`] : []),
    ...(refusesPlainHttp ? [] : ['its policy accepts requests without TLS']),
    ...(openStatements(Policy).length > 0 ? ['its policy allows everyone an action without a condition'] : []),
  ];
}

/** A secret with a schedule rotates through the function of the schedule. */
async function rotation(settings: SdkSettings, { properties }: LiveResource): Promise<string[]> {
  const command = new DescribeSecretCommand({ SecretId: String(properties.SecretId) });
  const { KmsKeyId, VersionIdsToStages = {} } = await new SecretsManagerClient(settings).send(command);
  const current = Object.values(VersionIdsToStages).filter((stages) => stages.includes('AWSCURRENT')).length;
  return [
    ...(KmsKeyId ? [] : ['is not encrypted with a key of the stack']),
    ...(current === 1 ? [] : [`has ${current} current versions`]),
  ];
}

/** A trail records all regions, and validates and encrypts its files. */
async function trail(settings: SdkSettings, { physicalId }: LiveResource): Promise<string[]> {
  const cloudTrail = new CloudTrailClient(settings);
  const { IsLogging } = await cloudTrail.send(new GetTrailStatusCommand({ Name: physicalId }));
  const { trailList: [found] = [] } = await cloudTrail.send(new DescribeTrailsCommand({ trailNameList: [physicalId] }));
  const facts = {
    'is recording': IsLogging,
    'records all regions': found?.IsMultiRegionTrail,
    'validates its files': found?.LogFileValidationEnabled,
    'is encrypted with a key': found?.KmsKeyId,
  };
  return Object.entries(facts).filter(([, value]) => !value).map(([fact, value]) => `${fact}: ${value}`);
}

/** The services that the guardrails of the stacks enable are on. */
async function servicesOf(resources: LiveResource[], settings: SdkSettings): Promise<string[]> {
  const services: Record<string, string> = {
    'Custom::GuardDutyFeature': 'detector',
    'Custom::ConfigRecorder': 'recorder',
    'Custom::SecurityHubStandard': 'hub',
  };
  const wanted = Object.entries(services).filter(([type]) => resources.some((each) => each.type === type));
  if (wanted.length === 0) return [];
  const on = await servicesThatAreOn(settings);
  const off = wanted.filter(([, service]) => !on.includes(service));
  return off.map(([type, service]) => `${type}: the ${service} is off`);
}

const statements = (policy = '{"Statement":[]}'): Statement[] => JSON.parse(policy).Statement;
const openStatements = (policy?: string) => statements(policy).filter(({ Effect, Principal, Condition }) => {
  const everyone = Principal === '*' || (Principal as { AWS?: unknown } | undefined)?.AWS === '*';
  return Effect === 'Allow' && everyone && !Condition;
});
