import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import {
  ComplianceChecks, GeneratedSecret, HipaaVpc, RotatingSecrets, RulePack, SecureFargateService, WorkloadMonitoring,
} from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Sessions');
const network = new HipaaVpc(stack, 'Network');
const secrets = new RotatingSecrets(stack, 'Secrets', {
  secrets: {
    session: GeneratedSecret.signingKeys(),
    fieldEncryption: GeneratedSecret.keyRing(),
  },
  externalSecrets: { vendorApi: {} },
});
new SecureFargateService(stack, 'Api', {
  vpc: network,
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28'),
  writablePaths: ['/tmp'],
  secrets: {
    SESSION_KEYS: secrets.forContainer('session'),
    FIELD_KEYS: secrets.forContainer('fieldEncryption'),
    VENDOR_API_KEY: secrets.forContainer('vendorApi'),
  },
});

new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(secrets);

app.synth();
