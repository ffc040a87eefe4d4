import { actions, allowed, isWide, Resource, Resources } from './template';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = any;

/** A property of templates that shows that a resource meets an AWS Config rule, and a change that violates the rule. */
export interface Proof {
  /** The resource types that the rule evaluates. */
  readonly types: string[];
  /** Whether the rule evaluates a resource of these types. Default: all. */
  readonly judges?: (properties: Properties, id: string, template: Resources) => boolean;
  /**
   * Whether a resource violates the rule for a reason. Then the pack must exclude the rule, because AWS Config has no
   * exceptions.
   */
  readonly exempt?: (properties: Properties, id: string, template: Resources) => boolean;
  /** Whether a resource meets the rule. */
  readonly kept: (properties: Properties, id: string, template: Resources) => boolean;
  /** Changes a resource so that it violates the rule. */
  readonly spoil: (resource: Resource, id: string, template: Resources) => void;
}

/** The resources of a template that a proof evaluates. */
export function judged(proof: Proof, template: Resources): string[] {
  return asConfigJudges(proof, template).filter(
    (id) => !(proof.exempt?.(template.byId[id].Properties ?? {}, id, template) ?? false),
  );
}

/** The resources of a template that violate the rule of a proof. */
export function broken(proof: Proof, template: Resources): string[] {
  return judged(proof, template).filter((id) => !keeps(proof, id, template));
}

/** The resources that AWS Config reports, including those that violate the rule for a reason. */
export function foundByConfig(proof: Proof, template: Resources): string[] {
  return asConfigJudges(proof, template).filter((id) => !keeps(proof, id, template));
}

function asConfigJudges({ types, judges }: Proof, template: Resources): string[] {
  return template
    .of(...types)
    .filter(([id, { Properties = {} }]) => judges?.(Properties, id, template) ?? true)
    .map(([id]) => id);
}

function keeps(proof: Proof, id: string, template: Resources): boolean {
  return proof.kept(template.byId[id].Properties ?? {}, id, template);
}

/** A property that must have a value. */
function property(
  types: string[],
  name: string,
  kept: (value: Properties) => boolean,
  bad: unknown,
  judges?: Proof['judges'],
): Proof {
  return {
    types,
    judges,
    kept: (properties) => kept(properties[name]),
    spoil: (resource) => {
      resource.Properties = { ...resource.Properties, [name]: bad };
    },
  };
}

/** A resource that another resource must refer to. */
function coveredBy(
  type: string,
  by: string,
  place: (properties: Properties) => unknown,
  judges?: Proof['judges'],
): Proof {
  return {
    types: [type],
    judges,
    kept: (_, id, template) => template.isCovered(id, by, place),
    spoil: (_resource, id, template) => {
      for (const [other, { Properties }] of template.of(by)) {
        if (template.mentions(place(Properties), id)) delete template.byId[other];
      }
    },
  };
}

const is = (wanted: unknown) => (value: unknown) => value === wanted;
const some = (value: unknown) => value !== undefined && value !== '';

// --- network
const INGRESS = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'];
const ANYWHERE = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp' };
const rulesOf = (properties: Properties): Properties[] =>
  properties.SecurityGroupIngress ?? (properties.IpProtocol ? [properties] : []);
const isOpen = (rule: Properties) => /^(0\.0\.0\.0\/0|::\/0)$/.test(rule.CidrIp ?? rule.CidrIpv6 ?? '');

const isFor = (rule: Properties, port: number) =>
  rule.IpProtocol === '-1' || (rule.FromPort <= port && rule.ToPort >= port);

/** No access from the internet to these ports. */
function closedPorts(ports: number[]): Proof {
  return {
    types: INGRESS,
    kept: (properties) =>
      rulesOf(properties).every((rule) => !isOpen(rule) || !ports.some((port) => isFor(rule, port))),
    spoil: (resource) => {
      resource.Properties = { SecurityGroupIngress: [{ ...ANYWHERE, FromPort: ports[0], ToPort: ports[0] }] };
    },
  };
}

