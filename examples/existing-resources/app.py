from aws_cdk import App, Environment, Stack, aws_ec2 as ec2, aws_ecs as ecs, aws_kms as kms, aws_rds as rds
from cdk_hipaa import ComplianceChecks, EncryptedDatabaseInstance, SecureFargateService

app = App()
ComplianceChecks.of(app).enforce()

stack = Stack(app, "Reports", env=Environment(account="111122223333", region="us-east-1"))
vpc = ec2.Vpc.from_vpc_attributes(
    stack, "Vpc",
    vpc_id="vpc-0123456789abcdef0",
    availability_zones=["us-east-1a", "us-east-1b"],
    private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    isolated_subnet_ids=["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
)
encryption_key = kms.Key(stack, "Key", enable_key_rotation=True)
cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="company", vpc=vpc)

database = EncryptedDatabaseInstance(
    stack, "Database",
    vpc=vpc,
    encryption_key=encryption_key,
    engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16_8),
)
SecureFargateService(
    stack, "Reports",
    vpc=vpc,
    cluster=cluster,
    encryption_key=encryption_key,
    image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
    writable_paths=["/tmp"],
    uses=[database],
)

app.synth()
