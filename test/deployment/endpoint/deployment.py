"""Between MiniStack's stack engine and its handlers: checks each operation, performs it, and remembers the result."""
import copy
import json
import re

import inventory
import journal
import rules
import settings
from identifiers import attributes_of, delete_master_secret, generic_create, is_generic, unique
from inventory import RESOURCES, Resource
from ministack.core import responses
from ministack.core.responses import get_region
from ministack.services import s3
from ministack.services.cloudformation import (
    _exports, _stacks, changesets, custom_resource, engine, handlers, provisioners, stacks,
)
from names import name_of, shares_names
from orders import topological_sort
from schemas import changed, replacement_of, types_of, violations

# The logical IDs whose next creation fails.
FAIL_ONCE = set()
# Called before each creation with the stack and the logical ID. Each can refuse the creation.
BEFORE_CREATION = []
# The custom resources whose function does not run, each with the reason.
NOT_RUN = {'Custom::DatabaseUser': 'the function logs in to a database server; .ci/databases.sh tests it with servers'}

_provision, _update = provisioners._provision_resource, provisioners._update_resource
_delete = provisioners._delete_resource
_add_event, _deploy = stacks._add_event, stacks._deploy_stack_async
_resolve_refs, _resolve_outputs = engine._resolve_refs, stacks._resolve_stack_outputs
_invoke = custom_resource.invoke_custom_resource

# MiniStack returns another value than CloudFormation for the Ref of these types.
_CORRECT_REFS = {
    'AWS::CloudFront::Function': lambda _, attributes: attributes['FunctionARN'],
    'AWS::IAM::InstanceProfile': lambda physical_id, _: physical_id.rsplit('/', 1)[-1],
    'AWS::SecretsManager::Secret': lambda _, attributes: attributes['Id'],
}
_native_ids = {}  # (type, Ref) → MiniStack's ID
# MiniStack's messages about properties that its own handlers do not support.
_UNSUPPORTED = re.compile(r'not supported; use|only supports|unsupported|not implemented', re.I)


def _checks_apply(rtype, stack):
    return not (rules.is_custom(rtype) or rtype.startswith('AWS::CloudFormation::')
                or stack == settings.BOOTSTRAP_STACK)


def is_checked(rtype, region):
    """Whether a schema checks the properties of a type."""
    return _checks_apply(rtype, None) and rtype in types_of(region)


def _refuse_invalid(rtype, logical_id, properties, stack):
    found = violations(rtype, properties) if _checks_apply(rtype, stack) else []
    if found:
        journal.write('invalid', stack=stack, logicalId=logical_id, type=rtype, violations=found)
        message = '; '.join(found[:5])
        raise rules.Refusal(f'Properties validation failed for resource {logical_id} with message: [{message}]')


def _record_refusal(during, check, **fields):
    try:
        check()
    except rules.Refusal as refusal:
        journal.write('refused', during=during, reason=str(refusal), **fields)
        raise


def _refuse_taken_name(rtype, properties):
    name = name_of(rtype, properties, {})
    twin = name and next((each for each in RESOURCES if each.type == rtype and shares_names(each)
                          and name_of(rtype, each.properties, each.attributes) == name), None)
    rules.refuse_if(twin, f'{name} already exists in stack {twin and twin.stack}')


def _fail_on_request(stack, logical_id):
    """Fails the next creation of a resource if the test asks for it."""
    for ask in BEFORE_CREATION:
        ask(stack, logical_id)
    if logical_id in FAIL_ONCE:
        FAIL_ONCE.discard(logical_id)
        raise rules.Refusal('This creation fails on request')


def _accept_unsupported(error, about):
    """Records the properties that the emulator lacks. Raises every other error."""
    if rules.is_custom(about['type']) or not _UNSUPPORTED.search(str(error)):
        raise error
    journal.write('unsupported', reason=str(error), **about)


