import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { ACCOUNT, BYTECODE, freePort, NODE_MODULES, python, withoutAws, WORK } from './environment';
import { Host } from '../../scripts/examples/host';

export const PROGRAM = path.join(__dirname, 'endpoint');
/** The time in which the endpoint starts, in milliseconds. */
const START_TIMEOUT = 120_000;

/** An event in the journal of the endpoint. */
export interface JournalEvent {
  /**
   * `created`, `updated`, `replaced`, `deleted`, `retained`, `refused`, `invalid`, `unsupported`, `customResource`,
   * `rotated` or `status`.
   */
  readonly event: string;
  readonly stack?: string;
  readonly logicalId?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly properties?: string[];
  readonly violations?: string[];
  readonly failed?: string;
  readonly notRun?: string;
  readonly status?: string;
  readonly rotated?: boolean;
  readonly secret?: string;
}

/** A resource that exists on the endpoint. */
export interface LiveResource {
  readonly type: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId: string;
  /** Whether its stack no longer contains it. */
  readonly retained: boolean;
  readonly region: string;
  readonly properties: Record<string, unknown>;
}

/** How the endpoint checks a type. */
export interface CheckedType {
  readonly type: string;
  readonly schema: boolean;
  readonly rules: boolean;
  /** Whether the endpoint only stores the properties and returns the attributes of the schema. */
  readonly generic: boolean;
}

/** The result of a command of the CLI. */
export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
  /** The events that the command caused. */
  readonly events: JournalEvent[];
}

export interface EndpointOptions {
  /** The name of the journal. */
  readonly name: string;
  /** `ascending`, `descending`, or the seed of a shuffle. */
  readonly order: string;
  /** The zone that the examples use. */
  readonly zoneName: string;
}

export interface DeployOptions {
  /** Whether a deployment that fails is undone. */
  readonly rollback?: boolean;
  /** Whether templates that have not changed are deployed. */
  readonly force?: boolean;
  /** A tag of all stacks, which CloudFormation gives to their resources: `name=value`. */
  readonly tag?: string;
}

/** The environment of the programs in endpoint/. */
export function endpointEnvironment({ port, directory, order }: {
  readonly port: number; readonly directory: string; readonly order: string;
}): NodeJS.ProcessEnv {
  return {
    ...withoutAws(),
    GATEWAY_PORT: `${port}`,
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: 'localhost',
    MINISTACK_ACCOUNT_ID: ACCOUNT,
    S3_PERSIST: '0',
    PERSIST_STATE: '0',
    LOG_LEVEL: 'WARNING',
    PYTHONDONTWRITEBYTECODE: '',
    PYTHONPYCACHEPREFIX: BYTECODE,
    DEPLOYMENT_JOURNAL: path.join(directory, 'journal.jsonl'),
    DEPLOYMENT_WORK: directory,
    DEPLOYMENT_ORDER: order,
    // For the functions: the SDK as the Lambda runtime contains it, and the name that S3 Control uses.
    NODE_PATH: NODE_MODULES,
    NODE_OPTIONS: `--require ${path.join(PROGRAM, 'localhost.js')}`,
    AWS_ENDPOINT_URL_S3_CONTROL: `http://localhost:${port}`,
  };
}

/** The strict endpoint, with one empty account, and the CDK CLI that deploys to it. */
export class LocalEndpoint {
  /** Starts an endpoint on a free port of 127.0.0.1. */
  public static async start(options: EndpointOptions): Promise<LocalEndpoint> {
    const port = await freePort();
    const directory = path.join(WORK, options.name);
    fs.rmSync(directory, { recursive: true, force: true });
    fs.mkdirSync(directory, { recursive: true });
    const log = fs.openSync(path.join(directory, 'endpoint.log'), 'w');
    const server = spawn(python(), [PROGRAM], {
      // The endpoint ends when its standard input closes, also if this process is killed.
      stdio: ['pipe', log, log],
      env: {
        ...endpointEnvironment({ port, directory, order: options.order }),
        DEPLOYMENT_ZONES: `Z0EXAMPLE0000000000=${options.zoneName}`,
      },
    });
    fs.closeSync(log);
    const endpoint = new LocalEndpoint(port, directory, server);
    await endpoint.untilReady();
    return endpoint;
  }

  private read = 0;
  /** The CDK CLI: the arguments of a command, and its outcome. */
  private readonly cli: Host<string[], { readonly status: number; readonly output: string }>;

