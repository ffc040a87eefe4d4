import { ChildProcess, fork } from 'child_process';
import * as path from 'path';
import { NODE_MODULES } from './environment';

/** The longest time of one command, in milliseconds. */
const TIMEOUT = 600_000;

export interface Outcome {
  readonly status: number | undefined;
  readonly output: string;
}

/** The CDK CLI. One process runs all commands, one after the other. See endpoint/cli.js. */
export class Cli {
  private process?: ChildProcess;
  /** What the process writes when it ends without an outcome. */
  private errors = '';

  constructor(private readonly directory: string, private readonly environment: NodeJS.ProcessEnv) {}

  public async run(args: string[]): Promise<Outcome> {
    const cli = this.process ??= this.start();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Outcome>((resolve) => {
        const end = () => {
          this.process = undefined;
          resolve({ status: undefined, output: this.errors });
        };
        cli.once('close', end).once('message', (outcome: Outcome) => resolve(outcome));
        timer = setTimeout(() => cli.kill('SIGKILL'), TIMEOUT);
        cli.send(args);
      });
    } finally {
      clearTimeout(timer);
      cli.removeAllListeners();
    }
  }

  public stop(): void {
    this.process?.disconnect();
  }

  private start(): ChildProcess {
    this.errors = '';
    const cli = fork(path.join(__dirname, 'endpoint', 'cli.js'), [path.join(NODE_MODULES, 'aws-cdk', 'lib')], {
      cwd: this.directory,
      env: this.environment,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [cli.stdout!, cli.stderr!]) stream.on('data', (data: Buffer) => (this.errors += data));
    return cli;
  }
}
