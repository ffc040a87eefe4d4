import { ChildProcess, execFileSync, spawn } from 'child_process';
import { once } from 'events';
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PROGRAMS_FOLDER } from './proof/parts';
import { backendTemplates } from './proof/synthesis';
import { ROOT } from '../../../scripts/examples/example';
import { UserDefinition } from '../../../src/database/access/logins';
import { SomeManagedUser } from '../../database/access/some-managed-user';
import { freePort, SERVER_NAME, StartedServer, startPostgres } from '../../support/database-servers';
import { Program, RunningProgram } from '../../support/running-program';
import { SecretsManagerServer } from '../../support/secrets-manager-server';
import { Json } from '../../support/template/example';

/** The keys of the secret `apiKeys`: the current, the announced and the previous one. */
export const KEYS = ['a', 'b', 'c'].map((letter) => letter.repeat(88));
export const BUCKET = `backend-storage-${process.pid}`;
/** An IP address instead of a name: the client of S3 then puts the bucket into the path. */
const AWS = {
  AWS_ENDPOINT_URL: process.env.MOTO_URL!.replace('localhost', '127.0.0.1'),
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nothing',
};
const CLIENT = {
  endpoint: AWS.AWS_ENDPOINT_URL,
  region: 'us-east-1',
  credentials: { accessKeyId: AWS.AWS_ACCESS_KEY_ID, secretAccessKey: AWS.AWS_SECRET_ACCESS_KEY },
};
export const s3 = new S3Client(CLIENT);
export const sqs = new SQSClient(CLIENT);

const { Resources }: Json = backendTemplates()['backend-prod'];
const ofType = (type: string): Array<[string, Json]> =>
  Object.entries<Json>(Resources).filter(([, { Type }]) => Type === type);

/** The users that the stack defines. */
const DEFINITIONS: UserDefinition[] = ofType('Custom::DatabaseUser').map(([, { Properties }]) => ({
  name: Properties.User, privileges: Properties.Privileges, iamToken: Properties.Login !== 'password',
}));

/** The container of a task definition, by the ID of its construct. */
function containerOf(id: string): Json {
  const [[, { Properties }], ...more] =
    ofType('AWS::ECS::TaskDefinition').filter(([name]) => name.startsWith(`${id}TaskDefinition`));
  expect(more).toEqual([]);
  return Properties.ContainerDefinitions[0];
}

/** A worker in its own process. */
export class SomeWorker {
  public output = '';
  private readonly process: ChildProcess;

  constructor({ folder, command, environment }: Program) {
    this.process = spawn(process.execPath, command.slice(1), {
      cwd: folder, env: { PATH: process.env.PATH, ...environment },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (text) => { this.output += text; });
    }
  }

  public async stop(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    this.process.kill('SIGTERM');
    const [code] = await once(this.process, 'close');
    return code;
  }
}

/** The programs, built as in the image, with a real PostgreSQL, and with SQS and S3 of moto. */
export class SomeSystem {
  public static async start(): Promise<SomeSystem> {
    const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
    await secretsManager.start();
    const server = await startPostgres();
    const users: Record<string, SomeManagedUser> = {};
    for (const each of DEFINITIONS) users[each.name] = await SomeManagedUser.on(server, secretsManager, each);
    for (const user of Object.values(users)) expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `backend-jobs-${process.pid}` }));
    return new SomeSystem(server, secretsManager, users, QueueUrl!.replace('localhost', '127.0.0.1'));
  }

  private readonly folder = mkdtempSync(path.join(tmpdir(), 'backend-'));

  private constructor(
    public readonly server: StartedServer, private readonly secretsManager: SecretsManagerServer,
    private readonly users: Record<string, SomeManagedUser>, public readonly queueUrl: string,
  ) {
    const { scripts: { build } } = JSON.parse(readFileSync(path.join(PROGRAMS_FOLDER, 'package.json'), 'utf8'));
    const [name, ...args] = build.replace('--outdir=dist', `--outdir=${this.folder}`).split(' ');
    execFileSync(path.join(ROOT, 'node_modules', '.bin', name), [...args, '--log-level=warning'], {
      cwd: PROGRAMS_FOLDER, stdio: 'inherit',
    });
  }

  /** A program as its task definition starts it. `changed` replaces variables. */
  public async programOf(id: string, changed: Record<string, string> = {}): Promise<Program> {
    const { Environment, Secrets, Command } = containerOf(id);
    const { username, password } = (await this.users[id.toLowerCase()].login())!;
    const values: Record<string, string> = { PGUSER: username, PGPASSWORD: password, API_KEYS: KEYS.join() };
    const replaced: Record<string, string> = {
      PGHOST: SERVER_NAME,
      PGPORT: `${this.server.port}`,
      PGDATABASE: 'app',
      PGSSLROOTCERT: this.server.caFile,
      STORAGE_BUCKET_NAME: BUCKET,
      JOBS_QUEUE_URL: this.queueUrl,
    };
    const listed = [...Environment, ...Secrets.map(({ Name }: Json) => ({ Name, Value: values[Name] }))];
    const given = Object.fromEntries(listed.map(({ Name, Value }: Json) => [Name, replaced[Name] ?? Value])
      .filter(([, value]) => typeof value === 'string'));
    return {
      folder: this.folder,
      command: Command,
      healthCheckPath: '/healthz',
      environment: { ...given, ...AWS, PORT: `${await freePort()}`, ...changed },
    };
  }

  /** Runs a program that ends. */
  public async finish(id: string): Promise<{ code: number | null; output: string }> {
    return RunningProgram.finish(await this.programOf(id));
  }

  /** Runs SQL as the superuser of the server. */
  public sql(text: string): string {
    return this.server.superuser(text, 'app');
  }

  public async stop(): Promise<void> {
    await this.server.stop();
    await this.secretsManager.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
