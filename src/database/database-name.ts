import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EngineProfile } from './engine-profile';
import { refuse } from '../private/refusal';

/** Refuses a database name that the engine would refuse, or that every statement would have to quote. Tokens pass. */
export function requireDatabaseName(scope: Construct, profile: EngineProfile, name: string): void {
  const { pattern, allowed, reserved } = profile.databaseName;
  if (Token.isUnresolved(name) || (pattern.test(name) && !reserved.includes(name.toLowerCase()))) return;
  refuse(scope, { prop: 'databaseName', given: name, allowed, change: 'choose another name' });
}
