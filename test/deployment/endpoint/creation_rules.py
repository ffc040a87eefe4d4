"""
Rules for creations that services refuse although the schema allows them.

The messages are those of the services where they are documented or known. The rules apply to updates where the service
checks again.
"""
import fnmatch
import json

from identifiers import unique
from inventory import existing, find
from ministack.core.responses import get_account_id, get_region
from ministack.services import config, s3
from policies import (
    allowing, as_list, bucket_policy, key_policy, missing_policies, role_allows, size_of, unknown_role,
)
from rules import Refusal, creates, refuse_if
from security_group_rules import same_rule


def vpc_of(subnet):
    found = find(subnet, 'AWS::EC2::Subnet')
    return found and found.properties.get('VpcId')


def _has_internet_gateway(vpc):
    return any(each.properties.get('VpcId') == vpc and each.properties.get('InternetGatewayId')
               for each in existing('AWS::EC2::VPCGatewayAttachment'))


def _write_object(bucket, key):
    """Writes an object as a service does, so that its log bucket is not empty."""
    s3._put_object(bucket, key, b'log', {})


# --- EC2

@creates('AWS::EC2::NatGateway')
def _nat_gateway_needs_internet_gateway(properties, *_):
    if properties.get('ConnectivityType', 'public') == 'public' and properties.get('SubnetId'):
        vpc = vpc_of(properties['SubnetId'])
        refuse_if(vpc and not _has_internet_gateway(vpc), f'Network {vpc} has no Internet gateway attached')


@creates('AWS::EC2::Route')
def _route_needs_attached_gateway(properties, *_):
    if str(properties.get('GatewayId', '')).startswith('igw'):
        table = find(properties['RouteTableId'], 'AWS::EC2::RouteTable')
        refuse_if(
            table and not _has_internet_gateway(table.properties['VpcId']),
            f"route table {properties['RouteTableId']} and network gateway {properties['GatewayId']} belong to "
            'different networks',
        )


def _new(rtype):
    def rule_is_new(properties, *_):
        same = same_rule(rtype, properties)
        refuse_if(same, f'the specified rule "{same}" of {properties.get("GroupId")} already exists')
    return rule_is_new


for each_type in ('AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'):
    creates(each_type)(_new(each_type))


# --- ECS and Elastic Load Balancing

@creates('AWS::ECS::Service', updates=True)
def _target_group_needs_listener(properties, *_):
    for each in properties.get('LoadBalancers', []):
        arn = each.get('TargetGroupArn')
        routes = existing('AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::ListenerRule')
        refuse_if(
            not any(arn in json.dumps(route.properties) for route in routes),
            f'The target group with targetGroupArn {arn} does not have an associated load balancer.',
        )


@creates('AWS::ECS::Service', updates=True)
def _tasks_need_policies(properties, *_):
    task = find(properties.get('TaskDefinition'), 'AWS::ECS::TaskDefinition')
    for name in ('ExecutionRoleArn', 'TaskRoleArn') if task else ():
        missing = missing_policies(task.properties.get(name), task.stack)
        refuse_if(missing, f'The tasks would start before {name} has the policies {missing}')


@creates('AWS::ElasticLoadBalancingV2::LoadBalancer')
def _log_bucket_needs_policy(properties, *_):
    settings = {each['Key']: each['Value'] for each in properties.get('LoadBalancerAttributes', [])}
    for kind in ('access_logs', 'connection_logs'):
        if settings.get(f'{kind}.s3.enabled') == 'true':
            bucket, prefix = settings[f'{kind}.s3.bucket'], settings.get(f'{kind}.s3.prefix', '')
            refuse_if(
                not allowing(bucket_policy(bucket), 's3:PutObject'),
                f'Access Denied for bucket: {bucket}. Please check S3bucket permission',
            )
            _write_object(bucket, f'{prefix}/AWSLogs/{get_account_id()}/ELBAccessLogTestFile'.lstrip('/'))


# --- Lambda

@creates('AWS::Lambda::Function', updates=True)
def _function_needs_policies(properties, *_):
    role, missing = properties['Role'], 'The provided execution role does not have permissions to call'
    queue = properties.get('DeadLetterConfig', {}).get('TargetArn')
    refuse_if(queue and not role_allows(role, 'sqs:SendMessage', queue), f'{missing} SendMessage on SQS')
    refuse_if(
        properties.get('VpcConfig', {}).get('SubnetIds') and not role_allows(role, 'ec2:CreateNetworkInterface', '*'),
        f'{missing} CreateNetworkInterface on EC2',
    )


