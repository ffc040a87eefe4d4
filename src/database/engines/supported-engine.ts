import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { auroraMysqlProfile, auroraPostgresProfile } from './aurora-profile';
import { EngineProfile } from './engine-profile';
import { mysqlProfile } from './mysql-profile';
import { postgresProfile } from './postgres-profile';
import { refuse, Situation } from '../../core/refusal';

/** A supported engine. */
interface SupportedEngine {
  /** The factory of aws-cdk-lib, as an example in messages. */
  readonly factory: string;
  /** The profile of a version. Versions that cannot be hardened are refused. */
  profile(scope: Construct, version: rds.EngineVersion): EngineProfile;
}

/** The engines of a construct, by their RDS names. */
interface SupportedEngines {
  readonly [engineType: string]: SupportedEngine;
}

const OF_INSTANCES: SupportedEngines = {
  postgres: { factory: 'rds.DatabaseInstanceEngine.postgres({ version })', profile: postgresProfile },
  mysql: { factory: 'rds.DatabaseInstanceEngine.mysql({ version })', profile: mysqlProfile },
};
const OF_CLUSTERS: SupportedEngines = {
  'aurora-postgresql': {
    factory: 'rds.DatabaseClusterEngine.auroraPostgres({ version })',
    profile: auroraPostgresProfile,
  },
  'aurora-mysql': { factory: 'rds.DatabaseClusterEngine.auroraMysql({ version })', profile: auroraMysqlProfile },
};

/** The profile of the engine of an instance. Unsupported engines and versions are refused. */
export function instanceProfileOf(scope: Construct, engine: rds.IInstanceEngine): EngineProfile {
  return profileOf(scope, engine, OF_INSTANCES, 'PostgreSQL or MySQL');
}

/** The profile of the engine of a cluster. Unsupported engines and versions are refused. */
export function clusterProfileOf(scope: Construct, engine: rds.IClusterEngine): EngineProfile {
  return profileOf(scope, engine, OF_CLUSTERS, 'Aurora PostgreSQL or Aurora MySQL');
}

function profileOf(scope: Construct, engine: rds.IEngine, engines: SupportedEngines, allowed: string): EngineProfile {
  const supported = engines[engine.engineType];
  const version = engine.engineVersion;
  if (!supported) {
    refuse(scope, {
      prop: 'engine',
      given: engine.engineType,
      allowed,
      change: `use ${Object.values(engines)
        .map(({ factory }) => factory)
        .join(' or ')}`,
    });
  }
  if (!version) {
    refuse(scope, {
      prop: 'engine',
      given: new Situation(`${engine.engineType} without a version`),
      allowed: 'an engine with a version, because parameters and options depend on it',
      change: `use ${supported.factory}`,
    });
  }
  return supported.profile(scope, version);
}
