import * as fs from 'fs';
import * as path from 'path';
import { IConstruct } from 'constructs';
import { refuse, requireText } from '../core/refusal';

/** The context value with which a synthesis writes the baseline. */
export const WRITE_BASELINE = 'cdk-hipaa:writeBaseline';
/** The version of the file's schema. */
const SCHEMA_VERSION = '1.0';
const COMMAND = `cdk synth -c ${WRITE_BASELINE}=true`;

/** A known finding. It has no logical ID and no text, which change without a change of the finding. */
export interface KnownFinding {
  /** The ID with its namespace, and with the container or variable: `cdk-hipaa::ContainerRunsAsRoot[app]`. */
  readonly id: string;
  /** The path of the construct. */
  readonly path: string;
  /** The number of places in the resource. A further place is a new finding. */
  readonly count: number;
}

/** Whether the synthesis writes the baseline. The CDK CLI passes a context value as a text. */
export function writesBaseline(scope: IConstruct): boolean {
  return ['true', true].includes(scope.node.tryGetContext(WRITE_BASELINE));
}

/** Reads a baseline. The result is empty if the synthesis writes it. */
export function readBaseline(scope: IConstruct, file: string | undefined): KnownFinding[] {
  if (file === undefined) return [];
  requireText(scope, 'baseline', file, 'name the file with the known findings');
  if (writesBaseline(scope)) return [];
  const refuseFile = (given: string): never => refuse(scope, {
    prop: 'baseline',
    given,
    allowed: 'the path of a file that the checks have written',
    change: `write it with ${COMMAND}`,
  });
  if (!fs.existsSync(file)) return refuseFile(file);
  const findings = findingsIn(fs.readFileSync(file, 'utf8'));
  return findings ?? refuseFile(`${file}, which is not a baseline`);
}

function findingsIn(text: string): KnownFinding[] | undefined {
  try {
    const { schemaVersion, findings } = JSON.parse(text) as { schemaVersion?: unknown; findings?: unknown };
    if (!String(schemaVersion).startsWith('1.') || !Array.isArray(findings)) return undefined;
    return findings.every(isKnownFinding) ? findings : undefined;
  } catch {
    return undefined;
  }
}

function isKnownFinding(value: unknown): value is KnownFinding {
  const { id, path: at, count } = (value ?? {}) as Partial<KnownFinding>;
  return typeof id === 'string' && typeof at === 'string' && Number.isInteger(count) && count! > 0;
}

/** Writes a baseline in the order of the paths, so that a change of one finding changes one line. */
export function writeBaseline(file: string, findings: KnownFinding[]): void {
  const order = ({ id, path: at }: KnownFinding) => `${at} ${id}`;
  const sorted = [...findings].sort((a, b) => order(a) < order(b) ? -1 : 1);
  const lines = sorted.map((finding) => `    ${JSON.stringify(finding)}`).join(',\n');
  const list = sorted.length === 0 ? '[]' : `[\n${lines}\n  ]`;
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  fs.writeFileSync(file, `{\n  "schemaVersion": "${SCHEMA_VERSION}",\n  "findings": ${list}\n}\n`);
}
