import * as fs from 'fs';
import * as path from 'path';
// A dependency of @aws-cdk/cloudformation-diff, which has the same data.
// eslint-disable-next-line import/no-extraneous-dependencies
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { STATEFUL_TYPES } from '../../src/compliance/stateful-types';
import { ROOT } from '../examples/example';

/** The path of the lock in the repository. */
export const LOCK_FILE = 'test/upgrade-lock.json';

/** A stateful resource, with the values of its create-only properties. */
export interface LockedResource {
  readonly Type: string;
  /** The values as in the template, with their intrinsic functions. */
  readonly [property: string]: unknown;
}
/** The stateful resources of each example and variant, by `stack/logicalId`. */
export type UpgradeLock = Record<string, Record<string, LockedResource>>;

/** A difference between two locks. */
export interface LockChange {
  readonly text: string;
  /** Whether an update of a deployed stack loses something. A new resource loses nothing. */
  readonly breaking: boolean;
}

interface Template {
  readonly Resources?: Record<string, {
    readonly Type: string;
    readonly DeletionPolicy?: string;
    readonly Properties?: Record<string, unknown>;
  }>;
}

/** Types that lose messages or subscriptions when they are replaced, which is no loss of records. */
const FURTHER_TYPES = ['AWS::SNS::Topic', 'AWS::SQS::Queue'];

const createOnly = new Map<string, string[]>();
/** The properties of a type whose change replaces the resource, according to the resource schema of AWS. */
function createOnlyProperties(type: string): string[] {
  if (!createOnly.has(type)) {
    const [resource] = loadAwsServiceSpecSync().lookup('resource', 'cloudFormationType', 'equals', type);
    const properties = Object.entries(resource?.properties ?? {});
    createOnly.set(type, properties.filter(([, { causesReplacement }]) => causesReplacement === 'yes')
      .map(([name]) => name).sort());
  }
  return createOnly.get(type)!;
}

/** The stateful resources of a template: those of a stateful type, and those that outlive their stack. */
export function lockOf(stack: string, { Resources = {} }: Template): Record<string, LockedResource> {
  const stateful = Object.entries(Resources).filter(([, { Type, DeletionPolicy }]) =>
    STATEFUL_TYPES.includes(Type) || FURTHER_TYPES.includes(Type) || (DeletionPolicy ?? 'Delete') !== 'Delete');
  return Object.fromEntries(stateful.map(([id, { Type, Properties = {} }]) => [`${stack}/${id}`, {
    Type,
    ...Object.fromEntries(createOnlyProperties(Type).filter((name) => name in Properties)
      .map((name) => [name, Properties[name]])),
  }]));
}

/** The stateful resources of a cloud assembly, in the order of their names. */
export function lockOfAssembly(directory: string): Record<string, LockedResource> {
  const files = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.template.json'));
  const resources = files.flatMap((file) => Object.entries(lockOf(
    path.basename(file, '.template.json'), JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8')),
  )));
  return Object.fromEntries(resources.sort(([one], [other]) => one < other ? -1 : 1));
}

const WRITE = 'Run npx projen upgrade-lock.';
const MAJOR = 'Restore it. Only a new major version may change it, with npx projen upgrade-lock.';

/** The differences between two locks, each with its remedy. */
export function lockChanges(before: UpgradeLock, after: UpgradeLock): LockChange[] {
  const examples = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return examples.flatMap((example) => {
    const [old, now] = [before[example] ?? {}, after[example] ?? {}];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
      .flatMap((id) => resourceChanges(`${example}: ${id}`, old[id], now[id]));
  });
}

function resourceChanges(name: string, old?: LockedResource, now?: LockedResource): LockChange[] {
  if (!old) return [{ breaking: false, text: `${name} (${now!.Type}) is new. ${WRITE}` }];
  if (!now) {
    const text = `${name} (${old.Type}) is gone or has another logical ID. An update removes it from the stack, and `
      + `its successor is empty. ${MAJOR}`;
    return [{ breaking: true, text }];
  }
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
    .filter((property) => JSON.stringify(old[property]) !== JSON.stringify(now[property]))
    .map((property) => ({
      breaking: true,
      text: `${name} (${old.Type}): ${property} was ${JSON.stringify(old[property]) ?? 'absent'} and is `
        + `${JSON.stringify(now[property]) ?? 'absent'}. An update replaces the resource. ${MAJOR}`,
    }));
}

/** The text of the file, with one line for each resource. */
export function lockText(lock: UpgradeLock): string {
  const examples = Object.entries(lock).map(([example, resources]) => {
    const lines = Object.entries(resources).map(([id, each]) => `    ${JSON.stringify(id)}: ${JSON.stringify(each)}`);
    return `  ${JSON.stringify(example)}: {\n${lines.join(',\n')}\n  }`;
  });
  return `{\n${examples.join(',\n')}\n}\n`;
}

/** The lock in the repository. */
export function readLock(): UpgradeLock {
  return JSON.parse(fs.readFileSync(path.join(ROOT, LOCK_FILE), 'utf8'));
}
