"""The names that no two resources of a region share."""

from schemas import primary_identifier

# Types whose primary identifier is an ARN, an ID or a URL, and the properties that form their names.
_NAMES = {
    'AWS::EC2::SecurityGroup': ('GroupName', 'VpcId'),
    'AWS::ElasticLoadBalancingV2::LoadBalancer': ('Name',),
    'AWS::ElasticLoadBalancingV2::TargetGroup': ('Name',),
    'AWS::IAM::ManagedPolicy': ('ManagedPolicyName',),
    'AWS::SecretsManager::Secret': ('Name',),
    'AWS::SNS::Topic': ('TopicName',),
    'AWS::SQS::Queue': ('QueueName',),
}


def name_of(rtype, properties, attributes):
    if rtype not in _NAMES:
        return primary_identifier(rtype, properties, attributes)
    values = [properties.get(name) for name in _NAMES[rtype]]
    return None if None in values else '|'.join(values)
