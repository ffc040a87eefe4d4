import { createHmac } from 'crypto';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { API_FOLDER } from './proof/parts';
import { carebowTemplates } from './proof/synthesis';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { SomeManagedUser } from '../../database/access/some-managed-user';
import { freePort, SERVER_NAME, StartedServer, startPostgres } from '../../support/database-servers';
import { Program, RunningProgram } from '../../support/running-program';
import { SecretsManagerServer } from '../../support/secrets-manager-server';
import { Json } from '../../support/template/example';

/** The keys of the secret `jwt`: the current, the announced and the previous one. */
export const KEYS = ['a', 'b', 'c'].map((letter) => letter.repeat(88));
const BUCKET = 'carebow-reports';

const { Resources }: Json = carebowTemplates().CareBow;
const ofType = (type: string): Array<[string, Json]> =>
  Object.entries<Json>(Resources).filter(([, { Type }]) => Type === type);

/** The users that the stack defines, by name. */
export const DEFINITIONS: UserDefinition[] = ofType('Custom::DatabaseUser').map(([, { Properties }]) => ({
  name: Properties.User, privileges: Properties.Privileges, iamToken: Properties.Login !== 'password',
}));

/** The container of a task definition, by the ID of its construct. */
export function containerOf(id: string): Json {
  const [[, { Properties }], ...more] = ofType('AWS::ECS::TaskDefinition').filter(([name]) => name.startsWith(id));
  expect(more).toEqual([]);
  return Properties.ContainerDefinitions[0];
}

const claimOf = (name: string): string =>
  containerOf('Api').Environment.find(({ Name }: Json) => Name === name).Value;
const format = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a valid token. */
export const claimsOf = (sub: unknown): Json => ({
  sub, iss: claimOf('JWT_ISSUER'), aud: claimOf('JWT_AUDIENCE'), exp: Math.floor(Date.now() / 1000) + 600,
});

/** A token with a header, claims, and a signature by HMAC with SHA-256. */
export function tokenOf(claims: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, key = KEYS[0]): string {
  const signed = `${format(header)}.${format(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The API with a real PostgreSQL, and with KMS and S3 of moto. */
export class SomeSystem {
  public static async start(): Promise<SomeSystem> {
    const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
    await secretsManager.start();
    const server = await startPostgres();
    const users: Record<string, SomeManagedUser> = {};
    for (const each of DEFINITIONS) users[each.name] = await SomeManagedUser.on(server, secretsManager, each);
    for (const user of Object.values(users)) expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
    const system = new SomeSystem(server, secretsManager, users, await createKey());
    await new S3Client({ endpoint: process.env.MOTO_URL, forcePathStyle: true })
      .send(new CreateBucketCommand({ Bucket: BUCKET }));
    return system;
  }

  private readonly folder = mkdtempSync(path.join(tmpdir(), 'carebow-'));
  private readonly running: RunningProgram[] = [];

  private constructor(
    public readonly server: StartedServer, private readonly secretsManager: SecretsManagerServer,
    public readonly users: Record<string, SomeManagedUser>, public readonly keyArn: string,
  ) {
    // The program can run as another user, who cannot read the folder of the server.
    copyFileSync(server.caFile, this.caFile);
    chmodSync(this.folder, 0o755);
    chmodSync(this.caFile, 0o644);
  }

  /** A program as its task definition starts it, with a login. */
  public async programOf(id: string, { username, password }: Login): Promise<Program> {
    const { Environment, Secrets, Command = ['node', 'server.js'] } = containerOf(id);
    const values: Record<string, string> = {
      PGUSER: username,
      PGPASSWORD: password,
      JWT_KEYS: KEYS.join(),
      OPENAI_API_KEY: 'not-entered-yet',
      STRIPE_SECRET_KEY: 'a value',
    };
    const replaced: Record<string, string> = {
      PGHOST: SERVER_NAME,
      PGPORT: `${this.server.port}`,
      PGDATABASE: 'app',
      PGSSLROOTCERT: this.caFile,
      FIELDS_KEY_ARN: this.keyArn,
      REPORTS_BUCKET_NAME: BUCKET,
    };
    const listed = [...Environment, ...Secrets.map(({ Name }: Json) => ({ Name, Value: values[Name] }))];
    const given = Object.fromEntries(listed.map(({ Name, Value }: Json) => [Name, replaced[Name] ?? Value]));
    return {
      folder: API_FOLDER,
      command: Command,
      healthCheckPath: '/healthz',
      environment: {
        ...given,
        PORT: `${await freePort()}`,
        AWS_ENDPOINT_URL: process.env.MOTO_URL!,
        AWS_ACCESS_KEY_ID: 'nobody',
        AWS_SECRET_ACCESS_KEY: 'nothing',
      },
    };
  }

  /** Starts the API. `changed` replaces variables and other parts of the program. */
  public async startApi({ environment, ...changed }: Partial<Program> = {}): Promise<RunningProgram> {
    const program = await this.programOf('Api', (await this.users.api.login())!);
    const api = await RunningProgram.serve({
      ...program, ...changed, environment: { ...program.environment, ...environment },
    });
    this.running.push(api);
    return api;
  }

  public async migrate(): Promise<{ code: number | null; output: string }> {
    return RunningProgram.finish(await this.programOf('Migrations', (await this.users.migrations.login())!));
  }

  public async stop(): Promise<void> {
    for (const api of this.running) await api.stop();
    await this.server.stop();
    await this.secretsManager.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get caFile(): string {
    return path.join(this.folder, 'ca.pem');
  }
}

/** Creates a key in the KMS of moto. */
async function createKey(): Promise<string> {
  const response = await fetch(process.env.MOTO_URL!, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      'authorization': 'AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, '
        + 'Signature=0',
    },
    body: '{}',
  });
  const { KeyMetadata } = await response.json() as Json;
  return KeyMetadata.Arn;
}
