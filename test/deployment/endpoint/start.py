"""Installs the checks in MiniStack, which this process has imported."""
import corrections
import creation_rules  # noqa: F401
import deletion_rules  # noqa: F401
import deployment
import functions
import identifiers
import rotations
import security_group_rules
import shortcuts
import trail_handler
from ministack.services import route53


def install():
    identifiers.add_generic_handlers()
    trail_handler.install()
    security_group_rules.install()
    rotations.install()
    deployment.install()
    corrections.install()
    functions.install()
    shortcuts.install()


def add_hosted_zones(zones):
    """Adds the hosted zones that exist before the first deployment."""
    for zone, name in zones:
        route53._zones[zone] = {
            'id': zone, 'name': f'{name}.', 'caller_reference': zone, 'comment': '', 'private': False, 'vpcs': [],
        }
        route53._records[zone] = route53._default_records(f'{name}.')