export const SSH_CLOSED = closedPorts([22]);
export const COMMON_PORTS_CLOSED = closedPorts([20, 21, 3389, 3306, 4333]);
/** Only the ports of a website are open to the internet. */
export const ONLY_WEB_PORTS: Proof = {
  types: INGRESS,
  kept: (properties) =>
    rulesOf(properties).every(
      (rule) => !isOpen(rule) || (rule.FromPort === rule.ToPort && [80, 443].includes(rule.FromPort)),
    ),
  spoil: (resource) => {
    resource.Properties = { SecurityGroupIngress: [{ ...ANYWHERE, FromPort: 8080, ToPort: 8080 }] };
  },
};
export const NO_PUBLIC_IPS_IN_SUBNETS = property(['AWS::EC2::Subnet'], 'MapPublicIpOnLaunch', is(false), true);
export const DEFAULT_GROUP_CLOSED = coveredBy(
  'AWS::EC2::VPC',
  'Custom::VpcRestrictDefaultSG',
  (it) => it.DefaultSecurityGroupId,
);
export const FLOW_LOGS = coveredBy('AWS::EC2::VPC', 'AWS::EC2::FlowLog', (it) => it.ResourceId);
/** Only the subnets of load balancers and NAT gateways have a route to an internet gateway. */
export const ONLY_PUBLIC_SUBNETS_ROUTED: Proof = {
  types: ['AWS::EC2::Route'],
  judges: (properties) => properties.GatewayId !== undefined,
  kept: (properties) => /PublicSubnet/.test(JSON.stringify(properties.RouteTableId)),
  spoil: (resource) => {
    resource.Properties = { ...resource.Properties, RouteTableId: { Ref: 'PrivateRouteTable' } };
  },
};

// --- machines
const INSTANCE = ['AWS::EC2::Instance'];
export const IMDS_V2 = property(INSTANCE, 'MetadataOptions', (value) => value?.HttpTokens === 'required', {
  HttpTokens: 'optional',
});
export const HAS_PROFILE = property(INSTANCE, 'IamInstanceProfile', some, undefined);
export const DISKS_ENCRYPTED = property(
  INSTANCE,
  'BlockDeviceMappings',
  (value) => value?.length > 0 && value.every(({ Ebs }: Properties) => Ebs?.Encrypted === true),
  [],
);
export const NO_PUBLIC_IP = property(
  INSTANCE,
  'NetworkInterfaces',
  (value) => value?.length > 0 && value.every((each: Properties) => each.AssociatePublicIpAddress === false),
  [{ AssociatePublicIpAddress: true }],
);
export const IN_A_VPC: Proof = {
  types: INSTANCE,
  kept: (properties) => some(properties.SubnetId ?? properties.NetworkInterfaces?.[0]?.SubnetId),
  spoil: (resource) => {
    resource.Properties = { ...resource.Properties, SubnetId: undefined, NetworkInterfaces: undefined };
  },
};
export const PATCHED = coveredBy(
  'AWS::EC2::Instance',
  'AWS::SSM::Association',
  (it) => it.Name === 'AWS-RunPatchBaseline' && it.Targets,
);

// --- containers
export const READ_ONLY_CONTAINERS: Proof = {
  types: ['AWS::ECS::TaskDefinition'],
  kept: (properties) =>
    properties.ContainerDefinitions.every((each: Properties) => each.ReadonlyRootFilesystem === true),
  spoil: (resource) => {
    resource.Properties.ContainerDefinitions[0].ReadonlyRootFilesystem = false;
  },
};
export const NO_HOST_NETWORK = property(['AWS::ECS::TaskDefinition'], 'NetworkMode', is('awsvpc'), 'host');

// --- load balancers
const LISTENER = ['AWS::ElasticLoadBalancingV2::Listener'];
const redirects = (properties: Properties) =>
  properties.DefaultActions?.every(
    ({ Type, RedirectConfig }: Properties) => Type === 'redirect' && RedirectConfig.Protocol === 'HTTPS',
  );
const attribute = (name: string): Proof => ({
  types: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
  kept: (properties) =>
    properties.LoadBalancerAttributes.some(({ Key, Value }: Properties) => Key === name && Value === 'true'),
  spoil: ({ Properties: properties }) => {
    properties.LoadBalancerAttributes = properties.LoadBalancerAttributes.filter(({ Key }: Properties) => Key !== name);
  },
});
export const HTTP_REDIRECTS: Proof = {
  types: LISTENER,
  judges: (properties) => properties.Protocol === 'HTTP',
  kept: redirects,
  spoil: (resource) => { resource.Properties.DefaultActions = [{ Type: 'forward' }]; },
};
export const HAS_CERTIFICATE: Proof = {
  types: LISTENER,
  judges: (properties) => !redirects(properties),
  kept: (properties) => properties.Certificates?.length > 0,
  spoil: (resource) => { resource.Properties.Certificates = []; },
};
export const PROTECTED_LOAD_BALANCER = attribute('deletion_protection.enabled');
export const LOGGED_LOAD_BALANCER = attribute('access_logs.s3.enabled');
export const BEHIND_FIREWALL = coveredBy(
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::WAFv2::WebACLAssociation',
  (it) => it.ResourceArn,
);
export const FIREWALL_LOGGED = coveredBy(
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::LoggingConfiguration',
  (it) => it.ResourceArn,
);
export const RENEWED_CERTIFICATE = property(
  ['AWS::CertificateManager::Certificate'],
  'ValidationMethod',
  is('DNS'),
  'EMAIL',
);

