import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import {
  ComplianceChecks, EncryptedAuroraCluster, HipaaVpc, RulePack, SecureFargateService, ServiceIngress,
  WorkloadMonitoring,
} from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Clinic');
const network = new HipaaVpc(stack, 'Network');
const database = new EncryptedAuroraCluster(stack, 'Database', {
  vpc: network,
  engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
});
const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'example.com',
});
const api = new SecureFargateService(stack, 'Api', {
  vpc: network,
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28'),
  writablePaths: ['/tmp'],
  containerPort: 8080,
  ingress: ServiceIngress.https({ domainName: 'api.example.com', hostedZone }),
  uses: [database],
  certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
});

new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(network, database, api);

app.synth();
