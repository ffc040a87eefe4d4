"""
Refuses the first creation of each resource of an app, in turn.

Each line of the standard input starts an account: {"life": …, "zone": …, "order": …}. The account answers requests
until the next line names the cloud assembly: {"assembly": …, "chosen": …}. Each account is a fork of this process.

The app is deployed once, in one order. Before each creation, the process forks. In the fork, the deletion protection is
turned off, as docs/first-deployment.md describes; the service refuses the creation; the engine rolls back; the fork
compares what is left with what may be left, and deploys again. Then the original process continues with the creation.
The state before a refusal is therefore the state that a deployment has at this point, without a repetition of the
deployment. The second attempt runs once for each state that a rollback leaves.
"""
import gc
import hashlib
import importlib
import json
import os
import sys
import traceback

import settings

importlib.import_module('ministack.app')

import assemblies  # noqa: E402
import deployment  # noqa: E402
import direct  # noqa: E402
import front  # noqa: E402
import functions  # noqa: E402
import inventory  # noqa: E402
import journal  # noqa: E402
import rules  # noqa: E402
import schemas  # noqa: E402
import start  # noqa: E402
import stores  # noqa: E402
from ministack.core import responses  # noqa: E402
from ministack.services import s3  # noqa: E402

_stores = []
# What functions print, and the events of stacks. A rollback does not remove them.
_NOT_COMPARED = ('cloudformation', 'cloudwatch', 'cloudwatch_logs', 'lambda_svc')
# The services that functions call. Each fork would read the models of their operations again.
_CALLED = ('cloudformation', 'config', 'ec2', 'ecs', 'iam', 'inspector2', 'kms', 'lambda', 'logs', 's3',
           'secretsmanager', 'sts')


