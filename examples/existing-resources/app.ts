import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { ComplianceChecks, EncryptedDatabaseInstance, RulePack, SecureFargateService } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Reports', { env: { account: '111122223333', region: 'us-east-1' } });
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  isolatedSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
});
const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-1111-2222-3333-444455556666';
const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', keyArn);
const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'company', vpc });

const database = new EncryptedDatabaseInstance(stack, 'Database', {
  vpc,
  encryptionKey,
  engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
});
new SecureFargateService(stack, 'Reports', {
  vpc,
  cluster,
  encryptionKey,
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28'),
  writablePaths: ['/tmp'],
  uses: [database],
  certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
});

app.synth();
