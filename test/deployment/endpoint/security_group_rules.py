"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress. MiniStack does not have these types."""
from identifiers import generic_create, generic_update
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

# The list of a security group that contains the rules of a type.
_LISTS = {'AWS::EC2::SecurityGroupIngress': 'IpPermissions', 'AWS::EC2::SecurityGroupEgress': 'IpPermissionsEgress'}


def _without_description(rule):
    return {name: [{k: v for k, v in each.items() if k != 'Description'} for each in value]
            if isinstance(value, list) else value for name, value in rule.items() if name != 'SecurityGroupRuleId'}


def _permission(properties):
    [rule] = provisioners._ec2_sg_permissions([properties])
    return rule


def same_rule(rtype, properties):
    """The rule of the security group that equals this one. The description makes no difference."""
    group = ec2._security_groups.get(properties.get('GroupId')) or {_LISTS[rtype]: []}
    wanted = _without_description(_permission(properties))
    return next((each for each in group[_LISTS[rtype]] if _without_description(each) == wanted), None)


def _create(rtype):
    def create(logical_id, properties, stack):
        group = ec2._security_groups.get(properties.get('GroupId'))
        if group is None:
            raise ValueError(f"The security group '{properties.get('GroupId')}' does not exist")
        physical_id, attributes = generic_create(rtype)(logical_id, properties, stack)
        group[_LISTS[rtype]].append({**_permission(properties), 'SecurityGroupRuleId': physical_id})
        return physical_id, attributes
    return create


def _delete(rtype):
    def delete(physical_id, properties):
        group = ec2._security_groups.get(properties.get('GroupId'))
        if group:
            group[_LISTS[rtype]] = [
                each for each in group[_LISTS[rtype]] if each.get('SecurityGroupRuleId') != physical_id]
    return delete


def install():
    for rtype in _LISTS:
        provisioners._RESOURCE_HANDLERS[rtype] = {
            'create': _create(rtype),
            'update': generic_update(rtype),
            'update_with_logical_id': True,
            'delete': _delete(rtype),
        }
