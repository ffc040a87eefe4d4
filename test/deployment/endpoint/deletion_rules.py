"""Rules for deletions that services refuse."""
import inventory
from creation_rules import vpc_of
from inventory import existing, find, mentions, seen_by
from ministack.services import s3
from policies import missing_policies
from rules import Refusal, also_deleted_before, deletes, refuse_if

# The property in which a resource names a resource that it uses. The service does not delete what is in use.
_USERS = {
    'AWS::CertificateManager::Certificate': {
        'AWS::CloudFront::Distribution': 'DistributionConfig',
        'AWS::ElasticLoadBalancingV2::Listener': 'Certificates',
    },
    'AWS::CloudFront::CachePolicy': {'AWS::CloudFront::Distribution': 'DistributionConfig'},
    'AWS::CloudFront::Function': {'AWS::CloudFront::Distribution': 'DistributionConfig'},
    'AWS::CloudFront::OriginAccessControl': {'AWS::CloudFront::Distribution': 'DistributionConfig'},
    'AWS::CloudFront::ResponseHeadersPolicy': {'AWS::CloudFront::Distribution': 'DistributionConfig'},
    'AWS::EC2::EIP': {'AWS::EC2::NatGateway': 'AllocationId'},
    'AWS::EC2::InternetGateway': {'AWS::EC2::VPCGatewayAttachment': 'InternetGatewayId'},
    'AWS::EC2::SecurityGroup': {
        'AWS::EC2::Instance': 'SecurityGroupIds',
        # The instances of an Auto Scaling group have the security groups of its launch template.
        'AWS::EC2::LaunchTemplate': 'LaunchTemplateData',
        'AWS::EC2::SecurityGroup': 'SecurityGroupIngress',
        'AWS::EC2::SecurityGroupEgress': 'DestinationSecurityGroupId',
        'AWS::EC2::SecurityGroupIngress': 'SourceSecurityGroupId',
        'AWS::EC2::VPCEndpoint': 'SecurityGroupIds',
        'AWS::ECS::Service': 'NetworkConfiguration',
        'AWS::ElasticLoadBalancingV2::LoadBalancer': 'SecurityGroups',
        'AWS::Lambda::Function': 'VpcConfig',
        'AWS::RDS::DBCluster': 'VpcSecurityGroupIds',
        'AWS::RDS::DBInstance': 'VPCSecurityGroups',
        'AWS::RDS::DBProxy': 'VpcSecurityGroupIds',
    },
    'AWS::EC2::Subnet': {
        'AWS::AutoScaling::AutoScalingGroup': 'VPCZoneIdentifier',
        'AWS::EC2::Instance': 'SubnetId',
        'AWS::EC2::NatGateway': 'SubnetId',
        'AWS::EC2::VPCEndpoint': 'SubnetIds',
        'AWS::ECS::Service': 'NetworkConfiguration',
        'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Subnets',
        'AWS::Lambda::Function': 'VpcConfig',
        'AWS::RDS::DBProxy': 'VpcSubnetIds',
        'AWS::RDS::DBSubnetGroup': 'SubnetIds',
    },
    'AWS::EC2::VPC': {
        'AWS::EC2::RouteTable': 'VpcId',
        'AWS::EC2::SecurityGroup': 'VpcId',
        'AWS::EC2::Subnet': 'VpcId',
        'AWS::EC2::VPCEndpoint': 'VpcId',
        'AWS::EC2::VPCGatewayAttachment': 'VpcId',
    },
    'AWS::ECS::Cluster': {'AWS::ECS::Service': 'Cluster'},
    'AWS::ElasticLoadBalancingV2::TargetGroup': {
        'AWS::ElasticLoadBalancingV2::Listener': 'DefaultActions',
        'AWS::ElasticLoadBalancingV2::ListenerRule': 'Actions',
    },
    'AWS::IAM::ManagedPolicy': {'AWS::IAM::Role': 'ManagedPolicyArns'},
    'AWS::IAM::Role': {'AWS::IAM::InstanceProfile': 'Roles', 'AWS::IAM::ManagedPolicy': 'Roles'},
    'AWS::RDS::DBCluster': {'AWS::RDS::DBInstance': 'DBClusterIdentifier'},
    'AWS::RDS::DBClusterParameterGroup': {'AWS::RDS::DBCluster': 'DBClusterParameterGroupName'},
    'AWS::RDS::DBParameterGroup': {'AWS::RDS::DBInstance': 'DBParameterGroupName'},
    'AWS::RDS::DBSubnetGroup': {
        'AWS::RDS::DBCluster': 'DBSubnetGroupName',
        'AWS::RDS::DBInstance': 'DBSubnetGroupName',
    },
    'AWS::RDS::OptionGroup': {'AWS::RDS::DBInstance': 'OptionGroupName'},
    'AWS::WAFv2::WebACL': {
        'AWS::CloudFront::Distribution': 'DistributionConfig',
        'AWS::WAFv2::WebACLAssociation': 'WebACLArn',
    },
}


