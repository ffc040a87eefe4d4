from aws_cdk import App, Environment, Stack, aws_ec2 as ec2, aws_ecs as ecs, aws_kms as kms, aws_rds as rds
from cdk_hipaa import ComplianceChecks, EncryptedDatabaseInstance, RulePack, SecureFargateService

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Reports", env=Environment(account="111122223333", region="us-east-1"))
vpc = ec2.Vpc.from_vpc_attributes(
    stack, "Vpc",
    vpc_id="vpc-0123456789abcdef0",
    availability_zones=["us-east-1a", "us-east-1b"],
    private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    isolated_subnet_ids=["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
)
key_arn = "arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-1111-2222-3333-444455556666"
encryption_key = kms.Key.from_key_arn(stack, "Key", key_arn)
cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="company", vpc=vpc)

database = EncryptedDatabaseInstance(
    stack, "Database",
    vpc=vpc,
    encryption_key=encryption_key,
    engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16_13),
)
SecureFargateService(
    stack, "Reports",
    vpc=vpc,
    cluster=cluster,
    encryption_key=encryption_key,
    image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
    writable_paths=["/tmp"],
    uses=[database],
    certificate_bundle_path="/etc/ssl/rds/global-bundle.pem",
)

app.synth()
