"""Serves the local endpoint: MiniStack in this process, with the checks of CloudFormation and of the services."""
import asyncio
import importlib
import os
import sys
import threading

import settings
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.services import route53

importlib.import_module('ministack.app')

import corrections  # noqa: E402
import creation_rules  # noqa: E402, F401
import deletion_rules  # noqa: E402, F401
import deployment  # noqa: E402
import front  # noqa: E402
import identifiers  # noqa: E402
import trail_handler  # noqa: E402


def add_hosted_zones():
    for zone, name in settings.ZONES:
        route53._zones[zone] = {
            'id': zone, 'name': f'{name}.', 'caller_reference': zone, 'comment': '', 'private': False, 'vpcs': [],
        }
        route53._records[zone] = route53._default_records(f'{name}.')


def end_with_parent():
    """Ends this process when the process that started it ends, which closes the standard input."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
identifiers.add_generic_handlers()
trail_handler.install()
deployment.install()
corrections.install()
add_hosted_zones()
config = Config()
config.bind = [f'{settings.HOST}:{settings.PORT}']
config.keep_alive_timeout = 75
asyncio.run(serve(front.in_front_of(sys.modules['ministack.app'].app), config))