@creates('AWS::Lambda::EventInvokeConfig', updates=True)
def _destination_needs_policy(properties, *_):
    function = find(properties['FunctionName'], 'AWS::Lambda::Function')
    for each in properties.get('DestinationConfig', {}).values():
        destination = str(each.get('Destination'))
        refuse_if(
            function and ':sqs:' in destination
            and not role_allows(function.properties['Role'], 'sqs:SendMessage', destination),
            "The function's execution role does not have permissions to call SendMessage on the provided destination",
        )


@creates('AWS::Lambda::EventSourceMapping', updates=True)
def _mapping_needs_policies(properties, *_):
    queue = str(properties.get('EventSourceArn'))
    function = find(properties['FunctionName'], 'AWS::Lambda::Function')
    for action in ('ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes') if function and ':sqs:' in queue else ():
        refuse_if(
            not role_allows(function.properties['Role'], f'sqs:{action}', queue),
            f'The function execution role does not have permissions to call {action} on SQS',
        )


@creates('Custom', updates=True)
def _custom_resource_needs_policies(properties, stack, _):
    function = find(properties.get('ServiceToken'), 'AWS::Lambda::Function')
    missing = function and missing_policies(function.properties['Role'], stack)
    refuse_if(missing, f'The function of the custom resource would run before its role has the policies {missing}')


@creates('AWS::SecretsManager::RotationSchedule', updates=True)
def _rotation_needs_permission(properties, stack, _):
    function = find(properties.get('RotationLambdaARN'), 'AWS::Lambda::Function')
    if function is None:
        return
    granted = any(each.properties.get('Principal') == 'secretsmanager.amazonaws.com'
                  and str(each.properties['FunctionName']) in function.names
                  for each in existing('AWS::Lambda::Permission'))
    refuse_if(
        not granted,
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to '
        'the principal secretsmanager.amazonaws.com.',
    )
    missing = missing_policies(function.properties['Role'], stack)
    refuse_if(missing, f'The rotation starts at once, before the role of its function has the policies {missing}')


# --- Logs, trail, recorder

