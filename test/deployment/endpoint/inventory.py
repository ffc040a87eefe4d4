"""The resources that exist, and which of them a resource can rely on."""
import contextvars
import json
import re

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import engine


class Resource:
    """A resource of a stack. `retained`: its stack no longer contains it."""

    def __init__(self, rtype, physical_id, stack, logical_id, properties, attributes):
        self.type, self.physical_id, self.stack, self.logical_id = rtype, physical_id, stack, logical_id
        self.properties, self.attributes = properties, attributes
        self.account, self.region = get_account_id(), get_region()
        self.retained = False
        # Whether the last operation of the stack succeeded with this resource.
        self.complete = False

    @property
    def names(self):
        """Everything that identifies the resource in a property of another one."""
        return {str(self.physical_id)} | {str(v) for v in self.attributes.values() if isinstance(v, str)}

    @property
    def is_here(self):
        return self.account == get_account_id() and self.region == get_region()

    def __repr__(self):
        return f'{self.stack}/{self.logical_id} ({self.type})'


RESOURCES = []   # in the order of their creation
DELETED = []     # by the current operation
TEMPLATES = {}   # stack → its template
_ancestors = {}  # stack → logical ID → the resources that it depends on, directly or not
_observer = contextvars.ContextVar('observer', default=None)


def of(stack, logical_id):
    """The resources with this logical ID: the current one, and earlier ones that it replaced."""
    return [each for each in RESOURCES if each.logical_id == logical_id and each.stack == stack]


def add(resource):
    """Adds a resource, or replaces the properties and attributes of a resource that exists."""
    existing = next((each for each in of(resource.stack, resource.logical_id)
                     if (each.type, each.physical_id) == (resource.type, resource.physical_id)), None)
    if existing is None:
        RESOURCES.append(resource)
    else:
        existing.properties, existing.attributes = resource.properties, resource.attributes


def remember_template(stack, template):
    """Keeps the template of a stack, and the dependencies between its resources."""
    TEMPLATES[stack] = template
    resources = template.get('Resources', {})
    direct = {name: engine._extract_deps(spec, set(resources)) - {name} for name, spec in resources.items()}
    closed = {}

    def close(name, path=()):
        if name not in closed and name not in path:
            closed[name] = direct[name].union(*(close(each, (*path, name)) for each in direct[name]))
        return closed.get(name, set())

    for name in direct:
        close(name)
    _ancestors.setdefault(stack, {}).update(closed)


def depends_on(user, used):
    """Whether the template orders a resource after another resource of its stack."""
    return used.logical_id in _ancestors.get(user.stack, {}).get(user.logical_id, set())


class seen_by:
    """
    Restricts `existing` to what a resource can rely on.

    CloudFormation creates independent resources at the same time. A rule therefore sees the worst case: the
    dependencies of the resource, everything that existed before the operation, and other stacks. A missing dependency
    shows in every order.
    """

    def __init__(self, stack, logical_id, with_earlier=True):
        names = _ancestors.get(stack, {}).get(logical_id, set()) | {logical_id}
        self.scope = {'stack': stack, 'names': names, 'with_earlier': with_earlier}

    def __enter__(self):
        self.token = _observer.set(self.scope)

    def __exit__(self, *_):
        _observer.reset(self.token)


def _is_visible(resource):
    scope = _observer.get()
    if scope is None or resource.stack != scope['stack']:
        return True
    return resource.logical_id in scope['names'] or (scope['with_earlier'] and resource.complete)


def existing(*types):
    """The resources of these types in the account that the current resource can rely on."""
    return [each for each in RESOURCES
            if each.type in types and each.account == get_account_id() and _is_visible(each)]


def find(name, *types):
    """The resource with this name, ARN or ID."""
    return next((each for each in RESOURCES if each.account == get_account_id()
                 and (not types or each.type in types) and str(name) in each.names), None)


def mentions(value, names):
    """Whether a value contains one of these names as a whole word."""
    text = value if isinstance(value, str) else json.dumps(value)
    return any(re.search(rf'(?<![\w-]){re.escape(name)}(?![\w-])', text) for name in names if name and name in text)
