import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import { IncomingHttpHeaders, OutgoingHttpHeaders } from 'http';
import * as https from 'https';
import { setTimeout as sleep } from 'timers/promises';
import { STAND_INS } from './express-program';

const START_ATTEMPTS = 100;
const PAUSE = 100;
/** How often a test looks before it gives up. */
const LOOKS = 300;
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
  /**
   * The path of the health check.
   * @default '/health'
   */
  readonly healthCheckPath?: string;
  /**
   * The command that runs Node.js, for example as another user.
   * @default - Node.js runs as the user of the test
   */
  readonly wrapper?: string[];
}

/** A response with its body, which is undefined if it is empty. */
export interface Response {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** A response as it arrived. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request of a test. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /**
   * The agent that keeps connections.
   * @default - each request has its own connection
   */
  readonly agent?: https.Agent;
}

/** Waits until a condition is true, and fails with this text otherwise. */
export async function until(isTrue: () => boolean | Promise<boolean>, text: () => string): Promise<void> {
  for (let look = 0; !await isTrue(); look++) {
    if (look === LOOKS) throw new Error(text());
    await sleep(PAUSE);
  }
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
      const response = await running.call('GET', program.healthCheckPath ?? '/health').catch(() => undefined);
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
    const [run, ...before] = [...program.wrapper ?? [], process.execPath];
    this.process = spawn(run, [...before, '--import', EVERY_NAME_IS_LOCAL, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        NODE_PATH: [STAND_INS, process.env.NODE_PATH].filter(Boolean).join(':'),
        ...environment,
      },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (text) => { this.output += text; });
    }
  }

  /** Sends a request with JSON, and returns the parsed response. */
  public async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, token?: string,
  ): Promise<Response> {
    const headers = {
      'content-type': 'application/json',
      ...token && { authorization: `Bearer ${token}` },
    };
    const { status, text } = await this.send({ method, path, headers, body: body && JSON.stringify(body) });
    return { status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Sends a request. Like a load balancer, it does not verify the certificate of the program. */
  public async send({ method, path, headers, body, agent }: RawRequest): Promise<RawResponse> {
    const request = https.request({
      host: 'localhost',
      port: this.program.environment.PORT,
      method,
      path,
      headers: { ...headers, ...body !== undefined && { 'content-length': Buffer.byteLength(body) } },
      agent: agent ?? false,
      rejectUnauthorized: false,
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
  }

  /** Waits until the log contains a text. A line can arrive after the response to the request that caused it. */
  public logs(text: string): Promise<void> {
    return until(() => this.output.includes(text), () => `no ${text} in:\n${this.output}`);
  }

  /** The ID of the process. */
  public get pid(): number {
    return this.process.pid!;
  }

  /** Stops the program as ECS does, and returns its exit code. */
  public async stop(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    this.process.kill('SIGTERM');
    const [code] = await once(this.process, 'close');
    return code;
  }
}
