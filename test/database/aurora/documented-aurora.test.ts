import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AURORA_MYSQL, someCluster } from './some-cluster';
import { AuroraCapacity } from '../../../src/database/aurora/aurora-capacity';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newApp, propertiesOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';
import { only } from '../instance/some-database';

const VALIDATED = { '@aws-cdk/core:validateAgainstDefaultRules': true };
const PRIVATE_DATA = {
  subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  restrictDefaultSecurityGroup: false,
};

/** The documented cluster of a larger product: data subnets with egress, and a capacity of 0.5 to 1 ACU. */
function documented(app: App): EncryptedAuroraCluster {
  return someCluster(new Stack(app, 'Stack'), {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_15_10 }),
    capacity: AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 1 }),
    databaseName: 'omnirapeutic',
    backup: { retention: Duration.days(7) },
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
  });
}

describe('the cluster as documented', () => {
  const database = documented(newApp());
  const template = Template.fromStack(Stack.of(database));
  const cluster = only(template, 'AWS::RDS::DBCluster');

  test.each<[string, unknown]>([
    ['Engine', 'aurora-postgresql'],
    ['EngineVersion', '15.10'],
    ['ServerlessV2ScalingConfiguration', { MinCapacity: 0.5, MaxCapacity: 1 }],
    ['DatabaseName', 'omnirapeutic'],
    ['BackupRetentionPeriod', 7],
    ['StorageEncrypted', true],
    ['MasterUsername', 'dbowner'],
  ])('%s is %j', (property, value) => {
    expect(cluster[property]).toEqual(value);
  });

  test('it has two zones, and a reader for automatic failover', () => {
    expect(
      Object.values(propertiesOf(template, 'AWS::RDS::DBInstance')).map((instance) => [
        instance.AvailabilityZone,
        instance.PromotionTier,
      ]),
    ).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
  });

  test('it enforces TLS and loads pgAudit', () => {
    expect(only(template, 'AWS::RDS::DBClusterParameterGroup')).toMatchObject({
      Family: 'aurora-postgresql15',
      Parameters: {
        'rds.force_ssl': '1',
        'shared_preload_libraries': 'pg_stat_statements,pgaudit',
        'pgaudit.log': 'ddl,role',
      },
    });
  });

  test('the packs report nothing', () => {
    expect(nagFindings(database)).toEqual([]);
  });
});

test.each<[string, (stack: Stack, vpc: ec2.IVpc) => void]>([
  ['as documented, including its version', (stack) => documented(stack.node.root as App)],
  [
    'Aurora PostgreSQL behind a proxy',
    (stack, vpc) => someCluster(stack, { vpc, proxy: DatabaseProxy.withPassword() }),
  ],
  [
    'Aurora MySQL behind a proxy with IAM tokens',
    (stack, vpc) => someCluster(stack, { vpc, engine: AURORA_MYSQL, proxy: DatabaseProxy.withIamToken() }),
  ],
  [
    'provisioned instances',
    (stack, vpc) =>
      someCluster(stack, {
        vpc,
        capacity: AuroraCapacity.provisioned({ instanceType: new ec2.InstanceType('r7g.large') }),
        readers: 2,
      }),
  ],
])('CloudFormation Validate reports nothing: %s', (name, make) => {
  const app = new App({ analyticsReporting: false, context: VALIDATED });
  const stack = new Stack(app, name.startsWith('as documented') ? 'Other' : 'Stack');
  make(stack, new ec2.Vpc(stack, 'Vpc', PRIVATE_DATA));
  expect(templateFindings(app)).toEqual([]);
});

test('CloudFormation Validate reports nothing if the VPC names its zones', () => {
  const app = new App({ analyticsReporting: false, context: VALIDATED });
  const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'eu-west-1' } });
  someCluster(stack, {
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      isolatedSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    }),
  });
  expect(templateFindings(app)).toEqual([]);
});

test('CloudFormation Validate reports a version that AWS does not offer', () => {
  const app = new App({ analyticsReporting: false, context: VALIDATED });
  someCluster(new Stack(app, 'Stack'), {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.of('15.11', '15') }),
  });
  expect(templateFindings(app).map((finding) => finding.slice(0, 77))).toEqual([
    "E9006 at Stack/Database/Cluster/Resource: EngineVersion: '15.11' is not one o",
  ]);
});
