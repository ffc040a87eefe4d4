import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { EngineProfile } from '../engines/engine-profile';
import { refuse } from '../../core/refusal';

/** Families that RDS offers with encryption at rest: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html */
const RDS_CLASS = /^(t[3-9][a-z]*|[mr](?:[5-9]|\d\d)[a-z]*|x[1-9][a-z]*|z1d)\.(micro|small|medium|(\d+)?x?large)$/;
/** Memory of the burstable sizes, in GiB. */
const BURSTABLE_GIB: { [size: string]: number } = { 'micro': 1, 'small': 2, 'medium': 4, 'large': 8, 'xlarge': 16, '2xlarge': 32 };
/** Memory for each virtual CPU, in GiB, by the first letter of the family. */
const GIB_PER_VCPU: { [letter: string]: number } = { m: 4, r: 8, x: 16, z: 8 };
/** Virtual CPUs of an `xlarge`; `4xlarge` has four times as many, `large` half. */
const VCPUS_OF_XLARGE = 4;
const BYTES_PER_GIB = 1024 ** 3;
/** `DBInstanceClassMemory` is what the operating system leaves, so the real limit lies below the formula's; together with headroom: */
const CONNECTIONS_IN_USE_PERCENT = 70;

/** Refuses what RDS has no class for. Tokens pass. */
export function requireInstanceClass(scope: Construct, instanceType: ec2.InstanceType): void {
  const written = instanceType.toString();
  if (Token.isUnresolved(written) || RDS_CLASS.test(written)) return;
  refuse(scope, {
    prop: 'instanceType',
    given: written,
    allowed: 'a class that RDS offers with encryption, without "db." before it: t3, m5, r5, x1, z1d and their successors',
    change: 'use for example ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM)',
  });
}

/** Whether performance insights are offered for an engine on a class. */
export function offersPerformanceInsights(profile: EngineProfile, instanceType: ec2.InstanceType): boolean {
  return !profile.withoutPerformanceInsights.test(instanceType.toString());
}

/** How many connections are too many, unless the class is known only at deployment. */
export function tooManyConnections(
  profile: EngineProfile,
  instanceType: ec2.InstanceType,
  parameters: { [name: string]: string },
): number | undefined {
  const memory = memoryGib(instanceType);
  return tooManyOf(memory === undefined ? undefined : profile.defaultConnections(memory * BYTES_PER_GIB), parameters);
}

/** How many connections are too many of those that are allowed: by the app, else by AWS. Nothing where neither is known. */
export function tooManyOf(allowedByAws: number | undefined, parameters: { [name: string]: string }): number | undefined {
  const limit = Number(parameters.max_connections);
  const allowed = limit > 0 ? limit : allowedByAws;
  return allowed === undefined ? undefined : Math.floor(allowed * CONNECTIONS_IN_USE_PERCENT / 100);
}

/** The memory of a class in GiB, unless it is known only at deployment. */
export function memoryGib(instanceType: ec2.InstanceType): number | undefined {
  const match = RDS_CLASS.exec(instanceType.toString());
  if (!match) return undefined;
  const [, family, size, multiple] = match;
  if (family.startsWith('t')) return BURSTABLE_GIB[size];
  const xlarges = size === 'medium' ? 0.25 : size === 'large' ? 0.5 : Number(multiple ?? 1);
  return GIB_PER_VCPU[family[0]] * VCPUS_OF_XLARGE * xlarges;
}
