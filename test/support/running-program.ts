import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import * as https from 'https';
import { setTimeout as sleep } from 'timers/promises';
import { STAND_INS } from './express-program';

const START_ATTEMPTS = 100;
const PAUSE = 100;
/** Resolves every name to 127.0.0.1. */
const EVERY_NAME_IS_LOCAL = `data:text/javascript,${encodeURIComponent(`
  import dns from 'node:dns';
  const { lookup } = dns;
  dns.lookup = (_, ...rest) => lookup('localhost', ...rest);
`)}`;

/** A program to run, as a task definition describes it. */
export interface Program {
  readonly folder: string;
  readonly command: string[];
  readonly environment: { readonly [name: string]: string };
}

/** A response with its body, which is undefined if it is empty. */
export interface Response {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** A program of an example that runs in its own process, with its modules from this repository. */
export class RunningProgram {
  /** Runs a program until it ends. Returns its exit code and its output. */
  public static async finish(program: Program): Promise<{ code: number | null; output: string }> {
    const running = new RunningProgram(program);
    const [code] = await once(running.process, 'close');
    return { code, output: running.output };
  }

  /** Starts a server and waits until its health check succeeds. */
  public static async serve(program: Program): Promise<RunningProgram> {
    const running = new RunningProgram(program);
    for (let attempt = 1; ; attempt++) {
      const response = await running.call('GET', '/health').catch(() => undefined);
      if (response?.status === 200) return running;
      if (attempt === START_ATTEMPTS || running.process.exitCode !== null) throw new Error(running.output);
      await sleep(PAUSE);
    }
  }

  public output = '';
  private readonly process: ChildProcess;

  private constructor(private readonly program: Program) {
    const { folder, command: [name, ...args], environment } = program;
    if (name !== 'node') throw new Error(`the program is ${name}`);
    this.process = spawn(process.execPath, ['--import', EVERY_NAME_IS_LOCAL, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_PATH: STAND_INS, ...environment },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (text) => { this.output += text; });
    }
  }

  /** Sends a request. Like a load balancer, it does not verify the certificate of the program. */
  public async call(method: 'GET' | 'POST', path: string, body?: object, token?: string): Promise<Response> {
    const headers = {
      'content-type': 'application/json',
      ...token && { authorization: `Bearer ${token}` },
    };
    const port = this.program.environment.PORT;
    const request = https.request({
      host: 'localhost', port, method, path, headers, agent: false, rejectUnauthorized: false,
    });
    request.end(body && JSON.stringify(body));
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Stops the program as ECS does, and returns its exit code. */
  public async stop(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    this.process.kill('SIGTERM');
    const [code] = await once(this.process, 'close');
    return code;
  }
}
