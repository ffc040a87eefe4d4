from aws_cdk import App, Stack, aws_ec2 as ec2
from cdk_hipaa import ComplianceChecks, HipaaVpc, RulePack, WorkloadMonitoring

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Network")
network = HipaaVpc(stack, "Network", cidr="10.20.0.0/16", max_azs=3)
network.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)

WorkloadMonitoring(stack, "Monitoring", email="oncall@example.com").watch(network)

app.synth()
