"""The records of the emulated services, and which of them may be left after the deletion of a disposable app."""
import sys
from collections import deque

import missing_services

_ASSETS = 'cdk-hnb659fds-assets-'
# store → what may be left in it: the reason, and a condition of the name and the record.
# docs/data-protection-operations.md lists what concerns a user.
_MAY_BE_LEFT = {
    'cloudformation._stack_events': ('CloudFormation keeps the events of deleted stacks', lambda *_: True),
    'cloudformation._stacks': (
        'CloudFormation lists deleted stacks', lambda _, stack: stack['StackStatus'] == 'DELETE_COMPLETE'),
    'cloudtrail._events': ('CloudTrail keeps its event history for 90 days', lambda *_: True),
    'cloudwatch._alarm_history': ('CloudWatch keeps the history of deleted alarms', lambda *_: True),
    'cloudwatch_logs._log_groups': (
        'Lambda creates the log group of the function that empties buckets',
        lambda name, _: name.startswith('/aws/lambda/') and '-CustomS3AutoDeleteObjects' in name),
    'ecs._services': ('ECS lists deleted services', lambda _, service: service['status'] == 'INACTIVE'),
    'ecs._tags': ('The tags of inactive services and revisions',
                  lambda name, _: ':service/' in name or ':task-definition/' in name),
    'ecs._task_def_latest': ('The number of the last revision', lambda *_: True),
    'ecs._task_defs': ('ECS keeps inactive revisions', lambda _, revision: revision['status'] == 'INACTIVE'),
    'ecs._tasks': ('ECS lists stopped tasks', lambda _, task: task['lastStatus'] == 'STOPPED'),
    'eventbridge._rule_last_fired': ('The times of rules that no longer exist', lambda *_: True),
    'iam._aws_managed_attachment_counts': ('A policy of AWS that nothing uses', lambda _, count: count == 0),
    'kms._keys': ('A key is pending deletion for 30 days', lambda _, key: key['KeyState'] == 'PendingDeletion'),
    's3._buckets': ('The assets of `cdk bootstrap`', lambda name, _: name.startswith(_ASSETS)),
    's3._object_versions': ('The assets of `cdk bootstrap`', lambda name, _: name[0].startswith(_ASSETS)),
    'sts._sessions': ('Temporary credentials expire', lambda *_: True),
}
_before = {}


def stores_of_services():
    """The dictionaries in which the services keep their records, each with its name."""
    found = []
    for name, module in sorted(sys.modules.items()):
        if name.startswith('ministack.services.'):
            for attribute, value in sorted(vars(module).items()):
                value = getattr(value, '_data', value)
                if isinstance(value, dict):
                    found.append((f"{name.removeprefix('ministack.services.')}.{attribute}", value))
    return found


def _records():
    """All records: (store, key) → record."""
    records = {(name, key): record for name, store in stores_of_services() for key, record in list(store.items())}
    for scope, state in missing_services.states():
        records |= {(f'missing_services.{name}', (*scope, name)): value for name, value in state.items() if value}
    return records


def _copy(record):
    """A copy that differs if a part of the record differs."""
    if isinstance(record, dict):
        return {key: _copy(value) for key, value in list(record.items())}
    return [_copy(each) for each in list(record)] if isinstance(record, (deque, list, set, tuple)) else record


def remember():
    """Remembers what exists before the first deployment, and returns the number of records."""
    _before.clear()
    _before.update({key: _copy(record) for key, record in _records().items()})
    return len(_before)


def changes():
    """The records that have been added, changed or deleted since `remember`, without those that may be left."""
    now = {key: _copy(record) for key, record in _records().items()}
    different = [each for each in {**_before, **now} if each not in _before or now.get(each) != _before[each]]
    return sorted(f'{store} {key}' for store, key in different if not _may_be_left(store, key, now.get((store, key))))


def _may_be_left(store, key, record):
    # The keys of most stores start with the account, or with the account and the region.
    name = key[-1] if isinstance(key, tuple) else key
    return record is not None and store in _MAY_BE_LEFT and _MAY_BE_LEFT[store][1](name, record)
