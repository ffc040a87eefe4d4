import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { mysqlProfile } from '../../../src/database/engines/mysql-profile';
import { postgresProfile } from '../../../src/database/engines/postgres-profile';
import { memoryGib, tooManyConnections } from '../../../src/database/shared/instance-class';
import { newStack } from '../../support/app';
import { refusalOf } from '../instance/some-database';

const scope = new Construct(newStack(), 'Database');
const POSTGRES = postgresProfile(scope, { fullVersion: '16.8', majorVersion: '16' });
const MYSQL = mysqlProfile(scope, { fullVersion: '8.4.7', majorVersion: '8.4' });

describe('the threshold of connections: 70 % of the limit for the memory that RDS leaves to the database', () => {
  test.each([
    ['t4g.micro', 51, 38],
    ['t3.small', 126, 96],
    ['t4g.medium', 278, 210],
    ['m8g.medium', 278, 210],
    ['m7g.large', 580, 440],
    ['r6i.2xlarge', 3500, 3651],
    ['x2g.xlarge', 3500, 3651],
    ['z1d.large', 1186, 898],
  ])('%s: %d on PostgreSQL, %d on MySQL', (name, postgres, mysql) => {
    const instanceType = new ec2.InstanceType(name);
    expect(tooManyConnections(POSTGRES, instanceType, {})).toBe(postgres);
    expect(tooManyConnections(MYSQL, instanceType, {})).toBe(mysql);
  });

  // Sources of the limits: https://github.com/kirill-markin/flashcards-open-source-app/pull/1657,
  // https://www.pgflare.com/knowledge-base/rds-connection-pool-exhausted.html
  test.each([
    ['t4g.micro', 80],
    ['t4g.small', 181],
    ['t3.medium', 420],
    ['r5.large', 1700],
    ['r5.xlarge', 3400],
  ])('on %s, the threshold is from 60 to 75 %% of %d, the limit of a real PostgreSQL instance', (name, real) => {
    const threshold = tooManyConnections(POSTGRES, new ec2.InstanceType(name), {})!;
    expect(threshold / real).toBeGreaterThan(0.6);
    expect(threshold / real).toBeLessThan(0.75);
  });

  test('follows from max_connections if the app sets it', () => {
    expect(tooManyConnections(POSTGRES, new ec2.InstanceType('t4g.micro'), { max_connections: '500' })).toBe(350);
  });

  test('is undefined for a class that is known only at deployment', () => {
    expect(tooManyConnections(POSTGRES, new ec2.InstanceType('${Token[Class.1]}'), {})).toBeUndefined();
  });
});

describe('the memory of a class in GiB', () => {
  test.each([
    ['t4g.micro', 1],
    ['t3.small', 2],
    ['t4g.2xlarge', 32],
    ['m8g.medium', 4],
    ['r8g.medium', 8],
    ['m6gd.16xlarge', 256],
    ['r7i.48xlarge', 1536],
    ['z1d.12xlarge', 384],
    ['x2g.xlarge', 64],
    ['x1.16xlarge', 976],
    ['x1e.xlarge', 122],
    ['x2iedn.32xlarge', 4096],
    ['${Token[Class.1]}', undefined],
  ])('%s: %d', (name, gib) => {
    expect(memoryGib(new ec2.InstanceType(name))).toBe(gib);
  });
});

describe('classes', () => {
  test.each([
    't3.micro',
    't4g.2xlarge',
    'm5.large',
    'm6gd.16xlarge',
    'r8g.medium',
    'x2iedn.32xlarge',
    'x8g.large',
    'm10g.large',
    'z1d.12xlarge',
  ])('%s is accepted', (name) => {
    expect(refusalOf({ instanceType: new ec2.InstanceType(name) })).toBe('nothing was refused');
  });

  test.each([
    't2.micro',
    't4g.nano',
    'c7g.large',
    'm4.large',
    'r4.large',
    'g5.xlarge',
    'db.t4g.micro',
    'm7g.metal',
    'large',
  ])('%s is refused', (name) => {
    expect(refusalOf({ instanceType: new ec2.InstanceType(name) })).toBe(
      '[Stack/Database] instanceType must be a class that RDS offers with encryption, without the prefix "db.": t3, '
        + `m5, r5, x1, z1d or a newer generation, got '${name}'. ` +
        'Use, for example, ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM).',
    );
  });
});
