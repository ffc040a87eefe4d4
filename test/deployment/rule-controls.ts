import {
  ABSENT_ROLE, att, bucketFor, Control, DATABASE, functionOf, keyFor, keyOf, NETWORK, one, policyOf, ref, Resources,
  roleFor, roleOf, ROUTE, SUBNETS, Template,
} from './control-templates';

/** A function whose role has a policy, and further resources. */
const withFunction = (action: string, properties: object, others: Resources): Template => ({
  Resources: {
    Role: roleOf('lambda.amazonaws.com'),
    Policy: policyOf('Role', action),
    Function: functionOf(properties),
    ...others,
  },
});
const QUEUE = { Type: 'AWS::SQS::Queue', Properties: {} };

/** A load balancer that writes its access logs to a bucket. */
const LOGGING_BALANCER: Template = {
  Resources: {
    ...NETWORK,
    ...bucketFor({ Service: 'logdelivery.elasticloadbalancing.amazonaws.com' }),
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: {
        Subnets: SUBNETS,
        LoadBalancerAttributes: [
          { Key: 'access_logs.s3.enabled', Value: 'true' }, { Key: 'access_logs.s3.bucket', Value: ref('Bucket') },
        ],
      },
      DependsOn: ['Attachment', 'BucketPolicy'],
    },
  },
};

const ROTATING = withFunction('secretsmanager:*', {}, {
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'sample' } },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction', FunctionName: ref('Function'), Principal: 'secretsmanager.amazonaws.com',
    },
  },
  Schedule: {
    Type: 'AWS::SecretsManager::RotationSchedule',
    Properties: {
      SecretId: ref('Secret'),
      RotationLambdaARN: att('Function', 'Arn'),
      RotationRules: { AutomaticallyAfterDays: 30 },
    },
    DependsOn: ['Permission', 'Policy'],
  },
});

/** A trail that writes to a bucket with a key, and to a log group with a role. */
const TRAIL: Template = {
  Resources: {
    ...bucketFor({ Service: 'cloudtrail.amazonaws.com' }),
    Key: keyFor('cloudtrail.amazonaws.com'),
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
    Role: roleOf('cloudtrail.amazonaws.com'),
    Policy: policyOf('Role', 'logs:*'),
    Trail: {
      Type: 'AWS::CloudTrail::Trail',
      Properties: {
        S3BucketName: ref('Bucket'),
        KMSKeyId: att('Key', 'Arn'),
        CloudWatchLogsLogGroupArn: att('Log', 'Arn'),
        CloudWatchLogsRoleArn: att('Role', 'Arn'),
        IsLogging: true,
      },
      DependsOn: ['BucketPolicy', 'Policy'],
    },
  },
};

const LOGGING_ACL: Template = {
  Resources: {
    Acl: {
      Type: 'AWS::WAFv2::WebACL',
      Properties: {
        Scope: 'REGIONAL',
        DefaultAction: { Allow: {} },
        VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'acl' },
      },
    },
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'aws-waf-logs-acl', RetentionInDays: 7 } },
    Logging: {
      Type: 'AWS::WAFv2::LoggingConfiguration',
      Properties: { ResourceArn: att('Acl', 'Arn'), LogDestinationConfigs: [att('Log', 'Arn')] },
    },
  },
};

const LOGGING_DISTRIBUTION: Template = {
  Resources: {
    Bucket: {
      Type: 'AWS::S3::Bucket',
      Properties: { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] } },
      DeletionPolicy: 'Retain',
    },
    Distribution: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          Enabled: true,
          DefaultCacheBehavior: { TargetOriginId: 'origin', ViewerProtocolPolicy: 'redirect-to-https' },
          Origins: [{
            Id: 'origin', DomainName: 'example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
          }],
          Logging: { Bucket: att('Bucket', 'DomainName') },
        },
      },
    },
  },
};

/** The role `Role`, and resources with a policy that names the role. */
const naming = (of: (principal: object) => Resources): Template => ({
  Resources: { Role: roleOf('ec2.amazonaws.com'), ...of({ AWS: att('Role', 'Arn') }) },
});

const documentOf = (Resource: string) => ({
  Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }],
});

