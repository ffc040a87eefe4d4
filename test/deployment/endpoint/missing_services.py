"""
The operations that the library's functions call and MiniStack does not have.

One state for each account and region, with the documented errors: GuardDuty, Security Hub, Access Analyzer, the
encryption default of EBS, the public access block of an account, and two operations of AWS Config.
"""
import re
import time
import uuid
from urllib.parse import unquote

from ministack.services import config as config_service

_states = {}
_PLANS = ['S3_DATA_EVENTS', 'EKS_AUDIT_LOGS', 'EBS_MALWARE_PROTECTION', 'RDS_LOGIN_EVENTS', 'LAMBDA_NETWORK_LOGS']
_STANDARDS = ['aws-foundational-security-best-practices/v/1.0.0', 'cis-aws-foundations-benchmark/v/3.0.0',
              'cis-aws-foundations-benchmark/v/5.0.0', 'nist-800-53/v/5.0.0', 'pci-dss/v/4.0.1']


class Answer(Exception):
    """An error response."""

    def __init__(self, status, body, code=None, kind='application/json'):
        self.status, self.body, self.kind = status, body, kind
        self.headers = [('x-amzn-errortype', code)] if code else []


def _error(status, code, message=''):
    return Answer(status, {'__type': code, 'message': message or code, 'Message': message or code}, code)


def state_of(account, region):
    return _states.setdefault((account, region), {
        'detector': None, 'hub': None, 'standards': {}, 'analyzers': {}, 'encrypted': False, 'public_access': None,
    })


def states():
    """The states by account and region."""
    return list(_states.items())


def guardduty(call):
    detector = call.state['detector']
    if call.path == '/detector':
        if call.method == 'GET':
            return {'detectorIds': [detector['id']] if detector else []}
        if detector:
            raise _error(400, 'BadRequestException',
                         'The request is rejected because a detector already exists for the current account.')
        features = [{'name': each, 'status': 'ENABLED'} for each in _PLANS]
        features.append({
            'name': 'RUNTIME_MONITORING', 'status': 'DISABLED',
            'additionalConfiguration': [{'name': 'ECS_FARGATE_AGENT_MANAGEMENT', 'status': 'DISABLED'}],
        })
        call.state['detector'] = {
            'id': uuid.uuid4().hex, 'status': 'ENABLED' if call.input.get('enable') else 'DISABLED',
            'tags': call.input.get('tags', {}), 'serviceRole': 'role', 'features': features,
        }
        return {'detectorId': call.state['detector']['id']}
    if not detector or call.path.split('/')[2] != detector['id']:
        raise _error(400, 'BadRequestException',
                     'The request is rejected because the input detectorId is not owned by the current account.')
    if call.path.endswith('/administrator'):
        return {}
    if call.method == 'GET':
        return detector
    if call.method == 'DELETE':
        call.state['detector'] = None
        return {}
    if 'enable' in call.input:
        detector['status'] = 'ENABLED' if call.input['enable'] else 'DISABLED'
    for feature in call.input.get('features', []):
        known = next((each for each in detector['features'] if each['name'] == feature['name']), None)
        if known is None:
            raise _error(400, 'BadRequestException', 'The request is rejected because an invalid or out-of-range value '
                         'is specified as an input parameter.')
        known.update(feature)
    return {}


def securityhub(call):
    state, prefix = call.state, f'arn:aws:securityhub:{call.region}'
    if call.path == '/accounts' and call.method == 'POST':
        if state['hub']:
            raise _error(409, 'ResourceConflictException', 'Account is already subscribed to Security Hub')
        state['hub'] = {'tags': call.input.get('Tags', {}),
                        'since': time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime())}
        return {}
    if call.path == '/administrator':
        return {}
    if not state['hub']:
        raise _error(401, 'InvalidAccessException', f'Account {call.account} is not subscribed to AWS Security Hub')
    if call.path == '/accounts':
        if call.method == 'DELETE':
            state['hub'], state['standards'] = None, {}
            return {}
        return {'HubArn': f'{prefix}:{call.account}:hub/default', 'SubscribedAt': state['hub']['since']}
    if call.path.startswith('/tags/'):
        return {'Tags': state['hub']['tags']}
    if call.path == '/standards':
        return {'Standards': [{'StandardsArn': f'{prefix}::standards/{each}', 'Name': each} for each in _STANDARDS]}
    if call.path == '/standards/get':
        found = [{
            'StandardsArn': f'{prefix}::standards/{name}', 'StandardsStatus': status, 'StandardsInput': {},
            'StandardsSubscriptionArn': f'{prefix}:{call.account}:subscription/{name}',
        } for name, status in state['standards'].items()]
        # A change is complete after one look.
        state['standards'] = {name: 'READY' for name, status in state['standards'].items() if status != 'DELETING'}
        return {'StandardsSubscriptions': found}
    if call.path == '/standards/register':
        for each in call.input['StandardsSubscriptionRequests']:
            state['standards'].setdefault(each['StandardsArn'].split('standards/')[1], 'PENDING')
    elif call.path == '/standards/deregister':
        for each in call.input['StandardsSubscriptionArns']:
            state['standards'][each.split('subscription/')[1]] = 'DELETING'
    return {'StandardsSubscriptions': []}


