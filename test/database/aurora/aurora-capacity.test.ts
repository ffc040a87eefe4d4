import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AURORA_MYSQL, clusterOf, clusterRefusalOf, someCluster } from './some-cluster';
import { AuroraCapacity } from '../../../src/database/aurora/aurora-capacity';
import { newStack, propertiesOf, templateOf } from '../../support/app';

const postgres = (version: rds.AuroraPostgresEngineVersion) => rds.DatabaseClusterEngine.auroraPostgres({ version });
const mysql = (version: rds.AuroraMysqlEngineVersion) => rds.DatabaseClusterEngine.auroraMysql({ version });
const serverless = (minAcu: number, maxAcu: number) => AuroraCapacity.serverless({ minAcu, maxAcu });
const provisioned = (instanceType: string) =>
  AuroraCapacity.provisioned({ instanceType: new ec2.InstanceType(instanceType) });

test('refuses a capacity that is not a number', () => {
  expect(() => serverless(0.5, NaN)).toThrow(
    new Error('[AuroraCapacity.serverless] maxAcu must be a finite number, got NaN. Pass a finite number.'),
  );
});

describe('serverless', () => {
  test.each([[0.5, 1], [1, 1], [0.5, 2.5], [0, 4], [128, 256], [256, 256]])('accepts %d to %d', (minAcu, maxAcu) => {
    const database = someCluster(newStack(), { capacity: serverless(minAcu, maxAcu) });
    expect(clusterOf(database).ServerlessV2ScalingConfiguration).toEqual({ MinCapacity: minAcu, MaxCapacity: maxAcu });
    templateOf(database).allResourcesProperties('AWS::RDS::DBInstance', { DBInstanceClass: 'db.serverless' });
  });

  test.each([
    [
      0.7,
      1,
      'capacity.minAcu must be 0 to 256 in steps of 0.5, got 0.7. Use a number of Aurora capacity units in this range.',
    ],
    [
      -0.5,
      1,
      'capacity.minAcu must be 0 to 256 in steps of 0.5, got -0.5. Use a number of Aurora capacity units in this '
        + 'range.',
    ],
    [
      0.5,
      0.5,
      'capacity.maxAcu must be 1 to 256 in steps of 0.5, got 0.5. Use a number of Aurora capacity units in this range.',
    ],
    [
      0.5,
      256.5,
      'capacity.maxAcu must be 1 to 256 in steps of 0.5, got 256.5. Use a number of Aurora capacity units in this '
        + 'range.',
    ],
    [4, 2, 'capacity.minAcu must be at most maxAcu (2), got 4. Lower minAcu or raise maxAcu.'],
  ])('refuses %d to %d', (minAcu, maxAcu, message) => {
    expect(clusterRefusalOf({ capacity: serverless(minAcu, maxAcu) })).toBe(`[Stack/Database] ${message}`);
  });
});

describe('a minimum capacity of 0 ACU, which pauses the cluster,', () => {
  const capacity = serverless(0, 4);

  test.each([
    postgres(rds.AuroraPostgresEngineVersion.of('13.15', '13')),
    postgres(rds.AuroraPostgresEngineVersion.VER_14_12),
    postgres(rds.AuroraPostgresEngineVersion.VER_15_7),
    postgres(rds.AuroraPostgresEngineVersion.VER_15_10),
    postgres(rds.AuroraPostgresEngineVersion.VER_16_3),
    postgres(rds.AuroraPostgresEngineVersion.VER_17_4),
    postgres(rds.AuroraPostgresEngineVersion.of('16', '16')),
    postgres(rds.AuroraPostgresEngineVersion.of('${Token[Version.1]}', '16')),
    mysql(rds.AuroraMysqlEngineVersion.VER_3_08_0),
    mysql(rds.AuroraMysqlEngineVersion.VER_3_10_4),
    mysql(rds.AuroraMysqlEngineVersion.of('8.0', '8.0')),
    mysql(rds.AuroraMysqlEngineVersion.of('${Token[Version.1]}', '8.0')),
  ])('is accepted for $engineType $engineVersion.fullVersion', (engine) => {
    expect(clusterRefusalOf({ engine, capacity })).toBe('nothing was refused');
  });

  test.each([
    [postgres(rds.AuroraPostgresEngineVersion.VER_13_14), 'Aurora PostgreSQL 13.14', '13.15'],
    [postgres(rds.AuroraPostgresEngineVersion.VER_14_11), 'Aurora PostgreSQL 14.11', '14.12'],
    [postgres(rds.AuroraPostgresEngineVersion.VER_15_6), 'Aurora PostgreSQL 15.6', '15.7'],
    [postgres(rds.AuroraPostgresEngineVersion.VER_16_2), 'Aurora PostgreSQL 16.2', '16.3'],
    [mysql(rds.AuroraMysqlEngineVersion.VER_3_04_4), 'Aurora MySQL 3.04', '3.08'],
  ])('is refused for a version that does not support it', (engine, version, since) => {
    expect(clusterRefusalOf({ engine, capacity })).toBe(
      '[Stack/Database] capacity.minAcu must be at least 0.5, because the version cannot pause, got 0 with '
        + `${version}. ` +
        `Raise minAcu, or choose ${since} or newer.`,
    );
  });
});