def provision(rtype, logical_id, properties, stack):
    about = {'stack': stack, 'logicalId': logical_id, 'type': rtype}
    _refuse_invalid(rtype, logical_id, properties, stack)

    def check():
        rules.check_creation(rtype, logical_id, properties, stack)
        _refuse_taken_name(rtype, properties)
        _fail_on_request(stack, logical_id)

    with inventory.seen_by(stack, logical_id):
        _record_refusal('create', check, **about)
    if any(each.type == rtype for each in inventory.of(stack, logical_id)):
        # CloudFormation does not generate the same name twice.
        provisioners._NAME_SEED.set(unique(8))
    if rtype == 'AWS::Logs::LogGroup' and 'LogGroupName' not in properties:
        properties = {**properties, 'LogGroupName': f'{stack}-{logical_id}-{unique()}'}
    try:
        physical_id, attributes = _provision(rtype, logical_id, properties, stack)
    except Exception as error:
        _accept_unsupported(error, about)
        physical_id, attributes = generic_create(rtype)(logical_id, properties, stack)
    attributes = attributes_of(rtype, properties, attributes or {}, str(physical_id).rsplit('/', 1)[-1])
    if rtype in _CORRECT_REFS:
        native, physical_id = physical_id, _CORRECT_REFS[rtype](physical_id, attributes)
        _native_ids[rtype, physical_id] = native
    inventory.add(Resource(rtype, physical_id, stack, logical_id, copy.deepcopy(properties), attributes))
    journal.write('created', physicalId=physical_id, generic=is_generic(rtype), **about)
    _tag_bucket(rtype, physical_id, properties)
    return physical_id, attributes


def _tag_bucket(rtype, physical_id, properties):
    """MiniStack does not keep the tags of a bucket. The function that empties buckets reads them."""
    if rtype == 'AWS::S3::Bucket':
        tags = {each['Key']: each['Value'] for each in properties.get('Tags', []) if not each['Key'].startswith('aws:')}
        if tags:
            s3._bucket_tags[physical_id] = tags


def update(rtype, physical_id, old, new, stack, logical_id=None, old_attributes=None):
    if old == new:
        return physical_id, old_attributes or {}
    about = {'stack': stack, 'logicalId': logical_id, 'type': rtype}
    _refuse_invalid(rtype, logical_id, new, stack)
    create_only = changed(rtype, 'createOnlyProperties', old, new)
    if create_only:
        journal.write('replaced', physicalId=physical_id, properties=create_only, **about)
        provisioners._NAME_SEED.set(unique(8))
        return provision(rtype, logical_id, new, stack)
    with inventory.seen_by(stack, logical_id):
        _record_refusal('update', lambda: rules.check_update(rtype, logical_id, new, stack), **about)
    native = _native_ids.get((rtype, physical_id), physical_id)
    if rtype == 'AWS::Logs::LogGroup':
        old, new = ({'LogGroupName': physical_id, **each} for each in (old, new))  # MiniStack generates another name.
    try:
        new_id, attributes = _update(rtype, native, old, new, stack, logical_id, old_attributes)
    except Exception as error:
        _accept_unsupported(error, about)
        new_id, attributes = native, old_attributes
    new_id = physical_id if new_id == native else new_id
    attributes = attributes_of(
        rtype, new, {**(old_attributes or {}), **(attributes or {})}, str(new_id).rsplit('/', 1)[-1])
    inventory.add(Resource(rtype, new_id, stack, logical_id, copy.deepcopy(new), attributes))
    journal.write(
        'updated' if new_id == physical_id else 'replaced', physicalId=new_id,
        properties=sorted(each for each in old.keys() | new.keys() if old.get(each) != new.get(each)), **about)
    _tag_bucket(rtype, native, new)
    return new_id, attributes


def delete(rtype, physical_id, properties, stack=None, logical_id=None):
    about = {'stack': stack, 'logicalId': logical_id, 'type': rtype}
    resource = next((each for each in RESOURCES if each.type == rtype and each.physical_id == physical_id
                     and stack in (None, each.stack)), None)
    if resource:
        _record_refusal('delete', lambda: rules.check_deletion(resource), **about)
    _delete(rtype, _native_ids.get((rtype, physical_id), physical_id), properties, stack, logical_id)
    if resource:
        delete_master_secret(resource.attributes)
        RESOURCES.remove(resource)
        inventory.DELETED.append(resource)
    journal.write('deleted', physicalId=physical_id, **about)


