"""The differences between production and development."""

from __future__ import annotations

from dataclasses import dataclass

from cdk_hipaa import NatStrategy, RelaxationOptions


@dataclass(frozen=True)
class Domain:
    """The domain names of the system."""

    site: str
    api: str
    hosted_zone_id: str
    zone_name: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one environment."""

    termination_protection: bool
    """Whether CloudFormation denies the deletion of the stacks."""
    nat: NatStrategy
    """How the private subnets reach the internet."""
    multi_az: bool
    """Whether the database has a standby in a second zone."""
    alarm_email: str
    """The recipient of the alarms."""
    disposable: str | None = None
    """The reason why the data is disposable. Without it, the data and its keys outlive the stack."""
    domain: Domain | None = None
    """The domain names. The stacks request their certificates."""
    plain_http: RelaxationOptions | None = None
    """The reason why the load balancer accepts HTTP. For an environment without domain names."""


PRODUCTION = Settings(
    termination_protection=True,
    nat=NatStrategy.one_per_az(),
    multi_az=True,
    domain=Domain(
        site="www.karematch.com",
        api="api.karematch.com",
        hosted_zone_id="Z0EXAMPLE0000000000",
        zone_name="karematch.com",
    ),
    alarm_email="oncall@karematch.com",
)

DEVELOPMENT = Settings(
    disposable="development holds synthetic records only",
    termination_protection=False,
    nat=NatStrategy.single(reason="development may lose outbound traffic with one zone"),
    multi_az=False,
    plain_http=RelaxationOptions(
        reason="development has no domain name and therefore no certificate, and holds synthetic records only"
    ),
    alarm_email="developers@karematch.com",
)
