import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The root device of Amazon Linux, and its size in the image. */
const ROOT_DEVICE = '/dev/xvda';
const ROOT_GIB = 30;

/**
 * The settings of the ECS agent.
 *
 * Tasks cannot read the credentials of the instance, and no container is privileged. Before EC2 interrupts a Spot
 * Instance, ECS stops its tasks and starts others. The roles of the tasks write the logs.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
 */
const AGENT_SETTINGS = {
  ECS_AWSVPC_BLOCK_IMDS: 'true',
  ECS_DISABLE_PRIVILEGED: 'true',
  ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE: 'true',
  ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true',
};

/** Properties of the launch template of instances. */
export interface InstanceTemplateProps {
  readonly architecture: ec2.InstanceArchitecture;
  readonly role: iam.Role;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly encryptionKey: kms.IKey;
}

/**
 * The launch template of instances: an encrypted disk, IMDSv2, and the latest image of Amazon ECS.
 *
 * The template contains the name of the public parameter of AWS. EC2 reads the parameter when it launches an instance,
 * so a new image changes no template.
 */
export function instanceTemplate(scope: Construct, id: string, props: InstanceTemplateProps): ec2.LaunchTemplate {
  const userData = ec2.UserData.forLinux();
  userData.addCommands(...Object.entries(AGENT_SETTINGS).map(([name, value]) =>
    `echo ${name}=${value} >> /etc/ecs/ecs.config`));
  const imageId = `resolve:ssm:${imageParameter(props.architecture)}`;
  return new ec2.LaunchTemplate(scope, id, {
    machineImage: { getImage: () => ({ imageId, osType: ec2.OperatingSystemType.LINUX, userData }) },
    userData,
    // The statements that aws-cdk-lib adds to the role contain more actions than the instance needs.
    role: props.role.withoutPolicyUpdates(),
    securityGroup: props.securityGroup,
    associatePublicIpAddress: false,
    blockDevices: [{
      deviceName: ROOT_DEVICE,
      volume: ec2.BlockDeviceVolume.ebs(ROOT_GIB, {
        encrypted: true,
        kmsKey: props.encryptionKey,
        volumeType: ec2.EbsDeviceVolumeType.GP3,
        deleteOnTermination: true,
      }),
    }],
    httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    httpEndpoint: true,
    instanceMetadataTags: false,
    detailedMonitoring: true,
    ebsOptimized: true,
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html */
function imageParameter(architecture: ec2.InstanceArchitecture): string {
  const variant = architecture === ec2.InstanceArchitecture.ARM_64 ? 'arm64/' : '';
  return `/aws/service/ecs/optimized-ami/amazon-linux-2023/${variant}recommended/image_id`;
}

/** The CPU architecture of tasks that run on instances. */
export function taskArchitecture(architecture: ec2.InstanceArchitecture): ecs.CpuArchitecture {
  return architecture === ec2.InstanceArchitecture.ARM_64 ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64;
}
