from aws_cdk import Acknowledgment, App, Environment, Stack, Validations
from aws_cdk import aws_kms as kms, aws_logs as logs, aws_sns as sns
from cdk_hipaa import ComplianceChecks, RulePack

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Orders", env=Environment(account="111122223333", region="us-east-1"))
key_arn = "arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-1111-2222-3333-444455556666"
sns.Topic(stack, "Orders", master_key=kms.Key.from_key_arn(stack, "Key", key_arn), enforce_ssl=True)

builds = logs.LogGroup(stack, "Builds", retention=logs.RetentionDays.ONE_YEAR)
for rule in ["HIPAA.Security-CloudWatchLogGroupEncrypted", "NIST.800.53.R5-CloudWatchLogGroupEncrypted"]:
    reason = "The log group holds build numbers and no PHI."
    Validations.of(builds.node.default_child).acknowledge(Acknowledgment(id=rule, reason=reason))

app.synth()
