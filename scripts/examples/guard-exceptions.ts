/**
 * Findings of the Control Tower Guard rules that cannot be met, reviewed one by one.
 * A row is for one rule on resources whose path ends in one way, and says why the rule cannot be met there.
 */
const GUARD_EXCEPTIONS: Array<{ readonly rule: string; readonly path: RegExp; readonly reason: string }> = [
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Custom::VpcRestrictDefaultSGCustomResourceProvider\/Handler$/,
    reason: 'aws-cdk-lib makes this function and offers no way to place it; it runs while the stack is deployed, and changes one security group through the public API of EC2',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Rotation\/Function\/Resource\/Resource$/,
    reason: 'Rotating a generated secret takes calls to Secrets Manager alone: no database is logged in to, so nothing in the VPC has to be reached',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Roller\/Function\/Resource\/Resource$/,
    reason: 'Rolling a service takes calls to ECS and Secrets Manager, whose APIs stand outside of the VPC; no secret value is read',
  },
  {
    rule: 'lambda_inside_vpc_check',
    path: /\/Inspector\/Resource\/Resource$/,
    reason: 'Enabling Inspector takes calls to Inspector and an answer to CloudFormation, while the stack is deployed and never else; the function sees no data of the application',
  },
  {
    rule: 'lambda_function_public_access_prohibited_check',
    path: /\/Rotation\/Function\/Resource\/SecretsManager$/,
    reason: 'The permission is for Secrets Manager on behalf of this account (SourceAccount), as AWS documents it for rotation; the rule takes the account as a literal only, and a stack for any account says Ref AWS::AccountId',
  },
  {
    rule: 'rds_instance_logging_enabled_check',
    path: /\/Database\/Instance\/Resource$/,
    reason: 'Audit, error and slow query log are exported; the fourth, the general log, holds every statement with its values, PHI included, and stays off',
  },
  {
    rule: 'rds_instance_no_default_ports_check',
    path: /\/Database\/Instance\/Resource$/,
    reason: 'The port keeps nobody out: isolated subnets and a security group that names each client do, and clients find the database at the port that they know',
  },
  {
    rule: 's3_bucket_default_encryption_kms_check',
    path: /\/Entrance\/AccessLogs\/Resource$/,
    reason: 'Elastic Load Balancing delivers its logs to buckets under the keys of S3 (AES256) and to no others',
  },
  {
    rule: 's3_bucket_logging_enabled_check',
    path: /\/Entrance\/AccessLogs\/Resource$/,
    reason: 'This bucket is where the access logs of the load balancer go: logs about the delivery of logs would never end',
  },
];

/** Why a finding is accepted, or undefined if it is not. */
export function guardException(rule: string, path: string): string | undefined {
  return GUARD_EXCEPTIONS.find((exception) => exception.rule === rule && exception.path.test(path))?.reason;
}