/** One control for each refusal of the creation rules that CONTROLS does not contain. */
export const RULE_CONTROLS: Control[] = [
  {
    fault: 'missing dependency: route before the attachment of the internet gateway',
    template: { Resources: { ...NETWORK, ...ROUTE } },
    spoil: ({ Route }) => delete Route.DependsOn,
    says: 'belong to different networks',
  },
  {
    fault: 'missing dependency: load balancer before the policy of its log bucket',
    template: LOGGING_BALANCER,
    spoil: ({ Balancer }) => (Balancer.DependsOn = 'Attachment'),
    says: 'Please check S3bucket permission',
  },
  {
    fault: 'missing dependency: function in a VPC before the policy of its role',
    template: withFunction('ec2:CreateNetworkInterface', {}, {
      ...NETWORK,
      Function: { ...functionOf({ VpcConfig: { SubnetIds: SUBNETS, SecurityGroupIds: [] } }), DependsOn: 'Policy' },
    }),
    spoil: ({ Function: it }) => delete it.DependsOn,
    says: 'does not have permissions to call CreateNetworkInterface on EC2',
  },
  {
    fault: 'missing dependency: destination of a function before the policy of its role',
    template: withFunction('sqs:SendMessage', {}, {
      Queue: QUEUE,
      Invocations: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: ref('Function'),
          Qualifier: '$LATEST',
          DestinationConfig: { OnFailure: { Destination: att('Queue', 'Arn') } },
        },
        DependsOn: 'Policy',
      },
    }),
    spoil: ({ Invocations }) => delete Invocations.DependsOn,
    says: 'does not have permissions to call SendMessage on the provided destination',
  },
  {
    fault: 'missing dependency: queue of a function before the policy of its role',
    template: withFunction('sqs:*', {}, {
      Queue: QUEUE,
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { FunctionName: ref('Function'), EventSourceArn: att('Queue', 'Arn') },
        DependsOn: 'Policy',
      },
    }),
    spoil: ({ Mapping }) => delete Mapping.DependsOn,
    says: 'does not have permissions to call ReceiveMessage on SQS',
  },
  {
    fault: 'missing dependency: rotation before the permission to invoke its function',
    template: ROTATING,
    spoil: ({ Schedule }) => (Schedule.DependsOn = 'Policy'),
    says: 'Secrets Manager cannot invoke the specified Lambda function',
  },
  {
    fault: 'missing dependency: rotation before the policy of the role of its function',
    template: ROTATING,
    spoil: ({ Schedule }) => (Schedule.DependsOn = 'Permission'),
    says: 'The rotation starts at once, before the role of its function has the policies',
  },
  {
    fault: 'missing dependency: trail before the policy of its bucket',
    template: TRAIL,
    spoil: ({ Trail }) => (Trail.DependsOn = 'Policy'),
    says: 'Incorrect S3 bucket policy is detected',
  },
  {
    fault: 'missing permission: key that CloudTrail may not use',
    template: TRAIL,
    spoil: (resources) => (resources.Key = keyFor('sns.amazonaws.com')),
    says: 'Insufficient permissions to access S3 bucket',
  },
  {
    fault: 'missing dependency: trail before the policy of the role that writes to its log group',
    template: TRAIL,
    spoil: ({ Trail }) => (Trail.DependsOn = 'BucketPolicy'),
    says: 'Access denied. Check the permissions for your role.',
  },
  {
    fault: 'log group of a web ACL without the prefix in its name',
    template: LOGGING_ACL,
    spoil: ({ Log }) => (Log.Properties.LogGroupName = 'acl'),
    says: 'The ARN is not valid',
  },
  {
    fault: 'distribution whose log bucket does not enable ACLs',
    template: LOGGING_DISTRIBUTION,
    spoil: ({ Bucket }) => delete Bucket.Properties.OwnershipControls,
    says: 'does not enable ACL access',
  },
  {
    fault: 'key policy that names a role that does not exist',
    template: naming((principal) => ({ Key: keyOf(principal) })),
    spoil: (resources) => (resources.Key = keyOf({ AWS: ABSENT_ROLE })),
    says: 'Policy contains an invalid principal',
  },
  {
    fault: 'bucket policy that names a role that does not exist',
    template: naming(bucketFor),
    spoil: (resources) => (resources.BucketPolicy = bucketFor({ AWS: ABSENT_ROLE }).BucketPolicy),
    says: 'MalformedPolicy: Invalid principal in policy',
  },
  {
    fault: 'trust policy that names a role that does not exist',
    template: naming((principal) => ({ It: roleFor(principal) })),
    spoil: (resources) => (resources.It = roleFor({ AWS: ABSENT_ROLE })),
    says: 'MalformedPolicyDocument: Invalid principal in policy',
  },
  {
    fault: 'role whose inline policies are too long',
    template: { Resources: { It: roleOf('ec2.amazonaws.com') } },
    spoil: ({ It }) => (
      It.Properties.Policies = [{ PolicyName: 'long', PolicyDocument: documentOf('a'.repeat(10_240)) }]),
    says: 'Maximum policy size of 10240 bytes exceeded for role',
  },
  {
    fault: 'managed policy that is too long',
    template: one('AWS::IAM::ManagedPolicy', { PolicyDocument: documentOf('*') }),
    spoil: ({ It }) => (It.Properties.PolicyDocument = documentOf('a'.repeat(6_144))),
    says: 'Cannot exceed quota for PolicySize: 6144',
  },
  {
    fault: 'missing dependency: database before the policy of its monitoring role',
    template: {
      Resources: {
        Role: roleOf('monitoring.rds.amazonaws.com'),
        Policy: policyOf('Role', 'logs:*'),
        It: {
          Type: 'AWS::RDS::DBInstance',
          Properties: { ...DATABASE, MonitoringInterval: 60, MonitoringRoleArn: att('Role', 'Arn') },
          DependsOn: 'Policy',
        },
      },
    },
    spoil: ({ It }) => delete It.DependsOn,
    says: 'does not include the required permissions for: ENHANCED_MONITORING, missing',
  },
  {
    fault: 'DB subnet group in one zone',
    template: {
      Resources: {
        ...NETWORK,
        It: {
          Type: 'AWS::RDS::DBSubnetGroup',
          Properties: { DBSubnetGroupDescription: 'one zone', SubnetIds: SUBNETS },
        },
      },
    },
    spoil: ({ SubnetA, SubnetB }) => (SubnetB.Properties.AvailabilityZone = SubnetA.Properties.AvailabilityZone),
    says: 'Availability Zone (AZ) coverage requirement',
  },
];