describe('more than 128 ACU', () => {
  const capacity = serverless(8, 128.5);

  test.each([
    postgres(rds.AuroraPostgresEngineVersion.of('13.13', '13')),
    postgres(rds.AuroraPostgresEngineVersion.VER_14_10),
    postgres(rds.AuroraPostgresEngineVersion.VER_15_5),
    postgres(rds.AuroraPostgresEngineVersion.VER_16_1),
    postgres(rds.AuroraPostgresEngineVersion.VER_17_4),
    postgres(rds.AuroraPostgresEngineVersion.of('14', '14')),
    mysql(rds.AuroraMysqlEngineVersion.VER_3_06_0),
    mysql(rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.4.01.0', '8.4')),
    mysql(rds.AuroraMysqlEngineVersion.of('8.0', '8.0')),
  ])('are accepted for $engineType $engineVersion.fullVersion', (engine) => {
    expect(clusterRefusalOf({ engine, capacity })).toBe('nothing was refused');
  });

  test.each([
    [postgres(rds.AuroraPostgresEngineVersion.VER_13_12), 'Aurora PostgreSQL 13.12', '13.13'],
    [postgres(rds.AuroraPostgresEngineVersion.VER_14_9), 'Aurora PostgreSQL 14.9', '14.10'],
    [postgres(rds.AuroraPostgresEngineVersion.VER_15_4), 'Aurora PostgreSQL 15.4', '15.5'],
    [mysql(rds.AuroraMysqlEngineVersion.VER_3_05_2), 'Aurora MySQL 3.05', '3.06'],
  ])('are refused for a version that does not support them', (engine, version, since) => {
    expect(clusterRefusalOf({ engine, capacity })).toBe(
      `[Stack/Database] capacity.maxAcu must be at most 128, the maximum of the version, got 128.5 with ${version}. ` +
        `Lower maxAcu, or choose ${since} or newer.`,
    );
    expect(clusterRefusalOf({ engine, capacity: serverless(8, 128) })).toBe('nothing was refused');
  });
});

describe('provisioned', () => {
  const database = someCluster(newStack(), { capacity: provisioned('r7g.large'), readers: 2 });
  const template = templateOf(database);

  test('all instances have the class, and the first reader has the first failover priority', () => {
    expect(
      Object.values(propertiesOf(template, 'AWS::RDS::DBInstance')).map((instance) => [
        instance.DBInstanceClass,
        instance.PromotionTier,
      ]),
    ).toEqual([
      ['db.r7g.large', 0],
      ['db.r7g.large', 1],
      ['db.r7g.large', 2],
    ]);
  });

  test('the cluster has no serverless scaling', () => {
    expect(clusterOf(database).ServerlessV2ScalingConfiguration).toBeUndefined();
  });

  test.each(['t3.medium', 't4g.large', 'r5.large', 'r6gd.16xlarge', 'r8g.xlarge', 'x2g.4xlarge', '${Token[Class.1]}'])(
    '%s is accepted',
    (name) => {
      expect(clusterRefusalOf({ capacity: provisioned(name) })).toBe('nothing was refused');
    },
  );

  test.each(['t3.micro', 't4g.small', 'm7g.large', 'c7g.large', 'r4.large', 'db.r7g.large', 'serverless'])(
    '%s is refused',
    (name) => {
      expect(clusterRefusalOf({ capacity: provisioned(name) })).toBe(
        '[Stack/Database] capacity.instanceType must be a class that Aurora offers, without the prefix "db.": ' +
          `t3 or t4g in medium or large, r5, x2g or a newer generation, got '${name}'. Use, for example, `
            + 'ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE).',
      );
    },
  );

  test('a class without Performance Insights turns them off, with an info message', () => {
    const small = someCluster(newStack(), { engine: AURORA_MYSQL, capacity: provisioned('t3.medium') });
    expect(clusterOf(small)).toMatchObject({ PerformanceInsightsEnabled: false });
    templateOf(small).allResourcesProperties('AWS::RDS::DBInstance', { EnablePerformanceInsights: false });
    expect(small.node.metadata.map(({ data }) => data)).toContain(
      'Aurora MySQL on db.t3.medium does not offer Performance Insights: Database Insights shows no statements [ack: '
        + 'cdk-hipaa:no-performance-insights]',
    );
  });
});