def add_event(stack_id, stack, logical_id, rtype, status, reason='', physical_id='', detailed_status=''):
    if status == 'DELETE_SKIPPED':
        for each in RESOURCES:
            if (each.stack, each.logical_id, each.physical_id) == (stack, logical_id, physical_id):
                each.retained = True
        journal.write('retained', stack=stack, logicalId=logical_id, type=rtype, physicalId=physical_id)
    elif rtype == 'AWS::CloudFormation::Stack':
        if status.endswith('_IN_PROGRESS'):
            inventory.DELETED[:] = [each for each in inventory.DELETED if each.stack != stack]
        if status in ('CREATE_COMPLETE', 'UPDATE_COMPLETE'):
            for each in RESOURCES:
                each.complete = each.complete or each.stack == stack
    if status.endswith('FAILED') or rtype == 'AWS::CloudFormation::Stack':
        journal.write('status', stack=stack, logicalId=logical_id, type=rtype, status=status, reason=reason)
    return _add_event(stack_id, stack, logical_id, rtype, status, reason, physical_id, detailed_status)


async def deploy(stack_name, stack_id, template, *args, **kwargs):
    inventory.remember_template(stack_name, template)
    return await _deploy(stack_name, stack_id, template, *args, **kwargs)


def resolve_refs(value, *rest):
    """MiniStack looks up Fn::GetStackOutput in its own region. This reads the region that the function names."""
    spec = value.get('Fn::GetStackOutput') if isinstance(value, dict) else None
    if not isinstance(spec, dict) or spec.get('Region') in (None, get_region()):
        return _resolve_refs(value, *rest)
    token = responses._request_region.set(spec['Region'])
    try:
        return _resolve_refs(value, *rest)
    finally:
        responses._request_region.reset(token)


def resolve_outputs(outputs, conditions, resources, params, mappings, stack_name, stack_id):
    """MiniStack removes and changes exports that other stacks import. CloudFormation refuses this."""
    resolved, exports = _resolve_outputs(outputs, conditions, resources, params, mappings, stack_name, stack_id)
    for name, export in list(_exports.items()):
        if export['StackId'] != stack_id or exports.get(name, {}).get('Value') == export['Value']:
            continue
        users = [each for each, other in _stacks.items() if each != stack_name
                 and f'"Fn::ImportValue": "{name}"' in json.dumps(other.get('_template') or {})]
        verb = 'update' if name in exports else 'delete'
        _record_refusal('update', lambda: rules.refuse_if(
            users, f"Cannot {verb} export {name} as it is in use by {', '.join(users)}"), stack=stack_name)
    return resolved, exports


def invoke(request_type, logical_id, properties, stack, stack_id, rtype, physical_id=None, old_props=None):
    """Runs the function of a custom resource, with less time than on AWS."""
    limit = settings.CUSTOM_RESOURCE_SECONDS
    given = {**properties, 'ServiceTimeout': min(int(properties.get('ServiceTimeout', 3600)), limit)}
    about = {'request': request_type, 'stack': stack, 'logicalId': logical_id, 'type': rtype}
    if rtype in NOT_RUN:
        journal.write('customResource', notRun=NOT_RUN[rtype], **about)
        return properties['User'], {}
    try:
        answer = _invoke(request_type, logical_id, given, stack, stack_id, rtype, physical_id, old_props)
    except Exception as error:
        journal.write('customResource', failed=f'{type(error).__name__}: {error}', **about)
        raise
    journal.write('customResource', physicalId=answer[0], **about)
    return answer


def does_not_run(function):
    """Whether a function belongs to custom resources that are not run."""
    found = inventory.find(function, 'AWS::Lambda::Function')
    return found is not None and any(str(each.properties.get('ServiceToken')) in found.names
                                     for each in RESOURCES if each.type in NOT_RUN)


def install():
    """Replaces the functions of MiniStack's engine, in every module that imports them."""
    replacements = {
        '_provision_resource': provision,
        '_update_resource': update,
        '_delete_resource': delete,
        '_topological_sort': topological_sort,
        '_add_event': add_event,
        '_deploy_stack_async': deploy,
        '_resolve_refs': resolve_refs,
        '_resolve_stack_outputs': resolve_outputs,
        '_property_recreation': replacement_of,
    }
    for module in (stacks, changesets, handlers):
        for name, function in replacements.items():
            if hasattr(module, name):
                setattr(module, name, function)
    engine._resolve_refs = resolve_refs
    provisioners._property_recreation = replacement_of
    custom_resource.invoke_custom_resource = invoke
    # The schemas decide about replacements, and `update` performs them.
    stacks._replacing_change = lambda rtype, old, new: bool(changed(rtype, 'createOnlyProperties', old, new))
    stacks._custom_named_replacement_error = lambda *_: None
    provisioners._replacing_change = lambda *_: False
    provisioners._custom_named_replacement_error = lambda *_, **__: None