def _not_used_by(user_type, where):
    def check(resource):
        names = {name for name in resource.names if len(name) > 3}
        for user in existing(user_type) + also_deleted_before(resource, user_type):
            if user is not resource and mentions(user.properties.get(where, ''), names):
                raise Refusal(f'{resource.physical_id} is in use: {user} names it in {where} (DependencyViolation)')
    check.__name__ = f'{where} of {user_type}'
    return check


for used_type, users in _USERS.items():
    for each_user in users.items():
        deletes(used_type)(_not_used_by(*each_user))


@deletes('AWS::RDS::DBCluster', 'AWS::RDS::DBInstance')
def _no_protected_database(resource):
    refuse_if(
        _is_true(resource.properties.get('DeletionProtection')),
        f'Cannot delete protected {resource.type}, please disable deletion protection and try again.',
    )


@deletes('AWS::ElasticLoadBalancingV2::LoadBalancer')
def _no_protected_load_balancer(resource):
    settings = {each['Key']: each['Value'] for each in resource.properties.get('LoadBalancerAttributes', [])}
    refuse_if(
        settings.get('deletion_protection.enabled') == 'true',
        f"Load balancer '{resource.physical_id}' cannot be deleted because deletion protection is enabled",
    )


@deletes('AWS::EC2::Instance')
def _no_protected_instance(resource):
    refuse_if(
        _is_true(resource.properties.get('DisableApiTermination')),
        f"The instance '{resource.physical_id}' may not be terminated. Modify its 'disableApiTermination' instance "
        'attribute and try again.',
    )


@deletes('AWS::S3::Bucket')
def _no_bucket_with_objects(resource):
    bucket = s3._buckets.get(resource.physical_id)
    refuse_if(
        bucket and (bucket['objects'] or s3._bucket_has_versions(resource.physical_id)),
        'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    )


@deletes('AWS::ECR::Repository')
def _no_repository_with_images(resource):
    # A repository receives images between its deployment and the deployment of the services.
    refuse_if(
        resource.complete and not _is_true(resource.properties.get('EmptyOnDelete')),
        f'The repository with name {resource.physical_id} cannot be deleted because it still contains images',
    )


@deletes('AWS::Backup::BackupVault')
def _no_vault_with_recovery_points(resource):
    # A vault that no plan names is empty. The plan of a vault that is deleted with its stack goes first.
    plans = [each for each in inventory.RESOURCES + inventory.DELETED if each.type == 'AWS::Backup::BackupPlan']
    refuse_if(
        resource.complete and any(mentions(each.properties, {str(resource.physical_id)}) for each in plans),
        f'Backup vault {resource.physical_id} cannot be deleted because it contains recovery points',
    )


@deletes('AWS::EC2::VPCGatewayAttachment')
def _no_gateway_with_public_addresses(resource):
    vpc = resource.properties['VpcId']

    def of_vpc(rtype, subnet_of):
        return [each for each in existing(rtype) + also_deleted_before(resource, rtype)
                if subnet_of(each) and _vpc_of(subnet_of(each)) == vpc]

    public = of_vpc('AWS::EC2::NatGateway', lambda each: each.properties.get('SubnetId'))
    public += of_vpc('AWS::ElasticLoadBalancingV2::LoadBalancer', _public_subnet)
    refuse_if(
        resource.properties.get('InternetGatewayId') and public,
        f'Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the '
        f'gateway. {public}',
    )


def _vpc_of(subnet):
    """The VPC of a subnet, even if the current operation has already deleted the subnet."""
    deleted = next((each for each in inventory.DELETED
                    if each.type == 'AWS::EC2::Subnet' and str(subnet) in each.names), None)
    return deleted.properties['VpcId'] if deleted else vpc_of(subnet)


def _public_subnet(load_balancer):
    subnets = load_balancer.properties.get('Subnets', [])
    return subnets[0] if subnets and load_balancer.properties.get('Scheme') == 'internet-facing' else None


@deletes('Custom')
def _function_of_custom_resource_can_run(resource):
    token = resource.properties.get('ServiceToken')
    function = find(token, 'AWS::Lambda::Function')
    refuse_if(function is None, f'The function {token} of the custom resource does not exist')
    role = function.properties['Role']
    refuse_if(
        function.stack == resource.stack and find(role, 'AWS::IAM::Role') is None,
        f'The role {role} of the custom resource does not exist',
    )
    with seen_by(resource.stack, resource.logical_id, with_earlier=False):
        missing = missing_policies(role, resource.stack)
    refuse_if(missing, f'The role of the custom resource does not have the policies {missing} any more')


def _is_true(value):
    return str(value).lower() == 'true'
