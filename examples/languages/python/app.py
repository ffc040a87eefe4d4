from aws_cdk import App, Environment
from cdk_hipaa import ComplianceChecks, RulePack

from environments import DEVELOPMENT, PRODUCTION
from images_stack import ImagesStack
from karematch_stack import KareMatchStack

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

env = Environment(region="us-east-1")
for name, settings in {"KareMatch": PRODUCTION, "KareMatchDevelopment": DEVELOPMENT}.items():
    images = ImagesStack(app, f"{name}Images", env=env, settings=settings)
    KareMatchStack(app, name, env=env, settings=settings, image=images.backend.image("1.0.0"))

app.synth()