// --- databases
const DATABASE = ['AWS::RDS::DBInstance'];
const CLUSTER = ['AWS::RDS::DBCluster'];
const alone = (properties: Properties) => !properties.DBClusterIdentifier;
const selected = (properties: Properties) => properties.BackupSelection.Resources;
export const BACKED_UP = property([...DATABASE, ...CLUSTER], 'BackupRetentionPeriod', (days) => days >= 7, 0, alone);
export const INSTANCE_IN_PLAN = coveredBy('AWS::RDS::DBInstance', 'AWS::Backup::BackupSelection', selected, alone);
export const CLUSTER_IN_PLAN = coveredBy('AWS::RDS::DBCluster', 'AWS::Backup::BackupSelection', selected);
export const MINOR_VERSIONS = property(DATABASE, 'AutoMinorVersionUpgrade', is(true), false);
export const PROTECTED_CLUSTER = property(CLUSTER, 'DeletionProtection', is(true), false);
export const ENHANCED_MONITORING = property(DATABASE, 'MonitoringInterval', (seconds) => seconds > 0, 0);
export const PRIVATE_DATABASE = property(DATABASE, 'PubliclyAccessible', is(false), true);
export const STANDBY = property(DATABASE, 'MultiAZ', is(true), false, alone);
export const ENCRYPTED_STORAGE = property([...DATABASE, ...CLUSTER], 'StorageEncrypted', is(true), false, alone);
/** Every log except the general log of MySQL. */
export const EXPORTED_LOGS = property(
  [...DATABASE, ...CLUSTER],
  'EnableCloudwatchLogsExports',
  (logs) => logs?.includes('postgresql') || ['audit', 'error', 'slowquery'].every((log) => logs?.includes(log)),
  ['error'],
  alone,
);
export const READER_IN_ANOTHER_ZONE: Proof = {
  types: CLUSTER,
  kept: (_, id, template) =>
    new Set(instancesOf(id, template).map(([, { Properties }]) => JSON.stringify(Properties.AvailabilityZone))).size >
    1,
  spoil: (_resource, id, template) =>
    instancesOf(id, template)
      .slice(1)
      .forEach(([instance]) => delete template.byId[instance]),
};

function instancesOf(cluster: string, template: Resources): Array<[string, Resource]> {
  return template
    .of('AWS::RDS::DBInstance')
    .filter(([, { Properties }]) => template.mentions(Properties.DBClusterIdentifier, cluster));
}

// --- backups
export const PLAN_KEEPS_LONG: Proof = {
  types: ['AWS::Backup::BackupPlan'],
  kept: (properties) => properties.BackupPlan.BackupPlanRule.every((rule: Properties) =>
    /^cron\(\d+ \d+ \* \* \? \*\)$/.test(rule.ScheduleExpression) && rule.Lifecycle.DeleteAfterDays >= 35),
  spoil: (resource) => { resource.Properties.BackupPlan.BackupPlanRule[0].Lifecycle.DeleteAfterDays = 34; },
};
export const ENCRYPTED_VAULT = property(['AWS::Backup::BackupVault'], 'EncryptionKeyArn', some, undefined);
export const DENIED_BACKUP_DELETION = property(
  ['AWS::Backup::BackupVault'],
  'AccessPolicy',
  (policy) =>
    policy?.Statement?.some(
      (each: Properties) =>
        each.Effect === 'Deny' && each.Condition === undefined && actions(each).includes('backup:DeleteRecoveryPoint'),
    ),
  undefined,
);

// --- buckets
const BUCKET = ['AWS::S3::Bucket'];
/** Whether load balancers, distributions or buckets deliver their access logs to the bucket. */
const holdsAccessLogs: NonNullable<Proof['judges']> = (_, id, template) =>
  template.isCovered(id, 'AWS::ElasticLoadBalancingV2::LoadBalancer', (it) => it.LoadBalancerAttributes)
  || template.isCovered(id, 'AWS::CloudFront::Distribution', (it) => it.DistributionConfig.Logging)
  || template.isCovered(id, 'AWS::S3::Bucket', (it) => it.LoggingConfiguration);
