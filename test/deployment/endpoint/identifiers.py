"""Ref and Fn::GetAtt as the schemas specify them, and handlers for the types that MiniStack does not have."""
import json
import random
import uuid

import inventory
from ministack.core.responses import get_account_id, get_region
from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners
from schemas import paths, schema_of, types_of

_ID_PREFIXES = {
    'AWS::EC2::EIP': 'eipalloc',
    'AWS::EC2::FlowLog': 'fl',
    'AWS::EC2::Instance': 'i',
    'AWS::EC2::NatGateway': 'nat',
    'AWS::EC2::NetworkAcl': 'acl',
    'AWS::EC2::SecurityGroupEgress': 'sgr',
    'AWS::EC2::SecurityGroupIngress': 'sgr',
    'AWS::EC2::VPCCidrBlock': 'vpc-cidr-assoc',
    'AWS::EC2::VPCEndpoint': 'vpce',
}

# The types whose Ref is not the primary identifier.
_REFS = {
    'AWS::ApplicationAutoScaling::ScalableTarget':
        lambda p, _: f"{p['ResourceId']}|{p['ScalableDimension']}|{p['ServiceNamespace']}",
    'AWS::ApplicationAutoScaling::ScalingPolicy': lambda _, attributes: attributes['Arn'],
    'AWS::EC2::EIP': lambda _, attributes: attributes['PublicIp'],
    'AWS::SecretsManager::ResourcePolicy': lambda properties, _: properties['SecretId'],
    'AWS::SecretsManager::RotationSchedule': lambda properties, _: properties['SecretId'],
}


def unique(length=12):
    return uuid.uuid4().hex[:length]


def _generated_name(rtype, logical_id, stack, prop):
    limit = (schema_of(rtype).get('properties', {}).get(prop) or {}).get('maxLength', 64)
    name = f'{stack}-{logical_id}'[:max(1, limit - 13)] + f'-{unique()}'
    return name.lower() if rtype.startswith(('AWS::RDS', 'AWS::S3')) else name


def _plausible(rtype, prop, identifier):
    """A value for an attribute that no handler returns."""
    spec = schema_of(rtype).get('properties', {}).get(prop) or {}
    simple = {'integer': spec.get('minimum', 0), 'number': spec.get('minimum', 0), 'boolean': False, 'array': [],
              'object': {}}
    if isinstance(spec.get('type'), str) and spec['type'] in simple:
        return simple[spec['type']]
    _, service, kind = rtype.lower().split('::')
    if prop.lower().endswith('arn') or str(spec.get('pattern', '')).startswith(('^arn', 'arn')):
        return f'arn:aws:{service}:{get_region()}:{get_account_id()}:{kind}/{identifier}'
    if prop.endswith('Id'):
        return f'{_ID_PREFIXES[rtype]}-{unique(17)}' if rtype in _ID_PREFIXES else str(uuid.uuid4())
    if prop.lower().endswith('ip'):
        return f'198.51.100.{random.randint(1, 254)}'
    return spec['enum'][0] if 'enum' in spec else identifier


def attributes_of(rtype, properties, known, identifier):
    """The attributes that a handler returned, and all others of the schema."""
    attributes = dict(known)
    for path in paths(schema_of(rtype), 'readOnlyProperties'):
        name = '.'.join(path)
        if '*' in name or name in attributes:
            continue
        if name == 'MasterUserSecret.SecretArn':
            if str(properties.get('ManageMasterUserPassword')).lower() == 'true':
                attributes[name] = _master_secret(identifier, properties)
        else:
            attributes[name] = _plausible(rtype, path[0], identifier) if len(path) == 1 else identifier
    return attributes


def _master_secret(identifier, properties):
    """Creates the secret in which RDS manages a master password."""
    answer = secretsmanager._create_secret({
        'Name': f'rds!{identifier}',
        'KmsKeyId': properties.get('MasterUserSecret', {}).get('KmsKeyId'),
        'ClientRequestToken': str(uuid.uuid4()),
        'SecretString': json.dumps({'username': properties.get('MasterUsername', 'admin'), 'password': unique(24)}),
    })
    return json.loads(answer[2])['ARN']


def delete_master_secret(attributes):
    """Deletes the secret of a database as RDS does: with the database, and without a recovery window."""
    if 'MasterUserSecret.SecretArn' in attributes:
        secretsmanager._delete_secret(
            {'SecretId': attributes['MasterUserSecret.SecretArn'], 'ForceDeleteWithoutRecovery': True})


def generic_create(rtype):
    """A handler that stores the properties and returns Ref and attributes as the schema specifies."""
    def create(logical_id, properties, stack):
        schema, given = schema_of(rtype), dict(properties)
        read_only = {path[0] for path in paths(schema, 'readOnlyProperties')}
        identifier = paths(schema, 'primaryIdentifier')
        for path in identifier:
            if path[0] not in read_only and path[0] not in given:
                given[path[0]] = _generated_name(rtype, logical_id, stack, path[0])
        names = [str(given[path[0]]) for path in identifier if isinstance(given.get(path[0]), str)]
        attributes = attributes_of(rtype, given, {}, names[0] if names else f'{stack}-{logical_id}-{unique(8)}')
        parts = [str(given.get(path[0], attributes.get('.'.join(path)))) for path in identifier]
        attributes |= {path[0]: given[path[0]] for path in identifier if path[0] in given}
        return _REFS[rtype](given, attributes) if rtype in _REFS else '|'.join(parts), attributes
    return create


def generic_update(rtype):
    """A handler that changes nothing. The inventory keeps the properties."""
    def update(physical_id, _old, _new, _stack, _logical_id=None):
        found = inventory.find(physical_id, rtype)
        return physical_id, found.attributes if found else {}
    return update


def add_generic_handlers():
    """Adds a handler for every type of the schemas that MiniStack does not have."""
    for rtype in types_of('us-east-1'):
        if rtype not in provisioners._RESOURCE_HANDLERS and not rtype.startswith('AWS::CloudFormation::'):
            provisioners._RESOURCE_HANDLERS[rtype] = {
                'create': generic_create(rtype),
                'update': generic_update(rtype),
                'update_with_logical_id': True,
                'delete': lambda _physical_id, _properties: None,
                'generic': True,
            }


def is_generic(rtype):
    return provisioners._RESOURCE_HANDLERS.get(rtype, {}).get('generic', False)
