"""Serves the local endpoint: MiniStack in this process, with the checks of CloudFormation and of the services."""
import asyncio
import importlib
import os
import sys
import threading

import settings
from hypercorn.asyncio import serve
from hypercorn.config import Config

importlib.import_module('ministack.app')

import front  # noqa: E402
import start  # noqa: E402


def end_with_parent():
    """Ends this process when the process that started it ends, which closes the standard input."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
start.install()
start.add_hosted_zones(settings.ZONES)
config = Config()
config.bind = [f'{settings.HOST}:{settings.PORT}']
config.keep_alive_timeout = 75
asyncio.run(serve(front.in_front_of(sys.modules['ministack.app'].app), config))