def access_analyzer(call):
    analyzers = call.state['analyzers']
    if call.method == 'GET':
        found = [dict(each) for each in analyzers.values()]
        for each in analyzers.values():
            each['status'] = 'ACTIVE'
        return {'analyzers': found}
    if call.method == 'PUT':
        name, kind = call.input['analyzerName'], call.input['type']
        if name in analyzers:
            raise _error(409, 'ConflictException', 'An analyzer with this name exists')
        if any(each['type'] == kind for each in analyzers.values()):
            raise _error(402, 'ServiceQuotaExceededException', 'The analyzer limit is reached')
        arn = f'arn:aws:access-analyzer:{call.region}:{call.account}:analyzer/{name}'
        analyzers[name] = {'name': name, 'arn': arn, 'type': kind, 'status': 'CREATING',
                           'tags': call.input.get('tags', {}), 'createdAt': '2026-01-01T00:00:00Z'}
        return {'arn': arn}
    analyzers.pop(unquote(call.path).split('/')[2], None)
    return {}


def ec2(call):
    """The encryption default of EBS. None for all other actions, which MiniStack has."""
    action = call.form.get('Action', [''])[0]
    if action == 'EnableEbsEncryptionByDefault':
        call.state['encrypted'] = True
    elif action == 'ModifyEbsDefaultKmsKeyId':
        call.state['key'] = call.form['KmsKeyId'][0]
    elif action not in ('GetEbsEncryptionByDefault', 'GetEbsDefaultKmsKeyId'):
        return None
    encrypted, key = str(call.state['encrypted']).lower(), call.state.get('key', 'alias/aws/ebs')
    body = f'<kmsKeyId>{key}</kmsKeyId>' if 'KmsKey' in action else (
        f'<ebsEncryptionByDefault>{encrypted}</ebsEncryptionByDefault>')
    return (f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>{body}'
            f'</{action}Response>')


def s3_control(call):
    """The public access block of the account."""
    if call.method == 'PUT':
        call.state['public_access'] = dict(re.findall(r'<(\w+)>(true|false)</', call.body.decode()))
        return ''
    if call.state['public_access'] is None:
        code = 'NoSuchPublicAccessBlockConfiguration'
        message = 'The public access block configuration was not found'
        raise Answer(404, f'<Error><Code>{code}</Code><Message>{message}</Message></Error>', kind='text/xml')
    fields = ''.join(f'<{name}>{on}</{name}>' for name, on in call.state['public_access'].items())
    namespace = 'http://awss3control.amazonaws.com/doc/2018-08-20/'
    return f'<PublicAccessBlockConfiguration xmlns="{namespace}">{fields}</PublicAccessBlockConfiguration>'


def config(call):
    """The deletion of the recorder and of the delivery channel. None for all other operations."""
    known = {
        'DeleteConfigurationRecorder': (config_service._recorders, 'ConfigurationRecorderName'),
        'DeleteDeliveryChannel': (config_service._delivery_channels, 'DeliveryChannelName'),
    }.get(call.operation)
    if known is None:
        return None
    stored, parameter = known
    if call.input[parameter] not in stored:
        raise _error(400, f"NoSuch{parameter.removesuffix('Name')}Exception")
    del stored[call.input[parameter]]
    return {}


SERVICES = {'guardduty': guardduty, 'securityhub': securityhub, 'access-analyzer': access_analyzer}
