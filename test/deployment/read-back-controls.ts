import { AuthorizeSecurityGroupIngressCommand, DeleteRouteCommand, EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SdkSettings } from './account';
import {
  att, bucketFor, CUSTOM_RESOURCE, GROUP, keyFor, NETWORK, one, ref, ROUTE, SERVICE, Template,
} from './control-templates';

/** A stack that the endpoint accepts, and what reading it back must report. */
export interface ReadBackControl {
  readonly fault: string;
  readonly template: Template;
  /** A change after the deployment, which the template does not state. */
  readonly change?: (settings: SdkSettings, physicalIds: Record<string, string>) => Promise<unknown>;
  /** A part of each problem. */
  readonly says: string[];
}

const tier = (name: string) => [{ Key: 'aws-cdk:subnet-type', Value: name }];

/** A subnet with a route to the internet gateway. */
const routed = (tierName: string): Template => ({
  Resources: {
    ...NETWORK,
    SubnetA: { ...NETWORK.SubnetA, Properties: { ...NETWORK.SubnetA.Properties, Tags: tier(tierName) } },
    ...ROUTE,
    Association: {
      Type: 'AWS::EC2::SubnetRouteTableAssociation',
      Properties: { SubnetId: ref('SubnetA'), RouteTableId: ref('Table') },
    },
  },
});

/** A security group with one rule that is a resource. */
const group = (rule: object, own: object): Template => ({
  Resources: {
    Vpc: NETWORK.Vpc,
    Group: { ...GROUP, Properties: { ...GROUP.Properties, ...own } },
    Rule: {
      Type: 'AWS::EC2::SecurityGroupIngress',
      Properties: { GroupId: att('Group', 'GroupId'), IpProtocol: 'tcp', ...rule },
    },
  },
});
const NO_OUTBOUND = { SecurityGroupEgress: [{ CidrIp: '127.0.0.1/32', IpProtocol: '-1' }] };

const PUBLIC_STATEMENT = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' };

const ROTATING: Template = {
  Resources: {
    Key: keyFor(),
    Secret: {
      Type: 'AWS::SecretsManager::Secret', Properties: { KmsKeyId: att('Key', 'Arn'), SecretString: 'sample' },
    },
    Schedule: {
      Type: 'AWS::SecretsManager::RotationSchedule',
      Properties: { SecretId: ref('Secret'), RotationRules: { AutomaticallyAfterDays: 30 } },
    },
  },
};

const TRAIL: Template = {
  Resources: {
    ...bucketFor({ Service: 'cloudtrail.amazonaws.com' }),
    Trail: {
      Type: 'AWS::CloudTrail::Trail',
      Properties: { S3BucketName: ref('Bucket'), IsLogging: false },
      DependsOn: 'BucketPolicy',
    },
  },
};

export const READ_BACK_CONTROLS: ReadBackControl[] = [
  {
    fault: 'VPC whose default security group has rules',
    template: one('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    says: ['the default security group has', 'enableDnsHostnames is false'],
  },
  {
    fault: 'private subnet with a route to the internet gateway',
    template: routed('Private'),
    says: ['the tier is Private, and a route to the internet gateway exists', 'has no route to a NAT gateway'],
  },
  {
    fault: 'public subnet without its route',
    template: routed('Public'),
    change: (settings, { Table: RouteTableId }) => new EC2Client(settings).send(
      new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' })),
    says: ['routes is [] instead of ["0.0.0.0/0 igw-', 'a route to the internet gateway is missing'],
  },
  {
    fault: 'subnet that assigns public addresses',
    template: {
      Resources: {
        Vpc: NETWORK.Vpc,
        SubnetA: {
          ...NETWORK.SubnetA, Properties: { ...NETWORK.SubnetA.Properties, MapPublicIpOnLaunch: true },
        },
      },
    },
    says: ['MapPublicIpOnLaunch is true instead of false'],
  },
  {
    fault: 'security group with an open port, and with all outbound traffic',
    template: group({ FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }, {}),
    says: ['accepts ports 22 to 22 from everywhere', 'allows all outbound traffic'],
  },
  {
    fault: 'security group with a rule that the template does not have',
    template: group({ FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/16' }, NO_OUTBOUND),
    change: (settings, { Group: GroupId }) => new EC2Client(settings).send(new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '10.0.0.0/16' }] }],
    })),
    says: [
      'inbound is ["tcp 443-443 10.0.0.0/16","tcp 5432-5432 10.0.0.0/16"] instead of ["tcp 443-443 10.0.0.0/16"]',
    ],
  },
  {
    fault: 'load balancer that serves HTTP',
    template: SERVICE,
    says: ['serves HTTP: forward'],
  },
  {
    fault: 'key that does not rotate, and whose policy has changed',
    template: { Resources: { Key: keyFor() } },
    change: (settings, { Key: KeyId }) => new KMSClient(settings).send(new PutKeyPolicyCommand({
      KeyId,
      Policy: JSON.stringify({
        Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
      }),
    })),
    says: ['does not rotate', 'policy is {', 'its policy allows everyone an action without a condition'],
  },
  {
    fault: 'public bucket',
    template: {
      Resources: {
        Bucket: {
          Type: 'AWS::S3::Bucket', Properties: { PublicAccessBlockConfiguration: { BlockPublicAcls: true } },
        },
        Policy: {
          Type: 'AWS::S3::BucketPolicy',
          Properties: {
            Bucket: ref('Bucket'), PolicyDocument: { Version: '2012-10-17', Statement: [PUBLIC_STATEMENT] },
          },
        },
      },
    },
    says: [
      'blocks 1 of 4 kinds of public access', 'its policy accepts requests without TLS',
      'its policy allows everyone an action without a condition',
    ],
  },
  {
    fault: 'secret without a customer managed key',
    template: one('AWS::SecretsManager::Secret', { SecretString: 'sample' }),
    says: ['is not encrypted with a customer managed key'],
  },
  {
    fault: 'secret that rotates by other rules',
    template: ROTATING,
    change: (settings, { Secret: SecretId }) => new SecretsManagerClient(settings).send(
      new RotateSecretCommand({ SecretId, RotationRules: { AutomaticallyAfterDays: 365 }, RotateImmediately: false })),
    says: ['RotationRules is {"AutomaticallyAfterDays":365} instead of {"AutomaticallyAfterDays":30}'],
  },
  {
    fault: 'trail of one region that does not record',
    template: TRAIL,
    says: [
      'is recording: false', 'records all regions: false', 'validates its files: false', 'is encrypted with a key:',
    ],
  },
  {
    fault: 'detector that is off',
    template: {
      Resources: {
        ...CUSTOM_RESOURCE.Resources,
        Count: { ...CUSTOM_RESOURCE.Resources.Count, Type: 'Custom::GuardDutyFeature' },
      },
    },
    says: ['Custom::GuardDutyFeature: the detector is off'],
  },
];