const isLogBucket: NonNullable<Proof['judges']> = (properties, id, template) =>
  holdsAccessLogs(properties, id, template) ||
  template.isCovered(id, 'AWS::CloudTrail::Trail', (it) => it.S3BucketName) ||
  template.isCovered(id, 'Custom::ConfigRecorder', (it) => it.BucketName);
const except = (exempt: Proof['exempt'], proof: Proof): Proof => ({ ...proof, exempt });
const blocked = (...names: string[]) =>
  property(BUCKET, 'PublicAccessBlockConfiguration', (value) => names.every((name) => value?.[name] === true), {});
const encryption = (value: Properties) =>
  value?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault?.SSEAlgorithm;
export const NO_ACLS = except(
  (_, id, template) => template.isCovered(id, 'AWS::CloudFront::Distribution', (it) => it.DistributionConfig.Logging),
  property(
    BUCKET,
    'OwnershipControls',
    (value) => value?.Rules?.[0]?.ObjectOwnership === 'BucketOwnerEnforced',
    undefined,
  ),
);
/** S3 does not write server access logs to a bucket with Object Lock. */
export const OBJECT_LOCK = except(
  (_, id, template) => template.isCovered(id, 'AWS::S3::Bucket', (it) => it?.LoggingConfiguration),
  property(BUCKET, 'ObjectLockEnabled', is(true), false),
);
export const LOGGED_BUCKET = except(isLogBucket, property(BUCKET, 'LoggingConfiguration', some, undefined));
export const NOT_READ_BY_ALL = blocked('BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets');
export const NOT_WRITTEN_BY_ALL = blocked('BlockPublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets');
export const ENCRYPTED_BUCKET = property(BUCKET, 'BucketEncryption', (value) => some(encryption(value)), undefined);
export const BUCKET_WITH_KMS_KEY = except(
  holdsAccessLogs,
  property(BUCKET, 'BucketEncryption', (value) => encryption(value) === 'aws:kms', undefined),
);
export const VERSIONED = property(BUCKET, 'VersioningConfiguration', (value) => value?.Status === 'Enabled', undefined);
export const SENDS_EVENTS = property(
  BUCKET,
  'NotificationConfiguration',
  (value) => value?.EventBridgeConfiguration !== undefined,
  undefined,
);
export const EXPIRES_VERSIONS = property(
  BUCKET,
  'LifecycleConfiguration',
  (value) => value?.Rules?.some((rule: Properties) => rule.Status === 'Enabled' && rule.NoncurrentVersionExpiration),
  undefined,
);
export const TLS_ONLY = coveredBy(
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  (it) =>
    it.PolicyDocument.Statement.some(
      (each: Properties) => each.Effect === 'Deny' && each.Condition?.Bool?.['aws:SecureTransport'] === 'false',
    ) && it.Bucket,
);

// --- keys, secrets, topics, functions
export const RETAINED_KEY: Proof = {
  types: ['AWS::KMS::Key'],
  kept: (_, id, template) => ['Retain', 'RetainExceptOnCreate'].includes(template.byId[id].DeletionPolicy ?? ''),
  spoil: (resource) => { resource.DeletionPolicy = 'Delete'; },
};
export const SECRET_WITH_KMS_KEY = property(['AWS::SecretsManager::Secret'], 'KmsKeyId', some, undefined);
/** Generated secrets. A person enters the value of an external secret, so it does not rotate. */
export const ROTATED_SECRET = except((_, id) => /External|ProxyLogin/.test(id),
  coveredBy('AWS::SecretsManager::Secret', 'AWS::SecretsManager::RotationSchedule', (it) => it.SecretId));
export const TOPIC_WITH_KMS_KEY = property(['AWS::SNS::Topic'], 'KmsMasterKeyId', some, undefined);
export const NO_PUBLIC_FUNCTION: Proof = {
  types: ['AWS::Lambda::Permission'],
  kept: (properties) => properties.Principal !== '*' && some(properties.SourceArn ?? properties.SourceAccount),
  spoil: (resource) => { resource.Properties = { ...resource.Properties, Principal: '*' }; },
};
/** An alarm has an action and defines how to treat missing data. */
export const ALARM_ACTS: Proof = {
  types: ['AWS::CloudWatch::Alarm'],
  kept: (properties) => properties.AlarmActions?.length > 0 && some(properties.TreatMissingData),
  spoil: (resource) => { resource.Properties.AlarmActions = []; },
};

