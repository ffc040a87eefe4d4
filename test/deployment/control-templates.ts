/**
 * Small templates that the endpoint accepts, and one fault in each that it refuses. They test the endpoint itself.
 */
export interface Control {
  readonly fault: string;
  readonly template: Template;
  /** Puts the fault into a copy of the template. */
  readonly spoil: (resources: Resources) => void;
  /** A part of the refusal. */
  readonly says: string;
}

export interface Template {
  readonly Resources: Resources;
}

interface TemplateResource {
  Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  Properties?: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  DependsOn?: any;
  DeletionPolicy?: 'Delete' | 'Retain' | 'Snapshot';
}

export type Resources = Record<string, TemplateResource>;

export const ref = (name: string) => ({ Ref: name });
export const att = (name: string, attribute: string) => ({ 'Fn::GetAtt': [name, attribute] });
export const one = (Type: string, Properties: object): Template => ({ Resources: { It: { Type, Properties } } });

/** A role that a principal assumes. */
export const roleFor = (Principal: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
    },
  },
});
export const roleOf = (Service: string) => roleFor({ Service });
export const policyOf = (role: string, action: string) => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: {
    Roles: [ref(role)],
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] },
  },
});
/** A function with the role `Role`. */
export const functionOf = (properties: object, code = 'exports.handler = 1') => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Role: att('Role', 'Arn'), Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile: code }, ...properties,
  },
});
/** A bucket that stays when its stack is deleted, and its policy, which allows a principal all actions. */
export const bucketFor = (principal: object): Resources => ({
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {}, DeletionPolicy: 'Retain' },
  BucketPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Bucket'),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Principal: principal }],
      },
    },
  },
});
/** A key that the account and principals use. */
export const keyOf = (...principals: object[]) => ({
  Type: 'AWS::KMS::Key',
  Properties: {
    KeyPolicy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: { 'Fn::Sub': ACCOUNT_ROOT } } },
        ...principals.map((Principal) => ({ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal })),
      ],
    },
  },
});
export const keyFor = (...services: string[]) => keyOf(...services.map((Service) => ({ Service })));
const ACCOUNT_ROOT = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root';
export const ABSENT_ROLE = { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/absent' };

/** A function that answers to CloudFormation with the number of queues, which it reads with the SDK. */
const COUNT_QUEUES = `
const { ListQueuesCommand, SQSClient } = require('@aws-sdk/client-sqs');
exports.handler = async (request) => {
  const { QueueUrls = [] } = await new SQSClient().send(new ListQueuesCommand({}));
  await fetch(request.ResponseURL, { method: 'PUT', body: JSON.stringify({
    Status: 'SUCCESS', StackId: request.StackId, RequestId: request.RequestId, PhysicalResourceId: 'count',
    LogicalResourceId: request.LogicalResourceId, Data: { Queues: String(QueueUrls.length) },
  }) });
};`;

export const CUSTOM_RESOURCE: Template = {
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Role: roleOf('lambda.amazonaws.com'),
    Policy: policyOf('Role', 'sqs:ListQueues'),
    Function: functionOf({}, COUNT_QUEUES),
    Count: {
      Type: 'Custom::Count', Properties: { ServiceToken: att('Function', 'Arn') }, DependsOn: ['Policy', 'Queue'],
    },
    Log: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: { 'Fn::Sub': 'queues-${Count.Queues}' }, RetentionInDays: 7 },
    },
  },
};

export const NETWORK: Resources = {
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  ...Object.fromEntries(['a', 'b'].map((zone, index) => [`Subnet${zone.toUpperCase()}`, {
    Type: 'AWS::EC2::Subnet',
    Properties: {
      VpcId: ref('Vpc'), CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: { 'Fn::Sub': `\${AWS::Region}${zone}` },
    },
  }])),
  Gateway: { Type: 'AWS::EC2::InternetGateway', Properties: {} },
  Attachment: {
    Type: 'AWS::EC2::VPCGatewayAttachment', Properties: { VpcId: ref('Vpc'), InternetGatewayId: ref('Gateway') },
  },
};
export const SUBNETS = [ref('SubnetA'), ref('SubnetB')];

