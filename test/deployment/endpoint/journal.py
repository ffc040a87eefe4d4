"""The journal: everything that the endpoint does or refuses, as lines of JSON. The tests read it."""
import json

import settings
from ministack.core.responses import get_region

_file = open(settings.JOURNAL, 'a', buffering=1, encoding='utf-8')


def write(event, **fields):
    _file.write(json.dumps({'event': event, 'region': get_region(), **fields}, default=str) + '\n')
