"""
Drives MiniStack's CloudFormation engine in this thread, without HTTP and without an event loop.

An operation on a stack ends before the call returns. Nothing waits: the engine performs one step after the other. Only
while a function runs, another thread answers its requests. A process can therefore fork between two steps.
"""
import asyncio
import contextlib
import http.server
import os
import re
import selectors
import socket
import threading
from urllib.parse import urlsplit

import deployment
import settings
from ministack.core import responses
from ministack.services.cloudformation import changesets, handlers, stacks

ACCOUNT = os.environ['MINISTACK_ACCOUNT_ID']


def _run(coroutine):
    """Runs a coroutine to its end. It only yields to others, and there are none."""
    with contextlib.suppress(StopIteration):
        while True:
            coroutine.send(None)


async def _run_here(function, *arguments, **_):
    return function(*arguments)


def _run_now(coroutine, stack, stack_id=None):
    with stacks._stack_region_context(stack, stack_id):
        _run(coroutine)


def install(application):
    """Makes the operations of the engine synchronous, and answers the requests of functions with the application."""
    stacks.run_reentrant = _run_here
    for module in (stacks, changesets, handlers):
        module._create_stack_task_in_region = _run_now
    server = _Server(application)
    invoke = deployment.custom_resource.invoke_custom_resource

    def invoke_with_server(*arguments, **named):
        with server.answering():
            return invoke(*arguments, **named)

    deployment.custom_resource.invoke_custom_resource = invoke_with_server
    return server


@contextlib.contextmanager
def in_region(region):
    tokens = (responses._request_account_id.set(ACCOUNT), responses._request_region.set(region))
    try:
        yield
    finally:
        responses._request_account_id.reset(tokens[0])
        responses._request_region.reset(tokens[1])


def _call(operation, region, parameters):
    with in_region(region):
        status, _, body = operation({name: [value] for name, value in parameters.items()})
        if status >= 300:
            raise ValueError(re.sub(r'\s+', ' ', body.decode()))
        return deployment._stacks.get(parameters['StackName'], {})


def create(name, region, template, tags=()):
    """Creates a stack with a rollback, as the CLI does, and returns its record."""
    parameters = {'StackName': name, **template, 'Capabilities.member.1': 'CAPABILITY_NAMED_IAM'}
    for index, tag in enumerate(tags, 1):
        parameters |= {f'Tags.member.{index}.Key': tag['Key'], f'Tags.member.{index}.Value': tag['Value']}
    return _call(handlers._create_stack, region, parameters)


def delete(name, region):
    return _call(handlers._delete_stack, region, {'StackName': name})


class _Server:
    """The HTTP server for functions. It answers only inside `answering`."""

    def __init__(self, application):
        self.application, self.lock = application, threading.Lock()
        self.listener = socket.create_server((settings.HOST, settings.PORT), backlog=64)

    @contextlib.contextmanager
    def answering(self):
        stop, stopped = os.pipe()
        thread = threading.Thread(target=self._accept, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            os.close(stopped)
            thread.join()
            os.close(stop)

    def _accept(self, stop):
        threads = []
        with selectors.DefaultSelector() as selector:
            selector.register(stop, selectors.EVENT_READ)
            selector.register(self.listener, selectors.EVENT_READ)
            while all(key.fileobj is self.listener for key, _ in selector.select()):
                connection, _ = self.listener.accept()
                threads.append(threading.Thread(target=self._answer, args=(connection,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    def _answer(self, connection):
        with connection:
            _Request(connection, self)

    def ask(self, request, body):
        """The messages with which the application answers a request."""
        url, messages = urlsplit(request.path), []
        scope = {
            'type': 'http', 'http_version': '1.1', 'method': request.command, 'path': url.path,
            'raw_path': url.path.encode(), 'query_string': url.query.encode(), 'scheme': 'http',
            'headers': [(name.lower().encode(), value.encode('latin-1')) for name, value in request.headers.items()],
            'client': request.client_address, 'server': (settings.HOST, settings.PORT),
        }
        given = [{'type': 'http.request', 'body': body, 'more_body': False}]

        async def receive():
            return given.pop() if given else {'type': 'http.disconnect'}

        async def send(message):
            messages.append(message)

        with self.lock:
            asyncio.run(self.application(scope, receive, send))
        return messages


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def __init__(self, connection, server):
        super().__init__(connection, connection.getpeername(), server)

    def handle(self):
        self.close_connection = True
        self.handle_one_request()

    def _body(self):
        if self.headers.get('transfer-encoding', '').lower() != 'chunked':
            return self.rfile.read(int(self.headers.get('content-length', 0)))
        body = b''
        while size := int(self.rfile.readline().split(b';')[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self):
        start, *parts = self.server.ask(self, self._body())
        content = b''.join(part.get('body', b'') for part in parts)
        self.send_response_only(start['status'])
        for name, value in start.get('headers', []):
            if name.lower() not in (b'content-length', b'connection', b'transfer-encoding'):
                self.send_header(name.decode(), value.decode('latin-1'))
        self.send_header('Content-Length', str(len(content)))
        self.send_header('Connection', 'close')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _answer

    def log_message(self, *_):
        pass
