import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { SsmBastionProps } from './ssm-bastion-props';
import { refuse, requireDistinct, Situation } from '../core/refusal';

/**
 * The maximum size of user data before its encoding.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
 */
const MAX_USER_DATA_BYTES = 16_384;
/** The clients of PostgreSQL 16, which also work with older and newer servers. */
const DEFAULT_PACKAGES = ['postgresql16'];
/** The name of a package is a part of the name of its file, which has at most 255 characters. */
const PACKAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,254}$/;
/** A host name or an address, without a port. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/;
/** A family with its generation, and a size: `u-6tb1.112xlarge`. */
const INSTANCE_TYPE = /^[a-z]+[a-z0-9-]*\d[a-z0-9-]*\.[a-z0-9-]+$/;
const ROTATION_MARKER = /^[\w.:-]{1,64}$/;
/** The idle timeout of a session in minutes: its default, and its maximum in the schema of session documents. */
const DEFAULT_IDLE_MINUTES = 15;
const MAX_IDLE_MINUTES = 60;
/** The duration of a session in minutes: its default, a working day, and its maximum in the same schema. */
const DEFAULT_SESSION_MINUTES = 480;
const MAX_SESSION_MINUTES = 1440;

/** The time limits of a session. */
export interface SessionLimits {
  readonly idleTimeout: Duration;
  readonly maxSessionDuration: Duration;
}

/** Returns the time limits of sessions. Refuses limits that Session Manager does not support. */
export function validateSessions(scope: IConstruct, props: SsmBastionProps): SessionLimits {
  const idleTimeout = validateIdleTimeout(scope, props.idleTimeout);
  const maxSessionDuration = props.maxSessionDuration ?? Duration.minutes(DEFAULT_SESSION_MINUTES);
  requireMinutes(scope, 'maxSessionDuration', maxSessionDuration, MAX_SESSION_MINUTES);
  return { idleTimeout, maxSessionDuration };
}

/** Returns the time without input after which a session ends. Refuses a time that is not 1 to 60 whole minutes. */
export function validateIdleTimeout(
  scope: IConstruct, idleTimeout = Duration.minutes(DEFAULT_IDLE_MINUTES),
): Duration {
  requireMinutes(scope, 'idleTimeout', idleTimeout, MAX_IDLE_MINUTES);
  return idleTimeout;
}

function requireMinutes(scope: IConstruct, prop: string, given: Duration, max: number): void {
  if (given.isUnresolved()) return;
  const minutes = given.toMinutes({ integral: false });
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= max) return;
  refuse(scope, { prop, given, allowed: `1 to ${max} whole minutes`, change: 'use Duration.minutes(…)' });
}

/** Refuses text that is not the name of an instance type: aws-cdk-lib throws without the construct and the prop. */
export function requireInstanceType(scope: IConstruct, instanceType: ec2.InstanceType): void {
  const given = instanceType.toString();
  if (Token.isUnresolved(given) || INSTANCE_TYPE.test(given)) return;
  refuse(scope, {
    prop: 'instanceType',
    given,
    allowed: "the name of an instance type, such as 't4g.micro'",
    change: 'use, for example, ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO)',
  });
}

/** Returns the packages to install. Refuses invalid package names, because a shell runs them. */
export function validatePackages(scope: IConstruct, packages: string[] = DEFAULT_PACKAGES): string[] {
  const refusePackages = (given: unknown, allowed: string, change: string) =>
    refuse(scope, { prop: 'packages', given, allowed, change });
  if (Token.isUnresolved(packages)) refusePackages(packages, 'a list that is known at synthesis', 'use literal names');
  if (!Array.isArray(packages)) refusePackages(packages, 'a list of names', 'put the name into a list');
  if (packages.length === 0) {
    refusePackages(packages, 'a list of at least one package', 'remove packages, or name the clients that you need');
  }
  requireDistinct(scope, 'packages', packages);
  for (const name of packages) {
    if (Token.isUnresolved(name) || PACKAGE_NAME.test(name)) continue;
    refusePackages(
      name,
      'names of Amazon Linux packages, each of at most 255 characters',
      'pass the name only, such as postgresql16',
    );
  }
  return packages;
}

/** Refuses a script that Amazon EC2 does not accept. Only the names of packages can be that long. */
export function requireShortStart(scope: IConstruct, script: string): void {
  const bytes = Buffer.byteLength(script);
  if (bytes <= MAX_USER_DATA_BYTES) return;
  refuse(scope, {
    prop: 'packages',
    given: new Situation(`packages whose names make a script of ${bytes} bytes`),
    allowed: `a list with which the user data has at most ${MAX_USER_DATA_BYTES} bytes, the limit of Amazon EC2`,
    change: 'pass only the clients that people need, or an image that contains them',
  });
}

/** Returns the rotation marker. Refuses characters that could end a comment in the user data. */
export function validateRotationMarker(scope: IConstruct, rotationMarker: string | undefined): string | undefined {
  if (rotationMarker === undefined || Token.isUnresolved(rotationMarker)) return rotationMarker;
  if (ROTATION_MARKER.test(rotationMarker)) return rotationMarker;
  return refuse(scope, {
    prop: 'rotationMarker',
    given: rotationMarker,
    allowed: '1 to 64 letters, digits and _ . : -',
    change: 'use the month, such as 2026-06',
  });
}

/** Refuses a host that is not a name or an address, because a shell reads it. Tokens pass. */
export function requireForwardHost(scope: IConstruct, host: string): void {
  if (Token.isUnresolved(host) || HOST.test(host)) return;
  const allowed = 'a host name or an address of at most 253 characters';
  refuse(scope, { prop: 'host', given: host, allowed, change: 'pass the host only' });
}
