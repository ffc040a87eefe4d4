/**
 * Resources that use other resources in each way that deletion_rules.py knows. All references are those of a template,
 * so that the control also shows that the rules find them.
 */
import {
  att, DATABASE, functionOf, GROUP, NETWORK, policyOf, ref, Resources, roleOf, SERVICE, SUBNETS,
} from './control-templates';

const { Cluster, Targets, Task, Balancer, Listener, Service } = SERVICE.Resources;
const acl = (Scope: string) => ({
  Type: 'AWS::WAFv2::WebACL',
  Properties: {
    Scope,
    DefaultAction: { Allow: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'acl' },
  },
});
const GROUPS = [att('Group', 'GroupId')];
const ROLE = roleOf('ecs-tasks.amazonaws.com');
const POLICY = policyOf('Role', 'ec2:*');
const { Gateway, Attachment, ...VPC } = NETWORK;

/** The resources in use. */
export const IN_USE: Resources = {
  ...VPC,
  Gateway,
  Group: GROUP,
  Address: { Type: 'AWS::EC2::EIP', Properties: { Domain: 'vpc' } },
  Certificate: { Type: 'AWS::CertificateManager::Certificate', Properties: { DomainName: 'www.example.com' } },
  CachePolicy: {
    Type: 'AWS::CloudFront::CachePolicy',
    Properties: {
      CachePolicyConfig: {
        Name: 'cache',
        MinTTL: 0,
        DefaultTTL: 60,
        MaxTTL: 60,
        ParametersInCacheKeyAndForwardedToOrigin: {
          EnableAcceptEncodingGzip: true,
          HeadersConfig: { HeaderBehavior: 'none' },
          CookiesConfig: { CookieBehavior: 'none' },
          QueryStringsConfig: { QueryStringBehavior: 'none' },
        },
      },
    },
  },
  EdgeFunction: {
    Type: 'AWS::CloudFront::Function',
    Properties: {
      Name: 'edge',
      FunctionConfig: { Comment: 'edge', Runtime: 'cloudfront-js-2.0' },
      FunctionCode: 'function handler(event) { return event.request; }',
      AutoPublish: true,
    },
  },
  AccessControl: {
    Type: 'AWS::CloudFront::OriginAccessControl',
    Properties: {
      OriginAccessControlConfig: {
        Name: 'access', SigningProtocol: 'sigv4', SigningBehavior: 'always', OriginAccessControlOriginType: 's3',
      },
    },
  },
  HeadersPolicy: {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: { ResponseHeadersPolicyConfig: { Name: 'headers' } },
  },
  GlobalAcl: acl('CLOUDFRONT'),
  RegionalAcl: acl('REGIONAL'),
  Cluster,
  Targets,
  Task,
  Role: ROLE,
  ManagedPolicy: { ...POLICY, Properties: { PolicyDocument: POLICY.Properties.PolicyDocument } },
  ClusterParameters: {
    Type: 'AWS::RDS::DBClusterParameterGroup',
    Properties: { Description: 'parameters', Family: 'aurora-postgresql16', Parameters: { timezone: 'UTC' } },
  },
  Parameters: {
    Type: 'AWS::RDS::DBParameterGroup', Properties: { Description: 'parameters', Family: 'postgres16' },
  },
  SubnetGroup: {
    Type: 'AWS::RDS::DBSubnetGroup', Properties: { DBSubnetGroupDescription: 'subnets', SubnetIds: SUBNETS },
  },
  Options: {
    Type: 'AWS::RDS::OptionGroup',
    Properties: { EngineName: 'mysql', MajorEngineVersion: '8.0', OptionGroupDescription: 'options' },
  },
  DatabaseCluster: {
    Type: 'AWS::RDS::DBCluster',
    Properties: {
      Engine: 'aurora-postgresql',
      MasterUsername: 'administrator',
      MasterUserPassword: 'not-a-real-password',
      DBSubnetGroupName: ref('SubnetGroup'),
      DBClusterParameterGroupName: ref('ClusterParameters'),
      VpcSecurityGroupIds: GROUPS,
    },
  },
};