  private constructor(
    private readonly port: number, private readonly directory: string, private readonly server: ChildProcess,
  ) {
    this.cli = new Host(path.join(PROGRAM, 'cli.js'), [path.join(NODE_MODULES, 'aws-cdk', 'lib')], {
      cwd: directory,
      execArgv: [],
      env: {
        ...withoutAws(),
        ...this.sdk,
        CDK_HOME: path.join(directory, 'cdk-home'),
        CDK_DOCKER: path.join(PROGRAM, 'docker'),
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        CI: 'true',
      },
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public async stop(): Promise<void> {
    this.cli.stop();
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    if (this.server.exitCode !== null) return;
    this.server.kill();
    await Promise.race([ended, sleep(5_000).then(() => this.server.kill('SIGKILL'))]);
  }

  public bootstrap(regions: string[]): Promise<CommandResult> {
    return this.cdk('bootstrap', ['bootstrap', ...regions.map((region) => `aws://${ACCOUNT}/${region}`)]);
  }

  /** Deploys all stacks of a cloud assembly. */
  public deploy(assembly: string, step: string, options: DeployOptions = {}): Promise<CommandResult> {
    const { rollback = false, force = false, tag } = options;
    const always = ['--all', '--require-approval', 'never', '--progress', 'events'];
    const flags = [...(rollback ? [] : ['--no-rollback']), ...(force ? ['--force'] : [])];
    return this.cdk(step, ['deploy', '--app', assembly, ...always, ...flags, ...(tag ? ['--tags', tag] : [])]);
  }

  public destroy(assembly: string, step: string): Promise<CommandResult> {
    return this.cdk(step, ['destroy', '--app', assembly, '--all', '--force']);
  }

  public async resources(): Promise<LiveResource[]> {
    const all: LiveResource[] = await this.ask('resources');
    return all.filter(({ stack }) => stack !== 'CDKToolkit');
  }

  public types(): Promise<CheckedType[]> {
    return this.ask('types');
  }

  /** The rules of services that have refused nothing on this endpoint: the type, the rule and its line. */
  public rulesWithoutRefusal(): Promise<string[]> {
    return this.ask('rules-without-refusal');
  }

  /** Remembers the records of all services, which `changes` compares. */
  public async remember(): Promise<void> {
    await this.ask('remember');
  }

  /** The records of all services that have changed since `remember`, except those that AWS keeps. */
  public changes(): Promise<string[]> {
    return this.ask('changes');
  }

  /** Fails the first creation of a resource. */
  public async failOnce(logicalId: string): Promise<void> {
    await this.ask(`fail-once?logicalId=${logicalId}`);
  }

  /** Turns off termination protection, and with `resources` the deletion protection of databases and load balancers. */
  public async unprotect({ resources }: { readonly resources: boolean }): Promise<void> {
    await this.ask(`unprotect?resources=${resources}`);
  }

  /** Runs the rotations that the deployments have started. */
  public async rotate(): Promise<JournalEvent[]> {
    return this.ask('rotate');
  }

  /** The events since the last call. */
  private events(): JournalEvent[] {
    const text = fs.readFileSync(path.join(this.directory, 'journal.jsonl'), 'utf8');
    const added = text.slice(this.read);
    this.read = text.length;
    return added.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  private async ask<T>(command: string): Promise<T> {
    const response = await fetch(`${this.url}/_deployment/${command}`, { signal: AbortSignal.timeout(300_000) });
    if (!response.ok) throw new Error(`${command}: ${response.status} ${await response.text()}`);
    return await response.json() as T;
  }

  private async untilReady(): Promise<void> {
    for (const end = Date.now() + START_TIMEOUT; Date.now() < end; await sleep(250)) {
      if (this.server.exitCode !== null) break;
      const ready = await fetch(`${this.url}/_ministack/health`).then(({ ok }) => ok, () => false);
      if (ready) return;
    }
    await this.stop();
    const log = fs.readFileSync(path.join(this.directory, 'endpoint.log'), 'utf8');
    throw new Error(`The endpoint did not start: ${log}`);
  }

  private async cdk(step: string, args: string[]): Promise<CommandResult> {
    const outcome = await this.cli.ask(args);
    const { status, output } = typeof outcome === 'string' ? { status: undefined, output: outcome } : outcome;
    fs.writeFileSync(path.join(this.directory, `${step}.log`), output);
    return { ok: status === 0, output, events: this.events() };
  }

  /** The environment variables that direct an SDK to the endpoint. */
  public get sdk(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'nothing',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
  }
}
