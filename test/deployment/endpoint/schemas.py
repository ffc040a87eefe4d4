"""AWS's resource schemas, which cfn-lint contains for each region, and the checks of resolved properties."""
import json
import os
import re

import cfnlint
import regex  # The patterns of the schemas contain \p{…}, which `re` does not support.
from ministack.core.responses import get_region
from shortcuts import errors_of, validator_of

_DATA = os.path.join(os.path.dirname(cfnlint.__file__), 'data', 'schemas')
_types = {}    # region → type → the hash of its schema
_schemas = {}  # hash → schema
_validators = {}  # hash → validator, which resolves the references of its schema once
_known_errors = {}  # (hash, properties as JSON) → errors


def _read(*path):
    with open(os.path.join(_DATA, *path), encoding='utf-8') as file:
        return json.load(file)


def types_of(region):
    """The types that a region offers, each with the hash of its schema."""
    if region not in _types:
        _types[region] = _read('providers', f'{region}.json')
    return _types[region]


def schema_of(rtype):
    """The schema of a type in the region of the stack, or None if the region does not offer the type."""
    digest = types_of(get_region()).get(rtype)
    if digest is None:
        return None
    if digest not in _schemas:
        _schemas[digest] = _read('resources', f'{digest}.json')
    return _schemas[digest]


def paths(schema, key):
    """The paths in a list of the schema such as `readOnlyProperties`: `/properties/A/B` is ['A', 'B']."""
    return [path.removeprefix('/properties/').split('/') for path in (schema or {}).get(key, [])]


def values_at(value, path):
    """All values at a path. `*` stands for every item of a list and every value of a map."""
    if not path:
        return [value]
    if isinstance(value, list):
        rest = path[1:] if path[0] == '*' else path
        return [found for item in value for found in values_at(item, rest)]
    if isinstance(value, dict):
        if path[0] == '*':
            return [found for item in value.values() for found in values_at(item, path[1:])]
        return values_at(value[path[0]], path[1:]) if path[0] in value else []
    return []


def _dereference(schema, root):
    while isinstance(schema, dict) and '$ref' in schema:
        node = root
        for part in schema['$ref'].removeprefix('#/').split('/'):
            node = node[part]
        schema = node
    return schema if isinstance(schema, dict) else {}


def _converted(value, schema, root):
    """Converts scalars as CloudFormation does: "true" to a boolean, 5 to a string, where the schema requires it."""
    schema = _dereference(schema, root)
    kinds = schema.get('type', [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, dict):
        properties, patterns = schema.get('properties', {}), schema.get('patternProperties', {})
        return {name: _converted(each, properties.get(name) or _of_pattern(patterns, name), root)
                for name, each in value.items()}
    if isinstance(value, list):
        return [_converted(each, schema.get('items', {}), root) for each in value]
    if isinstance(value, str) and not {'string', 'object'} & set(kinds):
        if 'boolean' in kinds and value.lower() in ('true', 'false'):
            return value.lower() == 'true'
        if {'integer', 'number'} & set(kinds) and re.fullmatch(r'-?\d+(\.\d+)?', value):
            return float(value) if '.' in value else int(value)
    if isinstance(value, (bool, int, float)) and kinds == ['string']:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _of_pattern(patterns, name):
    return next((schema for pattern, schema in patterns.items() if regex.search(pattern, name)), {})


def violations(rtype, properties):
    """The violations of the schema. The properties contain no references any more."""
    schema = schema_of(rtype)
    if schema is None:
        return [f'{get_region()} does not offer {rtype}']
    given = _converted(properties, schema, schema)
    read_only = [f"#/{'/'.join(path)}: read-only property"
                 for path in paths(schema, 'readOnlyProperties') if values_at(given, path)]
    return read_only + _errors(types_of(get_region())[rtype], schema, given)


def _errors(digest, schema, given):
    key = (digest, json.dumps(given, default=str))
    if key not in _known_errors:
        _known_errors[key] = [f"#/{'/'.join(map(str, error.path))}: {error.message[:300]}"
                              for error in errors_of(_validator(digest, schema), given, key[1])]
    return _known_errors[key]


def _validator(digest, schema):
    if digest not in _validators:
        _validators[digest] = validator_of(schema)
    return _validators[digest]


def prepare(rtypes):
    """Reads the schemas of types before a process forks, so that its forks do not read them again."""
    for rtype in rtypes:
        schema = schema_of(rtype)
        if schema is not None:
            _validator(types_of(get_region())[rtype], schema)


def changed(rtype, key, old, new):
    """The properties in a list of the schema, such as `createOnlyProperties`, that an update changes."""
    return ['/'.join(path) for path in paths(schema_of(rtype), key) if values_at(old, path) != values_at(new, path)]


def replacement_of(rtype, name):
    """Whether a change of a property replaces the resource, in the words of a change set."""
    schema = schema_of(rtype)
    if schema is None:
        return 'Conditionally'
    for key, answer in (('createOnlyProperties', 'Always'), ('conditionalCreateOnlyProperties', 'Conditionally')):
        for path in paths(schema, key):
            if path[0] == name:
                return answer if len(path) == 1 else 'Conditionally'
    return 'Never'


def primary_identifier(rtype, properties, attributes):
    """The primary identifier of a resource, or None if the properties and attributes do not contain all of it."""
    values = []
    for path in paths(schema_of(rtype), 'primaryIdentifier'):
        value = (values_at(properties, path) or [attributes.get('.'.join(path))])[0]
        values.append(None if value is None else str(value))
    return '|'.join(values) if values and None not in values else None
