import { spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { createInterface } from 'readline';
import { sdkOf } from './account';
import { CheckedType, endpointEnvironment, JournalEvent, PROGRAM } from './endpoint';
import { freePort, NODE_MODULES, python, WORK } from './environment';
import { Preparation } from './lives';

/** An app whose resources are refused. */
export interface RefusedApp {
  readonly name: string;
  /** The example of a variant. */
  readonly example: string;
  readonly zoneName: string;
  /** Prepares the account, and returns the cloud assembly. */
  readonly prepare: Preparation;
}

/** The outcome for an app. The time is processor time in seconds. */
export interface RefusalReport {
  readonly life: string;
  readonly problems: string[];
  /** The types of which one resource was refused. */
  readonly types: string[];
  /** The types that were deployed. */
  readonly checked: CheckedType[];
  /** One event of each kind and type that explains how the endpoint checks a type. */
  readonly notes: JournalEvent[];
  readonly resources: number;
  readonly refused: number;
  readonly attempts: number;
  readonly seconds: number;
}

/**
 * Deploys apps without the CLI, and refuses the first creation of each resource, in turn. See endpoint/refuse_each.py.
 *
 * @param share the share of the resources that are refused, in addition to one of each type of an example. The order
 * chooses them.
 */
export async function refuseEach(apps: RefusedApp[], order: string, share: number): Promise<RefusalReport[]> {
  const port = await freePort();
  const directory = path.join(WORK, 'refusals');
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  const log = fs.openSync(path.join(directory, 'endpoint.log'), 'w');
  const program = spawn(python(), [path.join(PROGRAM, 'refuse_each.py')], {
    stdio: ['pipe', 'pipe', log],
    env: {
      ...endpointEnvironment({ port, directory, order }),
      DEPLOYMENT_BOOTSTRAP_TEMPLATE: path.join(NODE_MODULES, 'aws-cdk/lib/api/bootstrap/bootstrap-template.yaml'),
    },
  });
  fs.closeSync(log);
  const answers = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
  const ask = async (command: object) => {
    program.stdin!.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`The endpoint ended: ${fs.readFileSync(path.join(directory, 'endpoint.log'), 'utf8')}`);
    return JSON.parse(value);
  };
  const reports: RefusalReport[] = [];
  try {
    const known: Record<string, string[]> = {};
    for (const { name, example, zoneName, prepare } of apps) {
      await ask({ life: name, zone: zoneName, order });
      const assembly = await prepare(sdkOf(`http://127.0.0.1:${port}`));
      const report: RefusalReport = await ask({ assembly, share, known: known[example] ?? [] });
      known[example] = [...known[example] ?? [], ...report.types];
      reports.push(report);
      printReport(report);
    }
  } finally {
    program.stdin!.end();
  }
  return reports;
}

function printReport({ life, problems, resources, refused, attempts, seconds }: RefusalReport): void {
  const counts = `${refused} of ${resources} resources refused, ${attempts} second attempts`;
  const outcome = problems.length === 0 ? 'ok' : 'FAILED';
  console.log(`${outcome}  ${life}: ${counts}, ${Math.round(seconds)} s of processor time`);
  for (const problem of problems) console.log(`        ${problem}`);
}
