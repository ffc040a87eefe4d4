from aws_cdk import Stack
from cdk_hipaa import DataProtection, HardenedRepository
from constructs import Construct

from environments import Settings


class ImagesStack(Stack):
    """The repository of the API. Deploy it and push the image before the stack that runs the image."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, **kwargs) -> None:
        super().__init__(scope, id, termination_protection=settings.termination_protection, **kwargs)
        if settings.disposable:
            DataProtection.of(self).disposable(reason=settings.disposable)

        self.backend = HardenedRepository(self, "Backend")