// --- permissions
const POLICIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'];
const statements = (types: string[], kept: (action: string, resource: unknown) => boolean, bad: object): Proof => ({
  types,
  kept: (properties) =>
    allowed(properties.PolicyDocument).every((each) => actions(each).every((action) => kept(action, each.Resource))),
  spoil: (resource) => {
    resource.Properties = { PolicyDocument: { Statement: [{ Effect: 'Allow', ...bad }] } };
  },
});
const isBlocked = (action: string) => /^(\*|kms:\*|kms:Decrypt|kms:ReEncrypt.*)$/.test(action);
export const NO_WIDE_DECRYPTION = statements(POLICIES, (action, resource) => !isBlocked(action) || !isWide(resource), {
  Action: 'kms:Decrypt',
  Resource: '*',
});
export const NO_ADMINISTRATOR = statements(POLICIES, (action, resource) => action !== '*' || !isWide(resource), {
  Action: '*',
  Resource: '*',
});
export const NO_FULL_ACCESS = statements(POLICIES, (action) => !/^(\*|\w+:\*)$/.test(action), {
  Action: 's3:*',
  Resource: 'arn:aws:s3:::phi',
});
/** The role of the function with which the CDK empties disposable buckets. */
const isOfCdk = (id: string) => /CustomResourceProviderRole/.test(id);
const inline = (kept: (policies: Properties[]) => boolean): Proof => ({
  types: ['AWS::IAM::Role'],
  kept: (properties) => kept(properties.Policies ?? []),
  spoil: (resource) => {
    resource.Properties = {
      ...resource.Properties,
      Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }] } }],
    };
  },
});
export const NO_INLINE_POLICY = except((_, id) => isOfCdk(id), inline((policies) => policies.length === 0));
export const NO_INLINE_DECRYPTION = inline((policies) => policies.every(({ PolicyDocument }) =>
  allowed(PolicyDocument).every((each) => !actions(each).some(isBlocked) || !isWide(each.Resource))));

// --- the account
const TRAIL = ['AWS::CloudTrail::Trail'];
export const TRAIL_LOGS = property(TRAIL, 'IsLogging', is(true), false);
export const TRAIL_EVERYWHERE = property(TRAIL, 'IsMultiRegionTrail', is(true), false);
export const TRAIL_IN_LOG_GROUP = property(TRAIL, 'CloudWatchLogsLogGroupArn', some, undefined);
export const TRAIL_WITH_KMS_KEY = property(TRAIL, 'KMSKeyId', some, undefined);
export const TRAIL_VALIDATED = property(TRAIL, 'EnableLogFileValidation', is(true), false);
export const TRAIL_OF_EVERY_BUCKET = property(
  TRAIL,
  'EventSelectors',
  (value) =>
    value?.some(
      (each: Properties) =>
        each.ReadWriteType === 'All' &&
        each.DataResources?.some(
          ({ Type, Values }: Properties) =>
            Type === 'AWS::S3::Object' && /:s3"?\]*\}?\]?$/.test(JSON.stringify(Values)),
        ),
    ),
  [],
);
/** A custom resource of the guardrails that enables a switch. */
export const switchedOn = (type: string, name: string, value: string): Proof =>
  property([type], 'Mode', is('create'), 'none', (properties) => properties[name] === value);
/** The password policy meets the default parameters of the AWS pack. */
export const PASSWORDS: Proof = {
  types: ['Custom::AccountSetting'],
  judges: (properties) => properties.Setting === 'PASSWORD_POLICY',
  kept: (properties) =>
    Number(properties.MinimumLength) >= 14 &&
    Number(properties.MaxAgeDays) <= 90 &&
    Number(properties.ReusePrevention) >= 24,
  spoil: (resource) => {
    resource.Properties = { ...resource.Properties, MinimumLength: '8' };
  },
};
/** A parameter of the pack has a value that is known only at deployment, such as the ID of a VPC. */
export const packGets = (parameter: string): Proof => ({
  types: ['AWS::Config::ConformancePack'],
  judges: (properties) => typeof properties.TemplateBody !== 'string',
  kept: (properties) => {
    const parts: unknown[] = properties.TemplateBody['Fn::Join'][1];
    return parts.some(
      (part, index) => String(part).endsWith(`${parameter}: "`) && typeof parts[index + 1] === 'object',
    );
  },
  spoil: (resource) => { resource.Properties.TemplateBody = { 'Fn::Join': ['', ['Resources:\n', { Ref: 'Vpc' }]] }; },
});
