import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { refuse } from '../../core/refusal';
import { EngineProfile } from '../engines/engine-profile';

/**
 * The instance families that RDS offers with encryption at rest.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
 */
const RDS_CLASS = /^(t[3-9][a-z]*|[mr](?:[5-9]|\d\d)[a-z]*|x[1-9][a-z]*|z1d)\.(micro|small|medium|(\d+)?x?large)$/;
/** The memory of burstable sizes, in GiB. */
const BURSTABLE_GIB: { [size: string]: number } = {
  'micro': 1,
  'small': 2,
  'medium': 4,
  'large': 8,
  'xlarge': 16,
  '2xlarge': 32,
};
/**
 * The memory per vCPU, in GiB, by the first letter of the family.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
const GIB_PER_VCPU: { [letter: string]: number } = { m: 4, r: 8, x: 16, z: 8 };
const GIB_PER_VCPU_OF_FAMILY: { [family: string]: number } = { x1: 15.25, x1e: 30.5, x2iedn: 32 };
/** The vCPUs of an `xlarge`. `4xlarge` has four times as many, `large` half. */
const VCPUS_OF_XLARGE = 4;
const BYTES_PER_GIB = 1024 ** 3;
/**
 * The memory that `DBInstanceClassMemory` does not contain.
 *
 * The defaults of the parameter groups derive from this variable. It leaves out the operating system and the processes
 * of RDS. AWS publishes no numbers. With these, the limit on PostgreSQL is 181 for 2 GiB and about 1,700 for 16 GiB, as
 * measured in
 * https://github.com/kirill-markin/flashcards-open-source-app/pull/1657 (db.t4g.small) and
 * https://www.pgflare.com/knowledge-base/rds-connection-pool-exhausted.html (db.r5.large).
 */
const RESERVED_BYTES = 320 * 1024 ** 2;
const RESERVED_PERCENT = 4;
/** The alarm threshold in percent. */
const CONNECTIONS_IN_USE_PERCENT = 70;

/** Refuses an instance class that RDS does not offer. Tokens pass. */
export function requireInstanceClass(scope: Construct, instanceType: ec2.InstanceType): void {
  const written = instanceType.toString();
  if (Token.isUnresolved(written) || RDS_CLASS.test(written)) return;
  refuse(scope, {
    prop: 'instanceType',
    given: written,
    allowed:
      'a class that RDS offers with encryption, without the prefix "db.": t3, m5, r5, x1, z1d or a newer generation',
    change: 'use, for example, ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM)',
  });
}

/** Whether the instance class offers Performance Insights for the engine. */
export function offersPerformanceInsights(profile: EngineProfile, instanceType: ec2.InstanceType): boolean {
  return !profile.withoutPerformanceInsights.test(instanceType.toString());
}

/** The threshold of the connections alarm, or undefined if the class is a token. */
export function tooManyConnections(
  profile: EngineProfile,
  instanceType: ec2.InstanceType,
  parameters: { [name: string]: string },
): number | undefined {
  const memory = memoryGib(instanceType);
  return tooManyOf(
    memory === undefined ? undefined : profile.defaultConnections(databaseMemoryBytes(memory)), parameters,
  );
}

/** The `DBInstanceClassMemory` of a class with this memory in GiB: an estimate on the low side. */
export function databaseMemoryBytes(gib: number): number {
  return gib * BYTES_PER_GIB * (1 - RESERVED_PERCENT / 100) - RESERVED_BYTES;
}

/** The threshold for a limit of connections: `max_connections` if set, otherwise the default of AWS. */
export function tooManyOf(
  allowedByAws: number | undefined,
  parameters: { [name: string]: string },
): number | undefined {
  const limit = Number(parameters.max_connections);
  const allowed = limit > 0 ? limit : allowedByAws;
  return allowed === undefined ? undefined : Math.floor((allowed * CONNECTIONS_IN_USE_PERCENT) / 100);
}

/** The memory of a class in GiB, or undefined if the class is a token. */
export function memoryGib(instanceType: ec2.InstanceType): number | undefined {
  const match = RDS_CLASS.exec(instanceType.toString());
  if (!match) return undefined;
  const [, family, size, multiple] = match;
  if (family.startsWith('t')) return BURSTABLE_GIB[size];
  const xlarges = size === 'medium' ? 0.25 : size === 'large' ? 0.5 : Number(multiple ?? 1);
  return (GIB_PER_VCPU_OF_FAMILY[family] ?? GIB_PER_VCPU[family[0]]) * VCPUS_OF_XLARGE * xlarges;
}
