/**
 * Findings of the Control Tower Guard rules that cannot be met, reviewed one by one. A row is for one rule on resources
 * whose path ends in one way, perhaps in one example alone, and says why the rule cannot be met there.
 */
const GUARD_EXCEPTIONS: Array<{
  readonly rule: string;
  readonly path: RegExp;
  readonly example?: string;
  readonly reason: string;
}> = [
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Custom::VpcRestrictDefaultSGCustomResourceProvider\/Handler$/,
    reason:
      'aws-cdk-lib makes this function and offers no way to place it; it runs while the stack is deployed, and '
        + 'changes one security group through the public API of EC2',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Rotation\/Function\/Resource\/Resource$/,
    reason:
      'Rotating a generated secret takes calls to Secrets Manager alone: no database is logged in to, so nothing in '
        + 'the VPC has to be reached',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Age\/Function\/Resource\/Resource$/,
    reason:
      'Measuring the age of secrets takes one call a day to Secrets Manager, which answers with dates and no values',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Roller\/Function\/Resource\/Resource$/,
    reason:
      'Rolling a service takes calls to ECS and Secrets Manager, whose APIs stand outside of the VPC; no secret value '
        + 'is read',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Config\/Recorder\/Resource\/Resource$/,
    reason:
      'Making the recorder takes calls to AWS Config, IAM and CloudFormation, while the stack is deployed; what is '
        + 'recorded never comes near the function',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Trail\/Bucket\/Resource$/,
    reason:
      'The trail itself tells who reads or writes an object of this bucket: it records what is done to the objects of '
        + 'every bucket, its own included',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Config\/Bucket\/Resource$/,
    reason:
      'The history of configurations ends here; who reads it is in the trail, and a log of what AWS Config delivers '
        + 'would be a second history of the same',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Inspector\/Resource\/Resource$/,
    reason:
      'Enabling Inspector takes calls to Inspector and an answer to CloudFormation, while the stack is deployed and '
        + 'never else; the function sees no data of the application',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/GuardDuty\/Resource\/Resource$/,
    reason:
      'Enabling GuardDuty takes calls to its public API and an answer to CloudFormation, now and then in the life of '
        + 'a stack; findings never pass through the function',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/SecurityHub\/Resource\/Resource$/,
    reason:
      'Enabling Security Hub and its standards takes calls to its public API while the stack is deployed; what is '
        + 'checked, and what is found, the function never sees',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/AccessAnalyzer\/Resource\/Resource$/,
    reason:
      'Making an analyzer is one call to a public API during a deployment; the function reads no policy and no '
        + 'resource itself',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/AccountSettings\/Resource\/Resource$/,
    reason:
      'Settings of an account are set through the public APIs of EC2, IAM and S3, in seconds, during a deployment; '
        + 'none of these APIs needs a network of the account',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Site\/Deployment\/Function\/Resource\/Resource$/,
    reason:
      'Deploying a site takes calls to S3, CloudFront and CloudFormation while its stack is deployed; what the '
        + 'function copies is what every visitor of the site may read',
  },
  {
    rule: 'lambda_function_public_access_prohibited_check',
    path: /\/Rotation\/Function\/Resource\/SecretsManager$/,
    reason:
      'The permission is for Secrets Manager on behalf of this account (SourceAccount), as AWS documents it for '
        + 'rotation; the rule takes the account as a literal only, and a stack for any account says Ref AWS::AccountId',
  },
  {
    rule: 'rds_instance_logging_enabled_check',
    path: /\/Database\/Instance\/Resource$/,
    reason:
      'Audit, error and slow query log are exported; the fourth, the general log, holds every statement with its '
        + 'values, PHI included, and stays off',
  },
  {
    rule: 'rds_instance_no_default_ports_check',
    path: /\/Database\/Instance\/Resource$/,
    reason:
      'The port keeps nobody out: isolated subnets and a security group that names each client do, and clients find '
        + 'the database at the port that they know',
  },
  {
    rule: 'ec2_instance_nitro_encryption_in_transit_check',
    path: /\/Bastion\/Instance\/Resource$/,
    reason:
      'The rule is about traffic between machines of EC2. A bastion speaks to none: to Systems Manager, to packages '
        + 'and to databases it speaks over TLS, which the databases insist on; the smallest type that the rule takes '
        + 'costs four times as much',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/(Entrance|LoadBalancer)\/AccessLogs\/Resource$/,
    reason: 'Elastic Load Balancing delivers its logs to buckets under the keys of S3 (AES256) and to no others',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/(Entrance|LoadBalancer)\/AccessLogs\/Resource$/,
    reason:
      'This bucket is where the access logs of the load balancer go: logs about the delivery of logs would never end',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      "The server access logs of the site's bucket come here too, and S3 writes those to buckets under its own keys "
        + '(AES256) only',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      'The access logs of a distribution and of a bucket end here: this bucket is the target, and logging into itself '
        + 'would feed on itself',
  },
  {
    rule: 's3_bucket_object_lock_enabled_check',
    path: /\/Site\/AccessLogs\/Resource$/,
    reason:
      "S3 writes the server access logs of the site's bucket to no bucket with object lock, and nobody would know who "
        + 'read it. Versions bring back what is overwritten or deleted',
  },
  {
    rule: 'cloudfront_origin_failover_enabled_check',
    path: /\/Site\/Distribution\/Resource$/,
    reason:
      'A second origin would be a copy of the bucket in another region, for files that are built from source and '
        + 'deployed again in minutes; requests that change something at the API cannot fail over at all',
  },
  {
    rule: 'cloudfront_custom_ssl_certificate_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      "The site has no domain of its own in this app, so CloudFront's certificate answers; with endpoint it is one of "
        + 'the app, and the rule is met',
  },
  {
    rule: 'cloudfront_sni_enabled_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'How a certificate is chosen can be set for one of the app only; the site has no domain of its own in this app',
  },
  {
    rule: 'cloudfront_security_policy_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'CloudFront fixes the protocols under its own certificate; with endpoint the site speaks TLS 1.2 (2025) and '
        + 'later',
  },
  ...['cloudfront_custom_ssl_certificate_check', 'cloudfront_sni_enabled_check'].map((rule) => ({
    rule,
    path: /^KareMatch\/Site\/Distribution\/Resource$/,
    example: 'karematch-eu-west-1',
    reason: 'The certificate is made in us-east-1 and read from its stack at deployment (Fn::GetStackOutput), which '
      + `the rule ${rule} does not know; it is there, and shown by SNI`,
  })),
  {
    rule: 'cloudfront_traffic_to_origin_encrypted_check',
    path: /^KareMatchDevelopment\/Site\/Distribution\/Resource$/,
    reason:
      'Development has no domain name for its load balancer, so no certificate that CloudFront would accept; it holds '
        + 'synthetic records only, as environments.ts says',
  },
  {
    rule: 'alb_http_to_https_redirection_check',
    path: /^KareMatchDevelopment\/Entrance\/Resource\/Http\/Resource$/,
    reason:
      'Without a certificate there is no HTTPS listener to send clients over to; development says so, with a reason, '
        + 'in environments.ts',
  },
  {
    rule: 'elbv2_deletion_protection_enabled_check',
    path: /^KareMatchDevelopment\/Entrance\/Resource\/Resource$/,
    reason: 'Development is destroyed with one command; a protected load balancer would keep its stack',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /^KareMatchDevelopment\/Custom::S3AutoDeleteObjectsCustomResourceProvider\/Handler$/,
    reason:
      'aws-cdk-lib makes this function and offers no way to place it; it empties the buckets of development while '
        + 'their stack is deleted, and there is none in production',
  },
  {
    rule: 'rds_instance_multi_az_support_check',
    path: /^KareMatchDevelopment\/Database\/Instance\/Resource$/,
    reason:
      'The document has a standby in production only; development may lose its database with a zone, since what it '
        + 'holds is disposable',
  },
  {
    rule: 'rds_instance_deletion_protection_enabled_check',
    path: /^(KareMatch)?Development\/Database\/Instance\/Resource$/,
    reason:
      'The data of development is disposable, and one command destroys it; a protected instance would stop that '
        + 'command',
  },
  {
    rule: 'cloudwatch_log_group_encrypted_check',
    path: /^Orders\/Builds\/Resource$/,
    reason:
      'The example shows how an app acknowledges a finding on one log group, which holds build numbers and no PHI',
  },
];

/** Why a finding in an example is accepted, or undefined if it is not. */
export function guardException(rule: string, path: string, example: string): string | undefined {
  return GUARD_EXCEPTIONS.find(
    (exception) =>
      exception.rule === rule &&
      exception.path.test(path) &&
      (exception.example === undefined || exception.example === example),
  )?.reason;
}