/** The resources that use them. */
export const USERS: Resources = {
  Attachment,
  Nat: {
    Type: 'AWS::EC2::NatGateway',
    Properties: { SubnetId: ref('SubnetA'), AllocationId: att('Address', 'AllocationId') },
    DependsOn: 'Attachment',
  },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  Endpoint: {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      VpcId: ref('Vpc'),
      VpcEndpointType: 'Interface',
      ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.logs' },
      SubnetIds: SUBNETS,
      SecurityGroupIds: GROUPS,
    },
  },
  Instance: {
    Type: 'AWS::EC2::Instance',
    Properties: { ImageId: 'ami-0123456789abcdef0', SubnetId: ref('SubnetA'), SecurityGroupIds: GROUPS },
  },
  LaunchTemplate: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: 'ami-0123456789abcdef0', InstanceType: 't4g.micro', SecurityGroupIds: GROUPS,
      },
    },
  },
  ScalingGroup: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: '0',
      MaxSize: '1',
      VPCZoneIdentifier: SUBNETS,
      LaunchTemplate: {
        LaunchTemplateId: ref('LaunchTemplate'), Version: att('LaunchTemplate', 'LatestVersionNumber'),
      },
    },
  },
  OtherGroup: {
    Type: GROUP.Type,
    Properties: {
      ...GROUP.Properties,
      SecurityGroupIngress: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, SourceSecurityGroupId: att('Group', 'GroupId') },
      ],
    },
  },
  ...Object.fromEntries([['Ingress', 'Source'], ['Egress', 'Destination']].map(([direction, peer]) => [direction, {
    Type: `AWS::EC2::SecurityGroup${direction}`,
    Properties: {
      GroupId: att('OtherGroup', 'GroupId'),
      IpProtocol: 'tcp',
      FromPort: 444,
      ToPort: 444,
      [`${peer}SecurityGroupId`]: att('Group', 'GroupId'),
    },
  }])),
  Function: {
    ...functionOf({ VpcConfig: { SubnetIds: SUBNETS, SecurityGroupIds: GROUPS } }), DependsOn: 'Policy',
  },
  Policy: POLICY,
  Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [ref('Role')] } },
  OtherRole: { ...ROLE, Properties: { ...ROLE.Properties, ManagedPolicyArns: [ref('ManagedPolicy')] } },
  Balancer: { ...Balancer, Properties: { Subnets: SUBNETS, SecurityGroups: GROUPS } },
  Listener: {
    ...Listener,
    Properties: {
      ...Listener.Properties, Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn: ref('Certificate') }],
    },
  },
  ListenerRule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: ref('Listener'),
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
    },
  },
  Service: {
    ...Service,
    Properties: {
      ...Service.Properties,
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: SUBNETS, SecurityGroups: GROUPS } },
    },
    DependsOn: ['Listener', 'Policy'],
  },
  AclAssociation: {
    Type: 'AWS::WAFv2::WebACLAssociation',
    Properties: { ResourceArn: ref('Balancer'), WebACLArn: att('RegionalAcl', 'Arn') },
  },
  Distribution: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Aliases: ['www.example.com'],
        WebACLId: att('GlobalAcl', 'Arn'),
        ViewerCertificate: {
          AcmCertificateArn: ref('Certificate'), SslSupportMethod: 'sni-only', MinimumProtocolVersion: 'TLSv1.2_2021',
        },
        DefaultCacheBehavior: {
          TargetOriginId: 'origin',
          ViewerProtocolPolicy: 'redirect-to-https',
          CachePolicyId: ref('CachePolicy'),
          ResponseHeadersPolicyId: ref('HeadersPolicy'),
          FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: att('EdgeFunction', 'FunctionARN') }],
        },
        Origins: [{
          Id: 'origin',
          DomainName: 'bucket.s3.amazonaws.com',
          OriginAccessControlId: att('AccessControl', 'Id'),
          S3OriginConfig: {},
        }],
      },
    },
  },
  ClusterInstance: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      Engine: 'aurora-postgresql', DBInstanceClass: 'db.t4g.medium', DBClusterIdentifier: ref('DatabaseCluster'),
    },
  },
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      ...DATABASE,
      VPCSecurityGroups: GROUPS,
      DBSubnetGroupName: ref('SubnetGroup'),
      DBParameterGroupName: ref('Parameters'),
      OptionGroupName: ref('Options'),
    },
  },
  Proxy: {
    Type: 'AWS::RDS::DBProxy',
    Properties: {
      DBProxyName: 'proxy',
      EngineFamily: 'POSTGRESQL',
      RoleArn: att('Role', 'Arn'),
      Auth: [{ AuthScheme: 'SECRETS', IAMAuth: 'REQUIRED' }],
      VpcSubnetIds: SUBNETS,
      VpcSecurityGroupIds: GROUPS,
    },
  },
};