/** A route table with a route to the internet gateway. */
export const ROUTE: Resources = {
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  Route: {
    Type: 'AWS::EC2::Route',
    Properties: { RouteTableId: ref('Table'), DestinationCidrBlock: '0.0.0.0/0', GatewayId: ref('Gateway') },
    DependsOn: 'Attachment',
  },
};

export const GROUP = {
  Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'group', VpcId: ref('Vpc') },
};

export const NAT_GATEWAY: Template = {
  Resources: {
    ...NETWORK,
    Address: { Type: 'AWS::EC2::EIP', Properties: { Domain: 'vpc' }, DependsOn: 'Attachment' },
    Nat: {
      Type: 'AWS::EC2::NatGateway',
      Properties: { SubnetId: ref('SubnetA'), AllocationId: att('Address', 'AllocationId') },
      DependsOn: 'Attachment',
    },
  },
};

export const SERVICE: Template = {
  Resources: {
    ...NETWORK,
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: SUBNETS }, DependsOn: 'Attachment',
    },
    Targets: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: { Port: 80, Protocol: 'HTTP', TargetType: 'ip', VpcId: ref('Vpc') },
    },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
      },
    },
    Cluster: { Type: 'AWS::ECS::Cluster', Properties: {} },
    Role: roleOf('ecs-tasks.amazonaws.com'),
    Policy: policyOf('Role', 'logs:PutLogEvents'),
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        Cpu: '256',
        Memory: '512',
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
        ExecutionRoleArn: att('Role', 'Arn'),
        ContainerDefinitions: [{ Name: 'web', Image: 'web', PortMappings: [{ ContainerPort: 80 }] }],
      },
    },
    Service: {
      Type: 'AWS::ECS::Service',
      Properties: {
        Cluster: ref('Cluster'),
        TaskDefinition: ref('Task'),
        DesiredCount: 1,
        LaunchType: 'FARGATE',
        LoadBalancers: [{ ContainerName: 'web', ContainerPort: 80, TargetGroupArn: ref('Targets') }],
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: SUBNETS } },
      },
      DependsOn: ['Listener', 'Policy'],
    },
  },
};

const DEAD_LETTERS: Template = {
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Role: roleOf('lambda.amazonaws.com'),
    Policy: policyOf('Role', 'sqs:SendMessage'),
    Function: { ...functionOf({ DeadLetterConfig: { TargetArn: att('Queue', 'Arn') } }), DependsOn: 'Policy' },
  },
};

const ENCRYPTED_LOG: Template = {
  Resources: {
    Key: keyFor('logs.us-east-1.amazonaws.com'),
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { KmsKeyId: att('Key', 'Arn'), RetentionInDays: 7 } },
  },
};

