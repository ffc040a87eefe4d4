import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile } from './engine-profile';
import { mysqlProfile } from './mysql-profile';
import { postgresProfile } from './postgres-profile';
import { refuse, Situation } from '../private/refusal';

type Hardening = (scope: Construct, version: rds.EngineVersion) => EngineProfile;
const PROFILES: { [engineType: string]: Hardening } = { postgres: postgresProfile, mysql: mysqlProfile };

/** The profile of an engine, or a refusal: of engines that this library does not harden, and of versions that cannot be hardened. */
export function engineProfileOf(scope: Construct, engine: rds.IInstanceEngine): EngineProfile {
  const version = engine.engineVersion;
  const profile = PROFILES[engine.engineType];
  if (!profile) {
    refuse(scope, {
      prop: 'engine',
      given: engine.engineType,
      allowed: 'PostgreSQL or MySQL',
      change: 'use rds.DatabaseInstanceEngine.postgres({ version }) or rds.DatabaseInstanceEngine.mysql({ version })',
    });
  }
  if (!version) {
    refuse(scope, {
      prop: 'engine',
      given: new Situation(`${engine.engineType} without a version`),
      allowed: 'an engine with a version, since parameters and options differ between versions',
      change: `use rds.DatabaseInstanceEngine.${engine.engineType}({ version })`,
    });
  }
  return profile(scope, version);
}
