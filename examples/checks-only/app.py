from aws_cdk import Acknowledgment, App, Stack, Validations, aws_kms as kms, aws_sns as sns, aws_sqs as sqs
from cdk_hipaa import ComplianceChecks

app = App()
ComplianceChecks.of(app).enforce()

stack = Stack(app, "Orders")
key = kms.Key(stack, "Key", enable_key_rotation=True)
sns.Topic(stack, "Topic", master_key=key, enforce_ssl=True)
sqs.Queue(stack, "Orders", encryption_master_key=key, enforce_ssl=True)

builds = sqs.Queue(stack, "Builds", enforce_ssl=True)
Validations.of(builds.node.default_child).acknowledge(
    Acknowledgment(id="cdk-hipaa::QueueWithoutOwnKey", reason="The queue holds build numbers and no PHI."),
)

app.synth()
