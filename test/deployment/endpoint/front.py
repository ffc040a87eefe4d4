"""The HTTP application: what the tests ask of the endpoint, the operations that MiniStack lacks, and MiniStack."""
import asyncio
import json
import re
from urllib.parse import parse_qs, unquote

import deployment
import inventory
import missing_services
import rotations
import rules
import settings
import stores
from ministack.core import responses
from ministack.services import cloudformation

_CONTROL = '/_deployment/'
_CONFIG_OPERATIONS = ('DeleteConfigurationRecorder', 'DeleteDeliveryChannel')


class Call:
    """A request, as the services read it."""

    def __init__(self, scope, headers, body):
        self.path, self.method, self.body = unquote(scope['path']), scope['method'], body
        self.query = parse_qs(scope['query_string'].decode())
        self.operation = headers.get('x-amz-target', '').split('.')[-1]
        credential = re.search(r'Credential=([^/]+)/\d+/([^/]+)/([^/]+)/', headers.get('authorization', ''))
        self.key, self.region, self.service = credential.groups() if credential else ('', '', '')
        if self.key:
            responses.set_request_account_id(self.key)
            responses.set_request_region(self.region)
        self.account = responses.get_account_id()
        self.state = missing_services.state_of(self.account, self.region)

    @property
    def input(self):
        return json.loads(self.body) if self.body else {}

    @property
    def form(self):
        return {**self.query, **parse_qs(self.body.decode())}


def _control(call):
    command = call.path.removeprefix(_CONTROL)
    if command == 'resources':
        return [{
            'type': each.type, 'stack': each.stack, 'logicalId': each.logical_id, 'physicalId': str(each.physical_id),
            'retained': each.retained, 'region': each.region, 'properties': each.properties,
        } for each in inventory.RESOURCES]
    if command == 'types':
        return checked_types()
    if command == 'rules-without-refusal':
        return rules.without_refusal()
    if command == 'fail-once':
        deployment.FAIL_ONCE.update(call.query.get('logicalId', []))
        return sorted(deployment.FAIL_ONCE)
    if command == 'remember':
        return stores.remember()
    if command == 'changes':
        return stores.changes()
    if command == 'unprotect':
        return unprotect(resources=call.query.get('resources') == ['true'])
    raise missing_services.Answer(404, {'message': f'There is no {command}'})


def checked_types():
    """The types that were deployed, and what checks each."""
    return [{
        'type': each.type, 'schema': deployment.is_checked(each.type, each.region),
        'rules': rules.are_known(each.type),
        'generic': deployment.is_generic(each.type),
    } for each in {each.type: each for each in inventory.RESOURCES
                   if each.stack != settings.BOOTSTRAP_STACK}.values()]


def unprotect(resources):
    """Turns off the termination protection of all stacks, and the deletion protection of resources if requested."""
    for stack in cloudformation._stacks._data.values():
        for name in [each for each in stack if 'TerminationProtection' in each or each == '_termination_protection']:
            stack[name] = False
    for each in inventory.RESOURCES if resources else []:
        if each.type.startswith('AWS::RDS::') and 'DeletionProtection' in each.properties:
            each.properties['DeletionProtection'] = False
        for attribute in each.properties.get('LoadBalancerAttributes', []):
            if attribute['Key'] == 'deletion_protection.enabled':
                attribute['Value'] = 'false'
    return {}


async def _answer(call):
    """The answer and its type, or None if MiniStack answers."""
    if call.path == f'{_CONTROL}rotate':
        return await asyncio.to_thread(rotations.run_all), 'application/json'
    if call.path.startswith(_CONTROL):
        return _control(call), 'application/json'
    if call.service in missing_services.SERVICES:
        return missing_services.SERVICES[call.service](call), 'application/json'
    if call.service == 's3':
        return missing_services.s3_control(call), 'text/xml'
    if call.service == 'ec2':
        return missing_services.ec2(call), 'text/xml'
    return missing_services.config(call), 'application/json'


def _is_ours(scope, headers):
    service = re.search(r'Credential=[^/]+/\d+/[^/]+/([^/]+)/', headers.get('authorization', ''))
    service = service[1] if service else ''
    return (scope['path'].startswith(_CONTROL) or service in missing_services.SERVICES or service == 'ec2'
            or (service == 's3' and scope['path'].endswith('/publicAccessBlock') and '/v20180820/' in scope['path'])
            or headers.get('x-amz-target', '').split('.')[-1] in _CONFIG_OPERATIONS)


async def _read(receive):
    body, more = b'', True
    while more:
        message = await receive()
        body += message.get('body', b'')
        more = message.get('more_body', False)
    return body


def in_front_of(application):
    async def front(scope, receive, send):
        headers = {name.decode().lower(): value.decode('latin-1') for name, value in scope.get('headers', [])}
        if scope['type'] != 'http' or not _is_ours(scope, headers):
            return await application(scope, receive, send)
        body = await _read(receive)
        status, extra = 200, []
        try:
            answer, kind = await _answer(Call(scope, headers, body))
        except missing_services.Answer as error:
            answer, kind, status, extra = error.body, error.kind, error.status, error.headers
        if answer is None:
            return await application(scope, _again(body), send)
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer, default=str).encode()
        names = [('content-type', kind), *extra]
        await send({'type': 'http.response.start', 'status': status,
                    'headers': [(name.encode(), value.encode()) for name, value in names]})
        await send({'type': 'http.response.body', 'body': content})
    return front


def _again(body):
    """Receives a body that was read before."""
    messages = [{'type': 'http.request', 'body': body, 'more_body': False}]

    async def receive():
        return messages.pop() if messages else {'type': 'http.disconnect'}
    return receive
