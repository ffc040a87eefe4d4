"""The interfaces of cdk-hipaa that users implement, implemented in Python, and how an app fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsii
from aws_cdk import App, Duration, Stack, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_sqs as sqs
from aws_cdk.assertions import Match, Template
from cdk_hipaa import (
    AlarmDefinition,
    HipaaVpc,
    IMonitored,
    IServiceBindable,
    MonitoringPlan,
    SecureFargateService,
    ServiceBinding,
    WorkloadMonitoring,
)
from constructs import Construct


@jsii.implements(IServiceBindable, IMonitored)
class Reports(Construct):
    """A queue of reports."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(self, "Queue", enforce_ssl=True)

    def bind_to_service(self, *, service: Construct, certificate_bundle_path: str | None = None) -> ServiceBinding:
        self.queue.grant_send_messages(service)  # type: ignore[arg-type]
        return ServiceBinding(environment={"REPORTS_QUEUE_URL": self.queue.queue_url})

    def monitoring_plan(self) -> MonitoringPlan:
        age = self.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(5))
        return MonitoringPlan(
            title="Reports",
            alarms=[
                AlarmDefinition(
                    id="OldestMessage",
                    metric=age,
                    threshold=600,
                    missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                    description="Reports wait for more than 10 minutes. Read the log of the worker.",
                )
            ],
            widgets=[cloudwatch.GraphWidget(title="Oldest message", left=[age])],
        )


class Interfaces(unittest.TestCase):
    def setUp(self) -> None:
        self.stack = Stack(App(), "Main")
        self.reports = Reports(self.stack, "Reports")

    def test_a_binding_adds_variables_and_grants_permissions(self) -> None:
        network = HipaaVpc(self.stack, "Network")
        SecureFargateService(
            self.stack,
            "Api",
            vpc=network.vpc,
            image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
            uses=[self.reports],
        )
        template = Template.from_stack(self.stack)
        variable = Match.object_like({"Name": "REPORTS_QUEUE_URL"})
        container = Match.object_like({"Environment": Match.array_with([variable])})
        template.has_resource_properties(
            "AWS::ECS::TaskDefinition", {"ContainerDefinitions": Match.array_with([container])}
        )
        self.assertIn("sqs:SendMessage", str(template.to_json()))

    def test_a_plan_adds_alarms(self) -> None:
        WorkloadMonitoring(self.stack, "Monitoring", email="oncall@example.com").watch(self.reports)
        Template.from_stack(self.stack).has_resource_properties("AWS::CloudWatch::Alarm", {"Threshold": 600})

    def test_a_refusal_names_the_construct_and_the_prop(self) -> None:
        with self.assertRaisesRegex(RuntimeError, r"\[Main/Refused\] maxAzs"):
            HipaaVpc(self.stack, "Refused", max_azs=1)


CLI = str(Path(__file__).parents[3] / "node_modules" / ".bin" / "cdk")
APP = """
from aws_cdk import App, Stack, Stage, aws_s3 as s3
from cdk_hipaa import ComplianceChecks

app = App()
ComplianceChecks.of(app).enforce()
s3.CfnBucket(Stack(Stage(Stage(app, "Outer"), "Inner"), "S"), "Bare")
app.synth()
"""


class Checks(unittest.TestCase):
    def test_a_finding_in_a_nested_stage_stops_every_command(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "app.py"
            program.write_text(APP)
            run = [sys.executable, str(program)]
            synth = [CLI, "synth", "--app", " ".join(run), "--no-notices"]
            for command in (run, synth, [*synth, "--all"], [*synth, "**"]):
                with self.subTest(command=command):
                    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True)
                    self.assertNotEqual(outcome.returncode, 0)
                    self.assertIn("S3BucketSSLRequestsOnly", outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    unittest.main()
