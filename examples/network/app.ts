import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ComplianceChecks, HipaaVpc, RulePack, WorkloadMonitoring } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Network');
const network = new HipaaVpc(stack, 'Network', { cidr: '10.20.0.0/16', maxAzs: 3 });
network.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });

new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(network);

app.synth();
