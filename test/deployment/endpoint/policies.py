"""Which actions the policies of roles, keys and buckets allow at a given moment."""
import fnmatch
import json
import re

import inventory
from inventory import existing, find
from ministack.core.responses import get_account_id

_ANYTHING_IN_LOGS = {'Statement': [{'Effect': 'Allow', 'Action': 'logs:*', 'Resource': '*'}]}
# The AWS managed policies that roles of the examples use, reduced to what the rules ask for.
_AWS_MANAGED = {
    'AWSLambdaBasicExecutionRole': _ANYTHING_IN_LOGS,
    'AmazonRDSEnhancedMonitoringRole': _ANYTHING_IN_LOGS,
}
_POLICIES = ('AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy')


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def statements_of(document):
    return as_list((json.loads(document) if isinstance(document, str) else document or {}).get('Statement'))


def _names_principal(statement, service):
    principal = statement.get('Principal')
    principal = {'AWS': '*'} if principal == '*' else principal or {}
    names = [str(each) for value in principal.values() for each in as_list(value)]
    return '*' in names or service in names


def _matches(value, patterns, fold=str):
    return any(fnmatch.fnmatchcase(fold(value), fold(str(pattern))) for pattern in as_list(patterns))


def allowing(document, action, resource='*', service=None):
    """The statements that allow an action on a resource, and to a service. Conditions are not evaluated."""
    return [each for each in statements_of(document)
            if each.get('Effect') == 'Allow'
            and (service is None or _names_principal(each, service))
            and _matches(action, each.get('Action'), str.lower)
            and (resource == '*' or 'Resource' not in each or _matches(resource, each['Resource']))]


def _role(arn):
    name = str(arn).rsplit('/', 1)[-1]
    return next((each for each in existing('AWS::IAM::Role') if each.physical_id == name), None)


def role_allows(arn, action, resource):
    """Whether the policies that a role has now allow an action. True for a role that no stack has created."""
    role = _role(arn)
    if role is None:
        return True
    documents = [each['PolicyDocument'] for each in role.properties.get('Policies', [])]
    for policy in role.properties.get('ManagedPolicyArns', []):
        own = next((each for each in existing(*_POLICIES) if each.physical_id == policy), None)
        documents.append(own.properties['PolicyDocument'] if own else _AWS_MANAGED.get(str(policy).split('/')[-1], {}))
    documents += [each.properties['PolicyDocument'] for each in existing(*_POLICIES)
                  if role.physical_id in as_list(each.properties.get('Roles'))]
    return any(allowing(document, action, resource) for document in documents)


def missing_policies(arn, stack):
    """The policies that the template of the role's stack attaches to a role, but that the role does not have now."""
    role = find(arn, 'AWS::IAM::Role')
    if role is None or role.stack != stack:
        return []
    attached = {each.logical_id for each in existing(*_POLICIES) if each.stack == stack}
    return [logical_id for logical_id, spec in inventory.TEMPLATES.get(stack, {}).get('Resources', {}).items()
            if spec['Type'] in _POLICIES and logical_id not in attached
            and any(isinstance(each, dict) and each.get('Ref') == role.logical_id
                    for each in as_list(spec.get('Properties', {}).get('Roles')))]


def bucket_policy(bucket):
    return next((each.properties['PolicyDocument'] for each in existing('AWS::S3::BucketPolicy')
                 if each.properties.get('Bucket') == bucket), None)


def key_policy(key):
    """The policy of a key, or None if no stack has created the key."""
    found = find(str(key).rsplit('/', 1)[-1], 'AWS::KMS::Key') or find(key, 'AWS::KMS::Key')
    return found and found.properties.get('KeyPolicy')


def unknown_role(document):
    """The first role of the account in the principals of a policy that does not exist."""
    for statement in statements_of(document):
        principal = statement.get('Principal')
        for arn in as_list(principal.get('AWS')) if isinstance(principal, dict) else []:
            match = re.fullmatch(r'arn:aws:iam::(\d+):role/(.+)', str(arn))
            # The roles of `cdk bootstrap` are not resources of the examples.
            if match and match[1] == get_account_id() and not match[2].startswith('cdk-') and _role(arn) is None:
                return arn
    return None


def size_of(documents):
    """The size of policies as IAM counts it: without white space."""
    return sum(len(re.sub(r'\s', '', json.dumps(each, separators=(',', ':')))) for each in documents)
