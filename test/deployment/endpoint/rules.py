"""The refusal of a rule, and the tables of rules for each type."""
from collections import defaultdict

import inventory

CREATION = defaultdict(list)  # type → rules
UPDATE = defaultdict(list)
DELETION = defaultdict(list)


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


def check_creation(rtype, logical_id, properties, stack):
    for rule in CREATION[_key(rtype)]:
        rule(properties, stack, logical_id)


def check_update(rtype, logical_id, properties, stack):
    for rule in UPDATE[_key(rtype)]:
        rule(properties, stack, logical_id)


def check_deletion(resource):
    for rule in DELETION[_key(resource.type)]:
        rule(resource)


def also_deleted_before(resource, *types):
    """
    The resources of the stack that this operation has deleted before, although no dependency requires this order.

    Another order of the same deletions would find them.
    """
    return [each for each in inventory.DELETED
            if each.type in types and each.stack == resource.stack and not inventory.depends_on(each, resource)]
