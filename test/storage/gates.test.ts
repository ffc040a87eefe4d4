import * as path from 'path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImportedReplica, reports } from './some-bucket';
import { guardFindings } from '../../scripts/examples/guard';
import { DataProtection } from '../../src/core/data-protection';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { FieldEncryptionKey } from '../../src/storage/field-encryption-key';
import { MalwareScan } from '../../src/storage/malware-scan';
import { ObjectLock } from '../../src/storage/object-lock';
import { someService } from '../service/fargate-fixtures';
import { newApp, someVpc } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const US_EAST_1 = { account: '111122223333', region: 'us-east-1' };

/** A bucket with all options that are valid together, a field key, and the services that use them. */
function whole(app: App, env?: { account: string; region: string }, split = false): Stack[] {
  const data = new Stack(app, 'Data', { env });
  const services = split ? new Stack(app, 'Services', { env }) : data;
  const bucket = reports(data, {
    lifecycle: [
      { prefix: 'exports/', expireAfter: Duration.days(30) },
      { transitions: [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, after: Duration.days(90) }] },
    ],
    objectLock: ObjectLock.governance({ retention: Duration.days(30), reason: 'records policy 4' }),
    replicaBucket: anImportedReplica(data),
    vpcEndpoints: [ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(data, 'Endpoint', 'vpce-0123456789abcdef0')],
    malwareScan: MalwareScan.allObjects(),
    requestMetrics: true,
  });
  const fields = new FieldEncryptionKey(data, 'Fields', { contextKeys: ['table', 'column'] });
  const vpc = someVpc(services, (name) => `subnet-${Buffer.from(name).toString('hex').padStart(17, '0')}`);
  someService(services, { vpc, uses: [bucket, fields] }, 'Api');
  const role = new iam.Role(services, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  bucket.grantRead(role);
  bucket.grantWrite(role);
  fields.grantDecrypt(role);
  const monitoring = new WorkloadMonitoring(services, 'Monitoring', { email: 'oncall@example.com' });
  monitoring.watch(bucket, fields);
  return split ? [data, services] : [data];
}

test.each([[false], [true]])('no rule pack reports a finding (services in another stack: %s)', (split) => {
  const app = newApp();
  const [data] = whole(app, undefined, split);
  app.synth();
  expect(nagFindings(data)).toEqual([]);
});

test.each([[undefined], [US_EAST_1]])('CloudFormation Validate reports no finding in %j', (env) => {
  const app = newApp();
  whole(app, env);
  expect(templateFindings(app)).toEqual([]);
});

test('the rules of Control Tower report the log bucket only, which cannot meet them', () => {
  const app = newApp();
  whole(app, US_EAST_1);
  const { directory, stacks: [{ templateFile }] } = app.synth();
  const findings = guardFindings(path.join(directory, templateFile));
  const ours = findings.filter(({ logicalId }) => /Reports|Fields/.test(logicalId ?? ''));
  expect(ours.map(({ rule, logicalId }) => [logicalId, rule])).toEqual([
    ['ReportsAccessLogsE462890F', 's3_bucket_default_encryption_kms_check'],
    ['ReportsAccessLogsE462890F', 's3_bucket_logging_enabled_check'],
    ['ReportsAccessLogsE462890F', 's3_bucket_object_lock_enabled_check'],
  ]);
});

test('a disposable bucket has no findings of the rule packs', () => {
  const app = newApp();
  const stack = new Stack(app, 'Data');
  DataProtection.of(stack).disposable({ reason: 'synthetic records' });
  reports(stack, { malwareScan: MalwareScan.prefixes('uploads/') });
  expect(nagFindings(stack).filter((each) => each.includes('Reports'))).toEqual([]);
});
