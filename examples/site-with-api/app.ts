import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import {
  ComplianceChecks, HipaaVpc, RulePack, SecureFargateService, SecureLoadBalancer, ServiceIngress, SiteRouting,
  StaticSiteCdn, WebEndpoint,
} from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Portal', { env: { region: 'us-east-1' } });
const network = new HipaaVpc(stack, 'Network');
const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'example.com',
});
const loadBalancer = new SecureLoadBalancer(stack, 'LoadBalancer', {
  vpc: network,
  endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone }),
});
new SecureFargateService(stack, 'Api', {
  vpc: network,
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28'),
  writablePaths: ['/tmp'],
  containerPort: 8080,
  ingress: ServiceIngress.loadBalancer(loadBalancer),
});
new StaticSiteCdn(stack, 'Site', {
  source: path.join(__dirname, 'site'),
  routing: SiteRouting.singlePageApp(),
  endpoint: WebEndpoint.domain({ domainName: 'www.example.com', hostedZone }),
  api: { domainName: 'api.example.com' },
});

app.synth();
