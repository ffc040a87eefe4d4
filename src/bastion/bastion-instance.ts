import { Fn, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { BastionImage, ResolvedImage } from './bastion-image';
import { bastionStart } from './bastion-start';
import {
  requireInstanceType, requireShortStart, validatePackages, validateRotationMarker,
} from './bastion-validation';
import { acknowledge } from '../core/acknowledge';

/** Two vCPUs and 1 GiB of memory, enough for patches and database clients. */
const DEFAULT_INSTANCE_TYPE = 't4g.micro';
/** The root device of Amazon Linux. */
const ROOT_DEVICE = '/dev/xvda';

/** The props of a bastion that its instance reads. */
export interface BastionInstanceProps {
  readonly vpc: ec2.IVpc;
  readonly instanceType?: ec2.InstanceType;
  readonly image?: BastionImage;
  readonly rotationMarker?: string;
  readonly packages?: string[];
}

/** The resources of an instance, and what only one kind of bastion has. */
export interface BastionInstanceOptions {
  readonly role: iam.Role;
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly encryptionKey: kms.IKey;
  /** The key pair that the instance accepts. */
  readonly keyPair?: ec2.IKeyPair;
  /** Packages in addition to those of the props. */
  readonly additionalPackages?: string[];
  /** Commands that run before the packages are installed. */
  readonly commandsAtStart?: string[];
  /** Commands that run after the user of the sessions is added. */
  readonly commandsAfterUser?: string[];
}

/** Creates the instance of a bastion: an encrypted disk, IMDSv2 and no public IP address of its own. */
export function bastionInstance(
  scope: Construct, id: string, props: BastionInstanceProps, options: BastionInstanceOptions,
): ec2.Instance {
  const instanceType = props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
  requireInstanceType(scope, instanceType);
  const image = (props.image ?? BastionImage.amazonLinux2023())._bind(scope, instanceType);
  const userData = bastionStart({
    packages: [...options.additionalPackages ?? [], ...validatePackages(scope, props.packages)],
    rotationMarker: validateRotationMarker(scope, props.rotationMarker),
    atStart: options.commandsAtStart,
    afterUser: options.commandsAfterUser,
  });
  requireShortStart(scope, userData.render());
  const instance = new ec2.Instance(scope, id, {
    vpc: props.vpc,
    vpcSubnets: { subnets: [options.subnet] },
    securityGroup: options.securityGroup,
    associatePublicIpAddress: false,
    instanceType,
    machineImage: {
      getImage: () => ({ imageId: image.imageId ?? '', osType: ec2.OperatingSystemType.LINUX, userData }),
    },
    userDataCausesReplacement: true,
    role: options.role,
    ssmSessionPermissions: false,
    httpTokens: ec2.HttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    httpEndpoint: true,
    instanceMetadataTags: false,
    detailedMonitoring: true,
    ebsOptimized: true,
    disableApiTermination: false,
    propagateTagsToVolumeOnCreation: true,
  });
  overrideInstance(instance.instance, image, options);
  acknowledgeInstance(scope, instance.instance, image, instanceType);
  // The instance needs the route to the internet and the policy of its role when it starts.
  instance.node.addDependency(options.role, options.subnet.internetConnectivityEstablished);
  return instance;
}

/**
 * Sets instance properties that ec2.Instance does not support.
 *
 * A disk with the size of the image, an image from a launch template, and a subnet from a list that is known only at
 * deployment.
 */
function overrideInstance(instance: ec2.CfnInstance, image: ResolvedImage, options: BastionInstanceOptions): void {
  const { encryptionKey, subnet: { subnetId }, keyPair } = options;
  const { imageId, launchTemplate } = image;
  const volumeType = ec2.EbsDeviceVolumeType.GP3;
  instance.blockDeviceMappings = [{
    deviceName: ROOT_DEVICE,
    ebs: { encrypted: true, kmsKeyId: encryptionKey.keyArn, volumeType, deleteOnTermination: true },
  }];
  instance.imageId = imageId;
  if (launchTemplate) {
    const { ref: launchTemplateId, attrLatestVersionNumber: version } = launchTemplate;
    instance.launchTemplate = { launchTemplateId, version };
  }
  instance.keyName = keyPair?.keyPairName;
  // The subnet determines the zone.
  instance.availabilityZone = undefined;
  const [networkInterface] = instance.networkInterfaces as ec2.CfnInstance.NetworkInterfaceProperty[];
  const isOfList = !Token.isUnresolved(subnetId) && Token.isUnresolved([subnetId]);
  instance.networkInterfaces = [{ ...networkInterface, subnetId: isOfList ? Fn.select(0, [subnetId]) : subnetId }];
}

function acknowledgeInstance(
  scope: Construct, instance: ec2.CfnInstance, image: ResolvedImage, instanceType: ec2.InstanceType,
): void {
  acknowledge(instance,
    {
      rules: ['AwsSolutions-EC29'],
      reason: `${scope.node.path} holds no state, and termination protection would prevent its replacement`,
    },
    {
      rules: ['HIPAA.Security-EC2InstancesInVPC', 'NIST.800.53.R5-EC2InstancesInVPC'],
      reason: `The network interface of ${scope.node.path} names its subnet, because only an interface can rule out a `
        + 'public IP address; the rule reads another property',
    },
  );
  if (image.isLiteral) {
    acknowledge(instance, {
      rules: ['CloudFormation-Validate::W9010'],
      reason: `BastionImage.pinned sets the image of ${scope.node.path} for each region, so only the app changes it`,
    });
  }
  if (Token.isUnresolved(instanceType.toString())) {
    acknowledge(instance, {
      rules: ['HIPAA.Security-EC2EBSOptimizedInstance', 'NIST.800.53.R5-EC2EBSOptimizedInstance'],
      reason: `The instance type of ${scope.node.path} is known only at deployment, so the rule cannot read it; the `
        + 'instance is EBS-optimized for any type',
    });
  }
}
