"""The names that no two resources of a region share, or of an account if the type is global."""

from ministack.core.responses import get_account_id
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
# The names of IAM are unique in an account, and those of buckets in a partition. CloudFront is a global service.
_GLOBAL = ('AWS::CloudFront::', 'AWS::IAM::', 'AWS::S3::Bucket')


def shares_names(resource):
    """Whether a new resource of the same type, in this account and region, needs another name than a resource."""
    return resource.is_here or resource.account == get_account_id() and resource.type.startswith(_GLOBAL)


def name_of(rtype, properties, attributes):
    if rtype not in _NAMES:
        return primary_identifier(rtype, properties, attributes)
    values = [properties.get(name) for name in _NAMES[rtype]]
    return None if None in values else '|'.join(values)
