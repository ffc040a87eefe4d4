"""
AWS::SecretsManager::RotationSchedule, which MiniStack does not have, and the rotations: the four steps, in the function
itself.
"""
import time
import uuid

import deployment
import inventory
import journal
from identifiers import generic_create
from ministack.core import responses
from ministack.services import lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners

_TYPE = 'AWS::SecretsManager::RotationSchedule'
_STEPS = ('createSecret', 'setSecret', 'testSecret', 'finishSecret')


def _configure(secret_id, enabled, properties):
    _, secret = secretsmanager._resolve(secret_id)
    if secret is None:
        raise ValueError("Secrets Manager can't find the specified secret.")
    secret['RotationEnabled'] = enabled
    for name in ('RotationLambdaARN', 'RotationRules'):
        secret[name] = properties.get(name)


def _create(logical_id, properties, stack):
    _configure(properties['SecretId'], True, properties)
    return generic_create(_TYPE)(logical_id, properties, stack)


def _update(physical_id, _old, properties, _stack):
    _configure(properties['SecretId'], True, properties)
    return physical_id, {}


def _delete(_physical_id, properties):
    # The service that manages a secret can have deleted it before.
    if secretsmanager._resolve(properties['SecretId'])[1]:
        _configure(properties['SecretId'], False, {})


def install():
    provisioners._RESOURCE_HANDLERS[_TYPE] = {'create': _create, 'update': _update, 'delete': _delete}


def run_all():
    """Runs one rotation for each schedule whose function runs here, and returns the results."""
    results = []
    for schedule in inventory.RESOURCES:
        function = schedule.properties.get('RotationLambdaARN')
        if schedule.type != _TYPE or not function:
            continue
        tokens = (responses._request_account_id.set(schedule.account), responses._request_region.set(schedule.region))
        try:
            if not deployment.does_not_run(function):
                result = _rotate(schedule.properties['SecretId'], function)
                journal.write('rotated', **result)
                results.append(result)
        finally:
            responses._request_account_id.reset(tokens[0])
            responses._request_region.reset(tokens[1])
    return results


def _rotate(secret_id, function):
    _, secret = secretsmanager._resolve(secret_id)
    if secret is None:
        return {'secret': secret_id, 'failed': 'The secret does not exist', 'rotated': False}
    version = str(uuid.uuid4())
    secret['Versions'][version] = {
        'SecretString': None, 'SecretBinary': None, 'CreatedDate': int(time.time()), 'Stages': ['AWSPENDING'],
    }
    record, settings, _ = lambda_svc._get_func_record_for_ref(function)
    failed = None
    for step in _STEPS:
        event = {'Step': step, 'SecretId': secret['ARN'], 'ClientRequestToken': version}
        answer = lambda_svc._execute_function_with_config_scope(
            lambda_svc._execution_record_for_config(record, settings), event)
        if answer.get('error'):
            failed = f"{step}: {str(answer.get('body'))[:400]}"
            break
    rotated = 'AWSCURRENT' in secret['Versions'].get(version, {}).get('Stages', [])
    return {'secret': secret['Name'], 'failed': failed, 'rotated': rotated}
