import {
  ConfigServiceClient, DescribeConfigurationRecorderStatusCommand, PutConfigurationRecorderCommand,
  PutDeliveryChannelCommand, StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  CreateDetectorCommand, GetDetectorCommand, GuardDutyClient, ListDetectorsCommand,
} from '@aws-sdk/client-guardduty';
import { BatchGetAccountStatusCommand, EnableCommand, Inspector2Client } from '@aws-sdk/client-inspector2';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeHubCommand, EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { ACCOUNT } from './environment';

const DELIVERY_BUCKET = 'records-of-the-organization';

/** The settings of the SDK for an endpoint. */
export interface SdkSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly forcePathStyle: true;
}

export function sdkOf(endpoint: string, region = 'us-east-1'): SdkSettings {
  return { endpoint, region, credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'nothing' }, forcePathStyle: true };
}

/** Enables the detector and the recorder of an account, as its organization does. */
export async function enableDetectorAndRecorder(settings: SdkSettings): Promise<void> {
  await new GuardDutyClient(settings).send(new CreateDetectorCommand({ Enable: true }));
  await new S3Client(settings).send(new CreateBucketCommand({ Bucket: DELIVERY_BUCKET }));
  const config = new ConfigServiceClient(settings);
  await config.send(new PutConfigurationRecorderCommand({
    ConfigurationRecorder: {
      name: 'default',
      roleARN: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      recordingGroup: { allSupported: true, includeGlobalResourceTypes: true },
    },
  }));
  await config.send(new PutDeliveryChannelCommand({
    DeliveryChannel: { name: 'default', s3BucketName: DELIVERY_BUCKET },
  }));
  await config.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: 'default' }));
}

/** Enables Security Hub and the scans of Inspector, as an administrator did before the first deployment. */
export async function enableHubAndScans(settings: SdkSettings): Promise<void> {
  await new SecurityHubClient(settings).send(new EnableSecurityHubCommand({}));
  await new Inspector2Client(settings).send(new EnableCommand({ resourceTypes: ['EC2', 'ECR', 'LAMBDA'] }));
}

/** Which of the services are on. */
export async function servicesThatAreOn(settings: SdkSettings): Promise<string[]> {
  const guardDuty = new GuardDutyClient(settings);
  const { DetectorIds: [detector] = [] } = await guardDuty.send(new ListDetectorsCommand({}));
  const { Status } = detector
    ? await guardDuty.send(new GetDetectorCommand({ DetectorId: detector })) : { Status: undefined };
  const config = new ConfigServiceClient(settings);
  const { ConfigurationRecordersStatus: [recorder] = [] } = await config.send(
    new DescribeConfigurationRecorderStatusCommand({}));
  const hub = await new SecurityHubClient(settings).send(new DescribeHubCommand({})).then(() => true, () => false);
  const { accounts: [scans] = [] } = await new Inspector2Client(settings).send(new BatchGetAccountStatusCommand({}));
  const { ec2, ecr, lambda } = scans?.resourceState ?? {};
  return [
    ...(Status === 'ENABLED' ? ['detector'] : []),
    ...(recorder?.recording ? ['recorder'] : []),
    ...(hub ? ['hub'] : []),
    ...([ec2, ecr, lambda].every((scan) => scan?.status === 'ENABLED') ? ['scans'] : []),
  ];
}

/** The resources of a company that `existing-resources` uses, by the value that stands for each in the example. */
export async function createCompanyResources(settings: SdkSettings): Promise<Record<string, string>> {
  const ec2 = new EC2Client(settings);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
  const found: Record<string, string> = { 'vpc-0123456789abcdef0': Vpc!.VpcId! };
  for (const index of [0, 1, 2, 3]) {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({
      VpcId: Vpc!.VpcId, CidrBlock: `10.1.${index}.0/24`, AvailabilityZone: `us-east-1${index % 2 === 0 ? 'a' : 'b'}`,
    }));
    found[`subnet-0123456789abcdef${index}`] = Subnet!.SubnetId!;
  }
  const { KeyMetadata } = await new KMSClient(settings).send(new CreateKeyCommand({}));
  found['1a2b3c4d-1111-2222-3333-444455556666'] = KeyMetadata!.KeyId!;
  await new ECSClient(settings).send(new CreateClusterCommand({ clusterName: 'company' }));
  return found;
}
