import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AURORA_POSTGRES } from './some-cluster';
import { AuroraCapacity } from '../../../src/database/aurora/aurora-capacity';
import { EncryptedAuroraClusterProps } from '../../../src/database/aurora/aurora-cluster-props';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newApp } from '../../support/app';

const REPLACING = [
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
];
const proxy = DatabaseProxy.withPassword();
const postgres = (version: rds.AuroraPostgresEngineVersion) => rds.DatabaseClusterEngine.auroraPostgres({ version });
const provisioned = (size: ec2.InstanceSize) =>
  AuroraCapacity.provisioned({ instanceType: ec2.InstanceType.of(ec2.InstanceClass.R7G, size) });

interface Deployed {
  readonly zones?: number;
  readonly props?: Partial<EncryptedAuroraClusterProps>;
}

/** The template of a cluster with a proxy in some zones of an existing VPC. */
function deployed({ zones = 2, props = {} }: Deployed): object {
  const stack = new Stack(newApp(), 'Stack');
  const numbered = (prefix: string) => ['a', 'b', 'c'].slice(0, zones).map((zone) => prefix + zone);
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: numbered('eu-west-1'),
    isolatedSubnetIds: numbered('subnet-'),
  });
  new EncryptedAuroraCluster(stack, 'Database', { vpc, engine: AURORA_POSTGRES, proxy, ...props });
  return Template.fromStack(stack).toJSON();
}

/** The resources that an update adds, and those that it replaces. */
function impacts(before: Deployed, after: Deployed): { added: string[]; replaced: string[] } {
  const added: string[] = [];
  const replaced: string[] = [];
  fullDiff(deployed(before), deployed(after)).resources.forEachDifference((logicalId, change) => {
    if (change.isAddition) {added.push(change.newResourceType!);} else if (REPLACING.includes(change.changeImpact)) {
      replaced.push(`${change.newResourceType ?? change.oldResourceType} ${logicalId}: ${change.changeImpact}`);
    }
  });
  return { added, replaced };
}

describe('adding to a deployed cluster replaces nothing', () => {
  test.each<[string, Deployed, Deployed, string[]]>([
    ['a reader', {}, { props: { readers: 2 } }, ['AWS::RDS::DBInstance']],
    [
      'two more readers',
      { props: { readers: 2 } },
      { props: { readers: 4 } },
      ['AWS::RDS::DBInstance', 'AWS::RDS::DBInstance'],
    ],
    ['a zone', {}, { zones: 3 }, []],
    ['a zone and a reader in that zone', {}, { zones: 3, props: { readers: 2 } }, ['AWS::RDS::DBInstance']],
    ['a zone, with three readers', { props: { readers: 3 } }, { zones: 3, props: { readers: 3 } }, []],
    ['more capacity', {}, { props: { capacity: AuroraCapacity.serverless({ minAcu: 2, maxAcu: 32 }) } }, []],
    [
      'provisioned capacity instead of serverless',
      {},
      { props: { capacity: provisioned(ec2.InstanceSize.LARGE) } },
      [],
    ],
    [
      'a larger class',
      { props: { capacity: provisioned(ec2.InstanceSize.LARGE) } },
      { props: { capacity: provisioned(ec2.InstanceSize.XLARGE) } },
      [],
    ],
    ['a minor version', {}, { props: { engine: postgres(rds.AuroraPostgresEngineVersion.VER_16_11) } }, []],
    [
      'another backup window and a shorter retention',
      {},
      { props: { backup: { retention: Duration.days(7), window: '10:00-11:00' } } },
      [],
    ],
    ['a parameter', {}, { props: { parameters: { work_mem: '65536' } } }, []],
  ])('%s', (_name, before, after, added) => {
    expect(impacts(before, after)).toEqual({ added, replaced: [] });
  });
});

test('a major version replaces the parameter group, whose family changes, and no stateful resource', () => {
  const { replaced } = impacts({ props: { engine: postgres(rds.AuroraPostgresEngineVersion.VER_15_10) } }, {});
  expect(replaced).toEqual([
    `AWS::RDS::DBClusterParameterGroup DatabaseParametersB8AC9B07: ${ResourceImpact.WILL_REPLACE}`,
  ]);
});

test('another maintenance window can replace an instance only, which has no data and no fixed name', () => {
  const { replaced } = impacts({}, { props: { maintenanceWindow: 'mon:12:30-mon:13:30' } });
  expect(replaced.filter((line) => !line.startsWith('AWS::RDS::DBInstance '))).toEqual([]);
});

test('a proxy can be added and removed later', () => {
  const { replaced } = impacts({ props: { proxy: undefined } }, {});
  expect(replaced).toEqual([]);
  const gone = impacts({}, { props: { proxy: undefined } }).replaced;
  expect(gone.filter((line) => /DBCluster |DBInstance |KMS::Key|Backup/.test(line))).toEqual([]);
});

test('the test detects a change that replaces the cluster: the database name', () => {
  const { replaced } = impacts({}, { props: { databaseName: 'other' } });
  expect(replaced).toContain(`AWS::RDS::DBCluster DatabaseCluster5B53A178: ${ResourceImpact.WILL_REPLACE}`);
});
