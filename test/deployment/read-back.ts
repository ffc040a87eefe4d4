import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { GetKeyPolicyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetBucketPolicyCommand, GetPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { sdkOf, SdkSettings, servicesThatAreOn } from './account';
import { LiveResource, LocalEndpoint } from './endpoint';
import { listener, listenerRule } from './read-back-listeners';
import { differences, securityGroup, subnet, vpc } from './read-back-network';

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
 *
 * @param stackName the stack to read. Default: all stacks
 */
export async function readBack(
  endpoint: LocalEndpoint, stackName?: string,
): Promise<{ problems: string[]; read: Record<string, number> }> {
  const all = (await endpoint.resources())
    .filter(({ retained, stack }) => !retained && (stackName === undefined || stack === stackName));
  const problems: string[] = [];
  const read: Record<string, number> = {};
  for (const region of [...new Set(all.map((each) => each.region))]) {
    const settings = sdkOf(endpoint.url, region);
    for (const [type, check] of Object.entries(CHECKS)) {
      for (const resource of all.filter((each) => each.type === type && each.region === region)) {
        read[type] = (read[type] ?? 0) + 1;
        const found = await check(settings, resource, all)
          .catch((error: Error) => [`cannot be read: ${error.message}`]);
        problems.push(...found.map((problem) => `${resource.stack}/${resource.logicalId} (${type}): ${problem}`));
      }
    }
    problems.push(...await servicesOf(all.filter((each) => each.region === region), settings));
  }
  return { problems, read };
}

type Check = (settings: SdkSettings, resource: LiveResource, all: LiveResource[]) => Promise<string[]>;

const CHECKS: Record<string, Check> = {
  'AWS::EC2::VPC': vpc,
  'AWS::EC2::Subnet': subnet,
  'AWS::EC2::SecurityGroup': securityGroup,
  'AWS::ElasticLoadBalancingV2::Listener': listener,
  'AWS::ElasticLoadBalancingV2::ListenerRule': listenerRule,
  'AWS::KMS::Key': key,
  'AWS::S3::Bucket': bucket,
  'AWS::SecretsManager::Secret': secret,
  'AWS::SecretsManager::RotationSchedule': rotation,
  'AWS::CloudTrail::Trail': trail,
};

/** A key rotates. Its policy is that of the template, and allows nothing to everyone without a condition. */
async function key(settings: SdkSettings, { physicalId, properties }: LiveResource): Promise<string[]> {
  const kms = new KMSClient(settings);
  const isSymmetric = (properties.KeySpec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT';
  const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: physicalId }));
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: physicalId, PolicyName: 'default' }));
  return [
    ...(isSymmetric && !KeyRotationEnabled ? ['does not rotate'] : []),
    ...differences({ policy: properties.KeyPolicy }, { policy: JSON.parse(Policy!) }),
    ...(openStatements(Policy).length > 0 ? ['its policy allows everyone an action without a condition'] : []),
  ];
}

/** A bucket is not public, has the policy of the template, and refuses requests without TLS. */
async function bucket(settings: SdkSettings, { physicalId }: LiveResource, all: LiveResource[]): Promise<string[]> {
  const policy = all.find(({ type, properties: { Bucket } }) =>
    type === 'AWS::S3::BucketPolicy' && Bucket === physicalId)?.properties.PolicyDocument;
  const s3 = new S3Client(settings);
  const { PublicAccessBlockConfiguration = {} } = await s3.send(
    new GetPublicAccessBlockCommand({ Bucket: physicalId }));
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: physicalId }));
  const blocked = Object.values(PublicAccessBlockConfiguration).filter((on) => on === true).length;
  const refusesPlainHttp = statements(Policy).some(({ Effect, Condition }) =>
    Effect === 'Deny' && String(Condition?.Bool?.['aws:SecureTransport']) === 'false');
  return [
    ...differences({ policy }, { policy: JSON.parse(Policy!) }),
    ...(blocked < 4 ? [`blocks ${blocked} of 4 kinds of public access`] : []),
    ...(refusesPlainHttp ? [] : ['its policy accepts requests without TLS']),
    ...(openStatements(Policy).length > 0 ? ['its policy allows everyone an action without a condition'] : []),
  ];
}

/** A secret has the key of the template, and one current version. */
async function secret(settings: SdkSettings, { physicalId, properties }: LiveResource): Promise<string[]> {
  const command = new DescribeSecretCommand({ SecretId: physicalId });
  const { KmsKeyId, VersionIdsToStages = {} } = await new SecretsManagerClient(settings).send(command);
  return [
    ...(KmsKeyId ? [] : ['is not encrypted with a customer managed key']),
    ...differences(
      { KmsKeyId: properties.KmsKeyId, currentVersions: 1 },
      { KmsKeyId, currentVersions: currentVersions(VersionIdsToStages) },
    ),
  ];
}

/** A secret with a schedule rotates by the rules and with the function of the template. */
async function rotation(settings: SdkSettings, { properties }: LiveResource): Promise<string[]> {
  const command = new DescribeSecretCommand({ SecretId: String(properties.SecretId) });
  const found = await new SecretsManagerClient(settings).send(command);
  const { RotationLambdaARN, RotationRules } = properties;
  return [
    ...(found.KmsKeyId ? [] : ['is not encrypted with a customer managed key']),
    ...differences(
      { RotationEnabled: true, RotationLambdaARN, RotationRules, currentVersions: 1 },
      { ...found, currentVersions: currentVersions(found.VersionIdsToStages ?? {}) },
    ),
  ];
}

const currentVersions = (stages: Record<string, string[]>) =>
  Object.values(stages).filter((each) => each.includes('AWSCURRENT')).length;

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
