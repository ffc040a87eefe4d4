import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { mysqlProfile } from '../../../src/database/engines/mysql-profile';
import { postgresProfile } from '../../../src/database/engines/postgres-profile';
import { tooManyConnections } from '../../../src/database/shared/instance-class';
import { newStack } from '../../support/app';
import { refusalOf } from '../instance/some-database';

const scope = new Construct(newStack(), 'Database');
const POSTGRES = postgresProfile(scope, { fullVersion: '16.8', majorVersion: '16' });
const MYSQL = mysqlProfile(scope, { fullVersion: '8.4.7', majorVersion: '8.4' });

describe('the threshold of connections: 70 % of the limit in the default parameters', () => {
  test.each([
    ['t4g.micro', 78, 59],
    ['t3.small', 157, 119],
    ['t4g.medium', 315, 238],
    ['m8g.medium', 315, 238],
    ['m7g.large', 630, 477],
    ['r6i.2xlarge', 3500, 3822],
    ['x2g.xlarge', 3500, 3822],
    ['z1d.large', 1261, 955],
  ])('%s: %d on PostgreSQL, %d on MySQL', (name, postgres, mysql) => {
    const instanceType = new ec2.InstanceType(name);
    expect(tooManyConnections(POSTGRES, instanceType, {})).toBe(postgres);
    expect(tooManyConnections(MYSQL, instanceType, {})).toBe(mysql);
  });

  test('follows from max_connections if the app sets it', () => {
    expect(tooManyConnections(POSTGRES, new ec2.InstanceType('t4g.micro'), { max_connections: '500' })).toBe(350);
  });

  test('is undefined for a class that is known only at deployment', () => {
    expect(tooManyConnections(POSTGRES, new ec2.InstanceType('${Token[Class.1]}'), {})).toBeUndefined();
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
