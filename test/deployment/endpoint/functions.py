"""Runs the functions in Node.js. One process runs many functions, one after the other; see functions.js."""
import contextlib
import hashlib
import io
import json
import os
import selectors
import subprocess
import tempfile
import threading
import zipfile

import settings
from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc

_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'functions.js')
_execute_otherwise = lambda_svc._execute_function_warm
_code = {}  # hash of an archive → the directory of its files
_idle, _lock = [], threading.Lock()


class Host:
    """A process of Node.js that runs one function at a time."""

    def __init__(self):
        self.process = subprocess.Popen(['node', _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.owner = os.getpid()

    def run(self, request):
        self.process.stdin.write(json.dumps(request, default=str).encode() + b'\n')
        received = b''
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not received.endswith(b'\n'):
                chunk = selector.select(request['seconds']) and os.read(self.process.stdout.fileno(), 1 << 16)
                if not chunk:
                    self.process.kill()
                    raise TimeoutError(f"Task timed out after {request['seconds']:.2f} seconds")
                received += chunk
        return json.loads(received)


@contextlib.contextmanager
def _host():
    with _lock:
        host = _idle.pop() if _idle else None
    host = host or Host()
    yield host
    # A function that did not end keeps its process busy. Its process does not come back.
    with _lock:
        _idle.append(host)


def start_host():
    """Starts a process before this one forks, so that no fork starts its own."""
    _idle.append(Host())


def end_hosts_of_this_process():
    for host in _idle:
        if host.owner == os.getpid():
            host.process.kill()


def _directory_of(archive):
    digest = hashlib.sha256(archive).hexdigest()
    if digest not in _code:
        directory = tempfile.mkdtemp(prefix='function-', dir=settings.WORK)
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(directory)
        _code[digest] = directory
    return _code[digest]


def execute(function, event, request_id):
    """Replaces the pool of MiniStack, which starts a process for each function."""
    config, archive = function.get('config') or function, function.get('code_zip')
    if not archive or not config.get('Runtime', '').startswith('nodejs'):
        return _execute_otherwise(function, event, request_id)
    name, arn = config['FunctionName'], config['FunctionArn']
    region = arn.split(':')[3]
    request = {
        'directory': _directory_of(archive), 'handler': config['Handler'], 'event': event,
        'seconds': float(config.get('Timeout', 3)),
        'variables': {
            **execution_credentials(config), 'AWS_REGION': region, 'AWS_DEFAULT_REGION': region,
            'AWS_ENDPOINT_URL': f'http://{settings.HOST}:{settings.PORT}', 'AWS_LAMBDA_FUNCTION_NAME': name,
            'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': str(config.get('MemorySize', 128)),
            'AWS_LAMBDA_FUNCTION_VERSION': config.get('Version', '$LATEST'),
            **config.get('Environment', {}).get('Variables', {}),
        },
        'context': {
            'functionName': name, 'invokedFunctionArn': arn, 'awsRequestId': request_id,
            'functionVersion': config.get('Version', '$LATEST'), 'memoryLimitInMB': str(config.get('MemorySize', 128)),
            'logGroupName': f'/aws/lambda/{name}', 'logStreamName': request_id,
        },
    }
    try:
        with _host() as host:
            answer = host.run(request)
    except (OSError, TimeoutError) as error:
        return {'body': {'errorMessage': str(error), 'errorType': type(error).__name__}, 'error': True, 'log': ''}
    if 'error' in answer:
        return {'body': answer['error'], 'error': True, 'log': answer['log'] + answer['error']['errorMessage']}
    return {'body': answer['result'], 'log': answer['log']}


def install():
    lambda_svc._execute_function_warm = execute
