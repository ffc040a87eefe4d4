"""The refusal of a rule, and the tables of rules for each type."""
import ast
import inspect
import os
import textwrap
import traceback
from collections import defaultdict

import inventory

CREATION = defaultdict(list)  # type → rules
UPDATE = defaultdict(list)
DELETION = defaultdict(list)
_refused = set()  # the type, the rule and the line of each refusal


class Refusal(ValueError):
    """An operation that the service refuses."""


def refuse_if(condition, message):
    if condition:
        raise Refusal(message)


def creates(*types, updates=False):
    """Registers a rule for the creation of these types: rule(properties, stack, logical_id)."""
    def register(rule):
        for each in types:
            CREATION[each].append(rule)
            if updates:
                UPDATE[each].append(rule)
        return rule
    return register


def deletes(*types):
    """Registers a rule for the deletion of these types: rule(resource)."""
    def register(rule):
        for each in types:
            DELETION[each].append(rule)
        return rule
    return register


def is_custom(rtype):
    return rtype.startswith('Custom::') or rtype == 'AWS::CloudFormation::CustomResource'


def _key(rtype):
    return 'Custom' if is_custom(rtype) else rtype


def are_known(rtype):
    """Whether a rule checks resources of a type."""
    return any(table[_key(rtype)] for table in (CREATION, UPDATE, DELETION))


def _apply(rtype, rule, *arguments):
    try:
        rule(*arguments)
    except Refusal as refusal:
        line = next(line for frame, line in traceback.walk_tb(refusal.__traceback__) if frame.f_code is rule.__code__)
        _refused.add((_key(rtype), rule, line))
        raise


def check_creation(rtype, logical_id, properties, stack):
    for rule in CREATION[_key(rtype)]:
        _apply(rtype, rule, properties, stack, logical_id)


def check_update(rtype, logical_id, properties, stack):
    for rule in UPDATE[_key(rtype)]:
        _apply(rtype, rule, properties, stack, logical_id)


def check_deletion(resource):
    """Applies all rules, so that one refusal states everything that prevents the deletion."""
    reasons = []
    for rule in DELETION[_key(resource.type)]:
        try:
            _apply(resource.type, rule, resource)
        except Refusal as refusal:
            reasons.append(str(refusal))
    refuse_if(reasons, '; '.join(reasons))


def without_refusal():
    """Each place of a rule that has refused nothing in this process, for each type that the rule checks."""
    return [f'{rtype}: {rule.__name__} ({os.path.basename(rule.__code__.co_filename)}, line {line})'
            for table in (CREATION, DELETION) for rtype, registered in sorted(table.items()) for rule in registered
            for line in _refusing_lines(rule) if (rtype, rule, line) not in _refused]


def _refusing_lines(rule):
    """The lines on which a rule can refuse. If there are none, the first line, so that the rule is reported."""
    lines, first = inspect.getsourcelines(rule)
    calls = [node for node in ast.walk(ast.parse(textwrap.dedent(''.join(lines)))) if isinstance(node, ast.Call)]
    refusing = [first + each.lineno - 1 for each in calls if getattr(each.func, 'id', '') in ('refuse_if', 'Refusal')]
    return refusing or [first]


def also_deleted_before(resource, *types):
    """
    The resources of the stack that this operation has deleted before, although no dependency requires this order.

    Another order of the same deletions would find them.
    """
    return [each for each in inventory.DELETED
            if each.type in types and each.stack == resource.stack and not inventory.depends_on(each, resource)]
