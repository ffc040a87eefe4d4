from aws_cdk import App, Stack, aws_rds as rds
from cdk_hipaa import ComplianceChecks, DataProtection, EncryptedDatabaseInstance, HipaaVpc, NatStrategy, RulePack


class RecordsStack(Stack):
    def __init__(self, scope, id, *, production, **kwargs):
        super().__init__(scope, id, **kwargs)
        if not production:
            DataProtection.of(self).disposable(reason="development holds synthetic records only")

        network = HipaaVpc(
            self, "Network",
            nat=NatStrategy.one_per_az() if production else NatStrategy.single(reason="development"),
        )
        EncryptedDatabaseInstance(
            self, "Database",
            vpc=network,
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16_13),
        )


app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])
RecordsStack(app, "Production", production=True, termination_protection=True)
RecordsStack(app, "Development", production=False)

app.synth()