@creates('AWS::Logs::LogGroup', updates=True)
def _key_must_allow_logs(properties, stack, logical_id):
    policy = properties.get('KmsKeyId') and key_policy(properties['KmsKeyId'])
    if not policy:
        return
    name = properties.get('LogGroupName') or f'{stack}-{logical_id}-{unique()}'
    arn = f'arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{name}'
    for statement in allowing(policy, 'kms:GenerateDataKey', service=f'logs.{get_region()}.amazonaws.com'):
        patterns = [pattern for operator, condition in statement.get('Condition', {}).items()
                    if operator.startswith(('Arn', 'String')) for name, values in condition.items()
                    if name == 'kms:EncryptionContext:aws:logs:arn' for pattern in as_list(values)]
        if not patterns or any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns):
            return
    raise Refusal(f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'")


@creates('AWS::CloudTrail::Trail', updates=True)
def _trail_needs_permissions(properties, *_):
    bucket, service = properties['S3BucketName'], 'cloudtrail.amazonaws.com'
    policy = bucket_policy(bucket)
    refuse_if(
        not all(allowing(policy, action, service=service) for action in ('s3:PutObject', 's3:GetBucketAcl')),
        f'Incorrect S3 bucket policy is detected for bucket: {bucket}',
    )
    key = properties.get('KMSKeyId') and key_policy(properties['KMSKeyId'])
    refuse_if(
        key and not allowing(key, 'kms:GenerateDataKey', service=service),
        f"Insufficient permissions to access S3 bucket {bucket} or KMS key {properties.get('KMSKeyId')}.",
    )
    if properties.get('CloudWatchLogsRoleArn'):
        group = str(properties['CloudWatchLogsLogGroupArn']).removesuffix(':*')
        stream = f'{group}:log-stream:{get_account_id()}_CloudTrail_{get_region()}'
        refuse_if(
            not all(role_allows(properties['CloudWatchLogsRoleArn'], action, stream)
                    for action in ('logs:CreateLogStream', 'logs:PutLogEvents')),
            'Access denied. Check the permissions for your role.',
        )
    prefix = properties.get('S3KeyPrefix', '')
    _write_object(bucket, f'{prefix}/AWSLogs/{get_account_id()}/CloudTrail/first.json.gz'.lstrip('/'))


@creates('AWS::Config::ConformancePack', updates=True)
def _pack_needs_recorder(*_):
    statuses = json.loads(config._describe_configuration_recorder_status({})[2])['ConfigurationRecordersStatus']
    refuse_if(
        not any(each.get('recording') for each in statuses),
        'NoAvailableConfigurationRecorderException: There is no configuration recorder available.',
    )


@creates('AWS::WAFv2::LoggingConfiguration')
def _log_group_needs_prefix(properties, *_):
    for arn in properties['LogDestinationConfigs']:
        name = arn.split(':log-group:')[-1]
        refuse_if(':log-group:' in arn and not name.startswith('aws-waf-logs-'), f'The ARN is not valid: {arn}')


@creates('AWS::CloudFront::Distribution')
def _log_bucket_needs_acl(properties, *_):
    logging = properties['DistributionConfig'].get('Logging', {})
    bucket = logging.get('Bucket', '').split('.s3')[0]
    found = find(bucket, 'AWS::S3::Bucket') if bucket else None
    if found is None:
        return
    rules = (found.properties.get('OwnershipControls') or {}).get('Rules', [{}])
    refuse_if(
        rules[0].get('ObjectOwnership', 'BucketOwnerEnforced') == 'BucketOwnerEnforced',
        f'The S3 bucket that you specified for CloudFront logs does not enable ACL access: {found.physical_id}',
    )
    _write_object(bucket, logging.get('Prefix', '') + 'EXAMPLE.2026-01-01-00.gz')


# --- IAM, keys, databases

@creates('AWS::KMS::Key', updates=True)
def _key_policy_names_existing_roles(properties, *_):
    unknown = unknown_role(properties.get('KeyPolicy'))
    refuse_if(unknown, f'MalformedPolicyDocumentException: Policy contains an invalid principal: {unknown}')


@creates('AWS::S3::BucketPolicy', updates=True)
def _bucket_policy_names_existing_roles(properties, *_):
    unknown = unknown_role(properties.get('PolicyDocument'))
    refuse_if(unknown, f'MalformedPolicy: Invalid principal in policy: {unknown}')


@creates('AWS::IAM::Role', updates=True)
def _role_has_valid_policies(properties, *_):
    unknown = unknown_role(properties.get('AssumeRolePolicyDocument'))
    refuse_if(unknown, f'MalformedPolicyDocument: Invalid principal in policy: {unknown}')
    size = size_of(each['PolicyDocument'] for each in properties.get('Policies', []))
    refuse_if(size > 10_240, f'Maximum policy size of 10240 bytes exceeded for role, got {size}')


@creates('AWS::IAM::ManagedPolicy', updates=True)
def _policy_has_valid_size(properties, *_):
    size = size_of([properties['PolicyDocument']])
    refuse_if(size > 6_144, f'Cannot exceed quota for PolicySize: 6144, got {size}')


@creates('AWS::RDS::DBInstance')
def _monitoring_role_needs_policy(properties, stack, _):
    role = properties.get('MonitoringRoleArn')
    if role and find(role, 'AWS::IAM::Role'):
        stream = f'arn:aws:logs:{get_region()}:{get_account_id()}:log-group:RDSOSMetrics:log-stream:db-1'
        refuse_if(
            not role_allows(role, 'logs:PutLogEvents', stream),
            'IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING, '
            f'missing {missing_policies(role, stack)}',
        )


@creates('AWS::RDS::DBSubnetGroup', updates=True)
def _subnets_cover_two_zones(properties, *_):
    subnets = [find(each, 'AWS::EC2::Subnet') for each in properties.get('SubnetIds', [])]
    zones = {str(each.properties.get('AvailabilityZone')) for each in subnets if each}
    refuse_if(
        None not in subnets and len(zones) < 2,
        "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
        f'{sorted(zones)}. Add subnets to cover at least 2 AZs.',
    )