def _cpu():
    """The processor time of this process and of its forks, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _tell(**message):
    sys.stdout.write(json.dumps(message) + '\n')
    sys.stdout.flush()


def _line():
    """A line of the standard input. Reads no more than the line: the next one can be for another process."""
    line = b''
    while not line.endswith(b'\n'):
        byte = os.read(0, 1)
        if not byte:
            return None
        line += byte
    return json.loads(line)


class Life:
    def __init__(self, name, share, known):
        self.name, self.share, self.known = name, share, set(known)
        self.stack, self.chosen, self.report_to, self.started = None, set(), None, 0
        self.problems, self.states, self.types, self.notes = [], set(), set(), {}
        self.total = dict.fromkeys(('refused', 'resources', 'attempts', 'rollback', 'again'), 0)

    def run(self, assembly):
        stacks = assemblies.stacks_of(assembly)
        for region in sorted({each.region for each in stacks}):
            assemblies.bootstrap(region)
        for stack in stacks:
            stack.publish_assets()
            with direct.in_region(stack.region):
                schemas.prepare(each['Type'] for each in stack.resources.values())
        for stack in stacks:
            self.stack, self.states = stack, set()
            self.chosen = self._chosen()
            record = stack.create()
            if self.report_to is not None:
                self._end_fork(record)
            if record['StackStatus'] != 'CREATE_COMPLETE':
                self.problems.append(f'{stack.name} is {record["StackStatus"]}: {_reasons()}')
                return
            self.total['resources'] += len(stack.resources)

    def note(self, event, **fields):
        """Keeps one event of each kind and type that explains how the endpoint checks a type."""
        if event == 'unsupported' or 'notRun' in fields:
            self.notes[event, fields['type']] = {'event': event, **fields}

    def _record(self, event, **fields):
        """Replaces the journal in a fork."""
        _reasons.events.append((event, fields))
        self.note(event, **fields)

    def before_creation(self, stack, logical_id):
        if self.stack is None or stack != self.stack.name or logical_id not in self.chosen:
            return
        reader, writer = os.pipe()
        sys.stdout.flush()
        fork = os.fork()
        if fork == 0:
            gc.disable()
            os.close(reader)
            self.report_to, self.started = writer, _cpu()
            deployment.BEFORE_CREATION.clear()
            journal.write = self._record
            front.unprotect(resources=True)
            raise rules.Refusal('This creation fails on request')
        os.close(writer)
        with os.fdopen(reader) as pipe:
            report = json.loads(pipe.read() or '{"problems": ["the fork ended without a report"]}')
        os.waitpid(fork, 0)
        self.total['refused'] += 1
        self.problems += [f'{stack}/{logical_id}: {each}' for each in report['problems']]
        for each in report.get('notes', []):
            self.note(**each)
        for part in ('rollback', 'again'):
            self.total[part] += report.get(part, 0)
        if 'state' in report:
            self.states.add(report['state'])
            self.total['attempts'] += 'again' in report

    def _chosen(self):
        """One resource of each type that is not known, and the share of the others. The order chooses them."""
        def digest(logical_id):
            text = f'{settings.ORDER}/{self.name}/{self.stack.name}/{logical_id}'
            return hashlib.sha256(text.encode()).digest()

        ids = sorted(self.stack.resources, key=digest)
        first = {self.stack.resources[each]['Type']: each for each in reversed(ids)}
        first = {rtype: each for rtype, each in first.items() if rtype not in self.known}
        self.types |= first.keys()
        return {*first.values(), *(each for each in ids if digest(each)[0] < 256 * self.share)}

    def _end_fork(self, record):
        """Compares what the rollback leaves, deploys again, and ends the fork."""
        report = {'problems': [], 'rollback': _cpu() - self.started}
        try:
            self._examine(record, report)
        except BaseException:
            report['problems'].append(traceback.format_exc()[-600:])
        report['notes'] = list(self.notes.values())
        os.write(self.report_to, json.dumps(report).encode())
        functions.end_hosts_of_this_process()
        os._exit(0)

    def _examine(self, record, report):
        name, problems = self.stack.name, report['problems']
        left = {each.logical_id: each for each in inventory.RESOURCES if each.stack == name}
        forbidden = sorted(each for each in left if not self._may_be_left(left[each]))
        if forbidden:
            problems.append(f'the rollback leaves {", ".join(forbidden)}: {_reasons()}')
        if not record['StackStatus'].startswith('ROLLBACK_'):
            problems.append(f'the stack is {record["StackStatus"]}: {_reasons()}')
        report['state'] = _state(left)
        if report['state'] in self.states:
            return
        _reasons.events.clear()
        started = _cpu()
        direct.delete(name, self.stack.region)
        status = self.stack.create()['StackStatus']
        if status != 'CREATE_COMPLETE':
            problems.append(f'the second attempt is {status}: {_reasons()}')
        report['again'] = _cpu() - started

    def _may_be_left(self, resource):
        """Whether docs/first-deployment.md lists a resource: its policy keeps it, or it is a bucket with files."""
        if self.stack.resources[resource.logical_id].get('DeletionPolicy') == 'Retain':
            return True
        with direct.in_region(self.stack.region):
            bucket = s3._buckets.get(resource.physical_id) if resource.type == 'AWS::S3::Bucket' else None
            return bool(bucket and (bucket['objects'] or s3._bucket_has_versions(resource.physical_id)))


def _reasons():
    failed = [fields for event, fields in _reasons.events if event in ('refused', 'invalid') or fields.get('status', '')
              .endswith('FAILED')]
    return '; '.join(f"{each.get('logicalId')} {each.get('reason') or each.get('violations')}" for each in failed)[:600]


_reasons.events = []


def _state(left):
    """What exists after a rollback: the resources that it leaves, and the size of each store of each service."""
    sizes = [(name, len(store)) for name, store in _stores]
    objects = sorted(len(each['objects']) for each in s3._buckets._data.values())
    return hashlib.sha256(repr((sorted(left), sizes, objects)).encode()).hexdigest()


def _noting(life, write):
    def write_and_note(event, **fields):
        write(event, **fields)
        life.note(event, **fields)
    return write_and_note


def _live(begin, server):
    settings.ORDER = begin['order']
    start.add_hosted_zones([('Z0EXAMPLE0000000000', begin['zone'])])
    _tell(ready=begin['life'])
    with server.answering():
        command = _line()
    if command is None:
        return
    life, started = Life(begin['life'], command['share'], command['known']), _cpu()
    deployment.BEFORE_CREATION.append(life.before_creation)
    journal.write = _noting(life, journal.write)
    try:
        life.run(command['assembly'])
    except BaseException:
        life.problems.append(traceback.format_exc()[-800:])
    _tell(life=life.name, problems=life.problems, seconds=_cpu() - started, types=sorted(life.types),
          checked=front.checked_types(), notes=list(life.notes.values()), **life.total)
    functions.end_hosts_of_this_process()


def main():
    start.install()
    _stores.extend((name, store) for name, store in stores.stores_of_services()
                   if name.split('.')[0] not in _NOT_COMPARED)
    for service in _CALLED:
        responses._service_model(service)
    functions.start_host()
    gc.freeze()
    server = direct.install(front.in_front_of(sys.modules['ministack.app'].app))
    while begin := _line():
        sys.stdout.flush()
        account = os.fork()
        if account == 0:
            _live(begin, server)
            os._exit(0)
        os.waitpid(account, 0)
    functions.end_hosts_of_this_process()


if __name__ == '__main__':
    main()