export const CONTROLS: Control[] = [
  {
    fault: 'wrong enum',
    template: one('AWS::Logs::LogGroup', { RetentionInDays: 7 }),
    spoil: ({ It }) => (It.Properties.RetentionInDays = 8),
    says: 'RetentionInDays',
  },
  {
    fault: 'value out of range',
    template: one('AWS::SQS::Queue', { VisibilityTimeout: 30 }),
    spoil: ({ It }) => (It.Properties.VisibilityTimeout = 50_000),
    says: 'VisibilityTimeout',
  },
  {
    fault: 'wrong type, which a reference resolves to',
    template: { Resources: { ...one('AWS::SQS::Queue', {}).Resources, Other: { Type: 'AWS::SQS::Queue' } } },
    spoil: ({ It }) => (It.Properties.VisibilityTimeout = att('Other', 'QueueName')),
    says: 'VisibilityTimeout',
  },
  {
    fault: 'object instead of a text',
    template: one('AWS::SNS::Topic', { DisplayName: 'topic' }),
    spoil: ({ It }) => (It.Properties.DisplayName = { text: 'topic' }),
    says: "#/DisplayName: {'text': 'topic'} is not of type 'string'",
  },
  {
    fault: 'list instead of a text',
    template: one('AWS::SNS::Topic', { DisplayName: 'topic' }),
    spoil: ({ It }) => (It.Properties.DisplayName = ['topic']),
    says: "#/DisplayName: ['topic'] is not of type 'string'",
  },
  {
    fault: 'text instead of a list',
    template: one('AWS::SNS::Topic', { Subscription: [] }),
    spoil: ({ It }) => (It.Properties.Subscription = 'sample@example.com'),
    says: "#/Subscription: 'sample@example.com' is not of type 'array'",
  },
  {
    fault: 'text instead of a number, where a text that contains a number is valid',
    template: one('AWS::SQS::Queue', { VisibilityTimeout: '30' }),
    spoil: ({ It }) => (It.Properties.VisibilityTimeout = '30 s'),
    says: "#/VisibilityTimeout: '30 s' is not of type 'integer'",
  },
  {
    fault: 'number instead of a boolean, where a text that contains a boolean is valid',
    template: one('AWS::SNS::Topic', { FifoTopic: 'false', DisplayName: 5 }),
    spoil: ({ It }) => (It.Properties.FifoTopic = 0),
    says: "#/FifoTopic: 0 is not of type 'boolean'",
  },
  {
    fault: 'missing required property',
    template: one('AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' }),
    spoil: ({ It }) => delete It.Properties.VpcId,
    says: 'VpcId',
  },
  {
    fault: 'text that does not match the pattern',
    template: { Resources: { It: roleOf('ec2.amazonaws.com') } },
    spoil: ({ It }) => (It.Properties.RoleName = 'a role!'),
    says: 'RoleName',
  },
  {
    fault: 'unknown property',
    template: one('AWS::SNS::Topic', {}),
    spoil: ({ It }) => (It.Properties.Encrypted = true),
    says: 'Encrypted',
  },
  {
    fault: 'unknown property whose name starts with an underscore',
    template: one('AWS::SNS::Topic', {}),
    spoil: ({ It }) => (It.Properties._Encrypted = true),
    says: '_Encrypted',
  },
  {
    fault: 'read-only property',
    template: one('AWS::SNS::Topic', {}),
    spoil: ({ It }) => (It.Properties.TopicArn = 'arn:aws:sns:us-east-1:111122223333:topic'),
    says: 'read-only',
  },
  {
    fault: 'unknown attribute',
    template: { Resources: { ...one('AWS::SNS::Topic', {}).Resources, Other: { Type: 'AWS::SQS::Queue' } } },
    spoil: ({ It }) => (It.Properties.DisplayName = att('Other', 'Color')),
    says: 'Color',
  },
  {
    fault: 'missing dependency: NAT gateway before the internet gateway',
    template: NAT_GATEWAY,
    spoil: ({ Nat, Address }) => {
      delete Nat.DependsOn;
      delete Address.DependsOn;
    },
    says: 'has no Internet gateway attached',
  },
  {
    fault: 'missing dependency: service before the listener of its target group',
    template: SERVICE,
    spoil: ({ Service }) => (Service.DependsOn = ['Policy']),
    says: 'does not have an associated load balancer',
  },
  {
    fault: 'missing dependency: tasks before the policy of their role',
    template: SERVICE,
    spoil: ({ Service }) => (Service.DependsOn = ['Listener']),
    says: 'would start before ExecutionRoleArn has the policies',
  },
  {
    fault: 'missing dependency: custom resource before the policy of its function',
    template: CUSTOM_RESOURCE,
    spoil: ({ Count }) => (Count.DependsOn = ['Queue']),
    says: 'would run before its role has the policies',
  },
  {
    fault: 'missing dependency: function before the policy of its role',
    template: DEAD_LETTERS,
    spoil: ({ Function: it }) => delete it.DependsOn,
    says: 'does not have permissions to call SendMessage on SQS',
  },
  {
    fault: 'missing permission: key that CloudWatch Logs may not use',
    template: ENCRYPTED_LOG,
    spoil: (resources) => (resources.Key = keyFor('sns.amazonaws.com')),
    says: 'is not allowed to be used with Arn',
  },
  {
    fault: 'missing permission: role without the action',
    template: DEAD_LETTERS,
    spoil: ({ Policy }) => (Policy.Properties.PolicyDocument.Statement[0].Action = 'sqs:ReceiveMessage'),
    says: 'does not have permissions to call SendMessage on SQS',
  },
  {
    fault: 'taken name',
    template: {
      Resources: {
        First: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'first' } },
        Second: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'second' } },
      },
    },
    spoil: ({ Second }) => (Second.Properties.LogGroupName = 'first'),
    says: 'first already exists',
  },
  ...['Ingress', 'Egress'].map((direction): Control => ({
    fault: `${direction} rule that a security group has`,
    template: {
      Resources: {
        Vpc: NETWORK.Vpc,
        Group: GROUP,
        ...Object.fromEntries([443, 444].map((port) => [`From${port}`, {
          Type: `AWS::EC2::SecurityGroup${direction}`,
          Properties: {
            GroupId: att('Group', 'GroupId'),
            IpProtocol: 'tcp',
            FromPort: port,
            ToPort: 444,
            CidrIp: '10.0.0.0/8',
            Description: `from ${port}`,
          },
        }])),
      },
    },
    spoil: ({ From443 }) => (From443.Properties.FromPort = 444),
    says: 'already exists',
  })),
  {
    fault: 'circular dependency',
    template: { Resources: { ...one('AWS::SNS::Topic', {}).Resources, Other: { Type: 'AWS::SQS::Queue' } } },
    spoil: ({ It, Other }) => {
      It.DependsOn = 'Other';
      Other.DependsOn = 'It';
    },
    says: 'ircular',
  },
  {
    fault: 'custom resource whose function has no handler',
    template: CUSTOM_RESOURCE,
    spoil: ({ Function: it }) => (it.Properties.Handler = 'index.nothing'),
    says: 'ustom resource',
  },
];

