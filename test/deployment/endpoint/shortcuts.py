"""Replaces functions of cfn-lint with faster ones that return the same for properties without intrinsic functions."""
import re
from collections import deque

from cfnlint.context.context import Context, Path
from cfnlint.helpers import FUNCTIONS, PSEUDOPARAMS
from cfnlint.jsonschema import StandardValidator
from cfnlint.jsonschema._filter import FunctionFilter

# Texts that cfn-lint does not only compare with the schema.
_SPECIAL = re.compile('|'.join(map(re.escape, ('{{', 'null', '"Fn::', '"Ref"', *PSEUDOPARAMS))))
_descend_otherwise = Path.descend
_is_type_otherwise = StandardValidator.is_type


def validator_of(schema):
    """A validator for a schema, which has resolved the references within the schema."""
    validator = StandardValidator(schema=schema)
    for reference in _references(schema):
        validator.resolver.resolve(reference)
    return validator


def _references(value):
    if isinstance(value, dict) and str(value.get('$ref')).startswith('#'):
        yield value['$ref']
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(each)


def errors_of(validator, properties, text):
    """The errors of properties, which the text contains as JSON."""
    plain = not _SPECIAL.search(text)
    return (validator.evolve(function_filter=_FILTER) if plain else validator).iter_errors(properties)


class _Filter(FunctionFilter):
    """Splits a schema in two, as cfn-lint does, but once, and does not look for functions in the properties."""

    def __init__(self):
        super().__init__(add_cfn_lint_keyword=False)
        self.parts = {}  # the identity of a schema → the schema, which stays in memory, and its parts

    def filter(self, validator, instance, schema):
        if 'cfnContext' in schema:
            return [(instance, schema, validator)]
        if id(schema) not in self.parts:
            standard, group = self._filter_schemas(schema, validator)
            self.parts[id(schema)] = schema, [each for each in (group, standard) if each]
        return [(instance, part, validator) for part in self.parts[id(schema)][1]]

    def evolve(self, **_):
        return self


_FILTER = _Filter()


def _changed(original, changes):
    """A copy with changes. cfn-lint passes all fields to the constructor instead, several times for each value."""
    copy = object.__new__(type(original))
    copy.__dict__.update(original.__dict__)
    copy.__dict__.update(changes)
    return copy


def _evolve_validator(validator, /, **changes):
    return _changed(validator, changes)


def _evolve_context(context, /, **changes):
    if 'ref_values' in changes:
        changes['ref_values'] = {**context.ref_values, **changes['ref_values']}
    copy = _changed(context, changes)
    copy.__dict__.pop('module_names', None)  # The context computes it from its resources when it is read.
    return copy


def _descend(before, /, **parts):
    """The path with one more part in each field. None adds nothing."""
    name = parts.get('cfn_path')
    if isinstance(name, int) or name in FUNCTIONS:
        return _descend_otherwise(before, **parts)  # Raises an error.
    return _changed(before, {field: getattr(before, field) + deque([part])
                             for field, part in parts.items() if part is not None})


def _is_type(validator, instance, kind):
    known = {'array': list, 'object': dict, 'string': str}.get(kind)
    return isinstance(instance, known) if known else _is_type_otherwise(validator, instance, kind)


def _properties(validator, properties, instance, _):
    """cfn-lint looks for the key of each property of the schema in all keys of the value."""
    if isinstance(instance, dict):
        for name, schema in properties.items():
            if name in instance:
                yield from validator.descend(
                    instance[name], schema, path=name, schema_path=name, property_path=name)


def install():
    StandardValidator.evolve = _evolve_validator
    StandardValidator.is_type = _is_type
    Context.evolve = _evolve_context
    Path.descend = _descend
    StandardValidator(schema={}).validators['properties'] = _properties
