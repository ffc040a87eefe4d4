"""Replaces functions of cfn-lint with faster ones that return the same."""
from collections import deque

from cfnlint.context.context import Context, Path
from cfnlint.helpers import FUNCTIONS
from cfnlint.jsonschema import StandardValidator

_descend_otherwise = Path.descend


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


def install():
    StandardValidator.evolve = _evolve_validator
    Context.evolve = _evolve_context
    Path.descend = _descend