export const DATABASE = {
  DBInstanceClass: 'db.t4g.micro',
  Engine: 'postgres',
  AllocatedStorage: '20',
  MasterUsername: 'administrator',
  MasterUserPassword: 'not-a-real-password',
};

/** Changes of a deployed template, each with the words of the refusal. The same change with `accepted` succeeds. */
export interface ChangeControl {
  readonly fault: string;
  readonly before: Template;
  readonly after: Template;
  readonly accepted: { readonly before: Template; readonly after: Template };
  /** Whether the accepted change replaces the resource `It`. */
  readonly replaces: boolean;
  readonly says: string;
}

const targets = (Port: number, Name?: string): Template => ({
  Resources: {
    Vpc: NETWORK.Vpc,
    It: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: { VpcId: ref('Vpc'), Port, Protocol: 'HTTP', TargetType: 'ip', Name },
    },
  },
});

const onPath = (Path: string, RoleName?: string): Template => {
  const { Type, Properties } = roleOf('ec2.amazonaws.com');
  return one(Type, { ...Properties, Path, RoleName });
};

export const CHANGE_CONTROLS: ChangeControl[] = [
  {
    fault: 'create-only change of a resource with a fixed name',
    before: onPath('/a/', 'fixed'),
    after: onPath('/b/', 'fixed'),
    accepted: { before: onPath('/a/'), after: onPath('/b/') },
    replaces: true,
    says: 'fixed already exists',
  },
  {
    fault: 'create-only change of a resource with a fixed name that is not its identifier',
    before: targets(80, 'fixed'),
    after: targets(8080, 'fixed'),
    accepted: { before: targets(80), after: targets(8080) },
    replaces: true,
    says: 'fixed already exists',
  },
  {
    fault: 'update to an invalid property',
    before: one('AWS::SQS::Queue', { VisibilityTimeout: 30 }),
    after: one('AWS::SQS::Queue', { VisibilityTimeout: 50_000 }),
    accepted: {
      before: one('AWS::SQS::Queue', { VisibilityTimeout: 30 }),
      after: one('AWS::SQS::Queue', { VisibilityTimeout: 60 }),
    },
    replaces: false,
    says: 'VisibilityTimeout',
  },
  {
    fault: 'update that a rule of a service refuses',
    before: { Resources: { It: roleOf('ec2.amazonaws.com') } },
    after: { Resources: { It: roleFor({ AWS: ABSENT_ROLE }) } },
    accepted: {
      before: { Resources: { It: roleOf('ec2.amazonaws.com') } },
      after: { Resources: { It: roleOf('lambda.amazonaws.com') } },
    },
    replaces: false,
    says: 'MalformedPolicyDocument: Invalid principal in policy',
  },
];
