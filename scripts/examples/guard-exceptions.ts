/**
 * Reviewed exceptions from the Control Tower Guard rules. A row has a rule, the paths of resources, optionally the only
 * example, and the reason why these resources cannot meet the rule.
 */
const GUARD_EXCEPTIONS: Array<{
  readonly rule: string;
  readonly path: RegExp;
  readonly example?: string;
  readonly reason: string;
}> = [
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/DefaultSecurityGroup\/Function\/Resource\/Resource$/,
    reason:
      'The function runs only during a deployment and changes one security group through the public API of EC2',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Rotation\/Function\/Resource\/Resource$/,
    reason:
      'The rotation of a generated secret calls only Secrets Manager. It does not connect to a database or to another '
        + 'resource in the VPC',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/(Users)?Age\/Function\/Resource\/Resource$/,
    reason:
      'The function calls Secrets Manager once a day for the dates of secrets, and receives no values',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/(Roller|ServiceRollers\/\w+)\/Function\/Resource\/Resource$/,
    reason:
      'The function calls ECS and Secrets Manager, whose APIs are outside of the VPC, and reads no secret value',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/DriftCheck\/Function\/Resource\/Resource$/,
    reason:
      'The daily check reads settings of the account through public APIs. It has read permissions only, and no access '
        + 'to data of the application',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Config\/Recorder\/Resource\/Resource$/,
    reason:
      'The function calls AWS Config, IAM and CloudFormation during a deployment. It does not read the recorded '
        + 'configurations',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Trail\/Bucket\/Resource$/,
    reason:
      'The trail records who reads or writes the objects of every bucket, including this one',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Config\/Bucket\/Resource$/,
    reason:
      'The trail records who reads this configuration history. An access log would only add the deliveries of AWS '
        + 'Config',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Inspector\/Resource\/Resource$/,
    reason:
      'The function calls Inspector and CloudFormation, only during a deployment. It has no access to data of the '
        + 'application',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/GuardDuty\/Resource\/Resource$/,
    reason:
      'The function calls the public API of GuardDuty and CloudFormation, only during a deployment. It does not '
        + 'receive findings',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/SecurityHub\/Resource\/Resource$/,
    reason:
      'The function calls the public API of Security Hub during a deployment. It does not receive the evaluated '
        + 'resources or findings',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/AccessAnalyzer\/Resource\/Resource$/,
    reason:
      'The function calls a public API during a deployment to create an analyzer. It reads no policy and no resource',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/AccountSettings\/Resource\/Resource$/,
    reason:
      'The function calls the public APIs of EC2, IAM and S3 during a deployment. These APIs do not require a VPC',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /^OmnirapeuticData\/Database\/Users\/Function\/Resource\/Resource$/,
    reason:
      'The function is in the private subnets of the VPC. The rule does not read their IDs, which another stack '
        + 'exports',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Migrations\/Run\/Function\/Resource\/Resource$/,
    reason:
      'The function starts a task and waits for it through the public API of ECS. Only the task connects to the '
        + 'database',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Cleanup\/Schedule\/Function\/Resource\/Resource$/,
    reason: 'The function starts a run of a scheduled task through the public API of ECS, and connects to nothing else',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Site\/Deployment\/Function\/Resource\/Resource$/,
    reason:
      'The function calls S3, CloudFront and CloudFormation during a deployment. It copies only the public files of '
        + 'the site',
  },
  {
    rule: 'lambda_function_public_access_prohibited_check',
    path: /\/(Rotation|Users)\/Function\/Resource\/SecretsManager$/,
    reason:
      'The permission allows Secrets Manager only on behalf of this account (SourceAccount), as AWS documents it for '
        + 'rotation. The rule requires a literal account ID, and an environment-agnostic stack has Ref AWS::AccountId',
  },
  {
    rule: 'rds_instance_logging_enabled_check',
    path: /\/Database\/Instance\/Resource$/,
    reason:
      'The audit, error and slow query logs are exported. The general log is disabled because it contains every '
        + 'statement with its values, including PHI',
  },
  {
    rule: 'rds_instance_no_default_ports_check',
    path: /\/Database\/Instance\/Resource$/,
    reason:
      'A different port does not prevent access. Isolated subnets and a security group with a rule for each client '
        + 'protect the database, and clients use the default port',
  },
  {
    rule: 'ec2_instance_nitro_encryption_in_transit_check',
    path: /\/Bastion\/Instance\/Resource$/,
    reason:
      'The rule is about traffic between EC2 instances. A bastion connects to no other instance, and connects to '
        + 'Systems Manager, package repositories and databases with TLS. The databases require TLS. The smallest '
        + 'instance type that meets the rule costs four times as much',
  },
  {
    rule: 'autoscaling_multiple_az_check',
    path: /\/Instances\/Group\/ASG$/,
    reason:
      'The group has a private subnet in each zone of the VPC. The rule reads only AvailabilityZones, which a group '
        + 'with subnets does not need',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/(Entrance|LoadBalancer)\/AccessLogs\/Resource$/,
    reason: 'Elastic Load Balancing delivers access logs only to buckets with SSE-S3 encryption (AES256)',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/(Entrance|LoadBalancer)\/AccessLogs\/Resource$/,
    reason:
      'This bucket receives the access logs of the load balancer. Logs of log deliveries would be an endless chain',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/(Reports|Storage)\/AccessLogs\/Resource$/,
    reason: 'S3 delivers the access logs of a PhiBucket only to a bucket with SSE-S3 encryption (AES256)',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/(Reports|Storage)\/AccessLogs\/Resource$/,
    reason:
      'This bucket is the target of the access logs of a PhiBucket. A log of its deliveries would cause more of them',
  },
  {
    rule: 's3_bucket_object_lock_enabled_check',
    path: /\/(Reports|Storage)\/AccessLogs\/Resource$/,
    reason:
      'S3 does not deliver the access logs of a PhiBucket to a bucket with Object Lock. Versions restore log files '
        + 'that are overwritten or deleted',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      'This bucket also receives the server access logs of the site bucket, which S3 delivers only to buckets with '
        + 'SSE-S3 encryption (AES256)',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      'This bucket is the target of the access logs of a distribution and of a bucket. A bucket that logs into itself '
        + 'creates an endless loop',
  },
  {
    rule: 's3_bucket_object_lock_enabled_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      'S3 does not deliver server access logs to a bucket with Object Lock, and the site bucket requires them. '
        + 'Versions restore overwritten or deleted log files',
  },
  {
    rule: 'cloudfront_origin_failover_enabled_check',
    path: /\/Site\/Distribution\/Resource$/,
    reason:
      'A second origin would be a copy of the bucket in another region, for files that a deployment restores from '
        + 'source in minutes. Write requests to the API cannot fail over',
  },
  {
    rule: 'cloudfront_custom_ssl_certificate_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'The site has no custom domain in this app, so CloudFront uses its default certificate. A site with the prop '
        + 'endpoint meets the rule',
  },
  {
    rule: 'cloudfront_sni_enabled_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'SNI applies only to a custom certificate, and the site has no custom domain in this app',
  },
  {
    rule: 'cloudfront_security_policy_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'CloudFront sets the security policy of its default certificate. With the prop endpoint, the site requires '
        + 'TLS 1.2 (2025) or later',
  },
  ...['cloudfront_custom_ssl_certificate_check', 'cloudfront_sni_enabled_check'].map((rule) => ({
    rule,
    path: /^KareMatch\/Site\/Distribution\/Resource$/,
    example: 'karematch-eu-west-1',
    reason: 'The certificate is created in us-east-1 and read from its stack at deployment (Fn::GetStackOutput). The '
      + `rule ${rule} does not support this function. The distribution uses the certificate with SNI`,
  })),
  {
    rule: 'cloudfront_traffic_to_origin_encrypted_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'The load balancer of development has no domain name, so it has no certificate that CloudFront accepts. '
        + 'Development contains only synthetic records, as environments.ts states',
  },
  {
    rule: 'alb_http_to_https_redirection_check',
    path: /^KareMatchDevelopment\/Entrance\/Resource\/Http\/Resource$/,
    reason:
      'Without a certificate, there is no HTTPS listener to redirect to. environments.ts states the reason for '
        + 'development',
  },
  {
    rule: 'elbv2_deletion_protection_enabled_check',
    path: /^KareMatchDevelopment\/Entrance\/Resource\/Resource$/,
    reason: 'One command destroys development. A protected load balancer would prevent the deletion of its stack',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /^KareMatchDevelopment\/Custom::S3AutoDeleteObjectsCustomResourceProvider\/Handler$/,
    reason:
      'aws-cdk-lib creates this function without a VPC option. It empties the buckets of development when their stack '
        + 'is deleted. Production does not have this function',
  },
  {
    rule: 'rds_instance_multi_az_support_check',
    path: /^KareMatchDevelopment\/Database\/Instance\/Resource$/,
    reason:
      'The document requires a standby only in production. Development can lose its database with a zone, because its '
        + 'data is disposable',
  },
  {
    rule: 'rds_instance_deletion_protection_enabled_check',
    path: /^(KareMatch)?Development\/Database\/Instance\/Resource$/,
    reason:
      'The data of development is disposable, and one command destroys it. A protected instance would make that '
        + 'command fail',
  },
  {
    rule: 'cloudwatch_log_group_encrypted_check',
    path: /^Orders\/Builds\/Resource$/,
    reason:
      'The example shows how an app acknowledges a finding on one log group, which contains build numbers and no PHI',
  },
];

/** The reason why a finding in an example is accepted, or undefined for a finding that is not accepted. */
export function guardException(rule: string, path: string, example: string): string | undefined {
  return GUARD_EXCEPTIONS.find(
    (exception) =>
      exception.rule === rule &&
      exception.path.test(path) &&
      (exception.example === undefined || exception.example === example),
  )?.reason;
}
