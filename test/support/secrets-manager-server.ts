import { randomUUID } from 'crypto';
import * as http from 'http';
import { AddressInfo } from 'net';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** How a call fails: without an effect, with the error of a quota, or with an effect and no response. */
export type CallFault = 'fail' | 'throttle' | 'lose';

/** The headers from which moto knows the service of a request. */
const headersOf = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/${service}/aws4_request, `
    + 'SignedHeaders=host, Signature=none',
});

/**
 * The Secrets Manager of moto, behind a server that injects faults.
 *
 * moto implements the API of Secrets Manager, and no rotation functions: a test calls the steps itself.
 */
export class SecretsManagerServer {
  /** The names of the calls that arrived, in order. */
  public readonly calls: string[] = [];

  private readonly server = http.createServer((request, response) => void this.forward(request, response));
  private client!: SecretsManagerClient;
  private functionArn?: string;
  /** Ends when the last call that stores a value has ended. */
  private stored: Promise<unknown> = Promise.resolve();

  constructor(private readonly motoUrl: string) {}

  /** Returns the fault of a call, by its name and its number. */
  public faultOf: (operation: string, index: number) => CallFault | undefined = () => undefined;

  /** Starts the server, and directs the SDK of this process to it. */
  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
    });
    this.client = new SecretsManagerClient({ endpoint: this.motoUrl });
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Creates a secret with rotation enabled, and returns its ARN. */
  public async create(name: string, value: string, description?: string): Promise<string> {
    const command = new CreateSecretCommand({ Name: name, SecretString: value, Description: description });
    const { ARN } = await this.client.send(command);
    return ARN!;
  }

  public async overwrite(arn: string, value: string): Promise<void> {
    await this.client.send(new UpdateSecretCommand({ SecretId: arn, SecretString: value }));
  }

  /** Moves a staging label, as a person can. */
  public async moveStage(arn: string, stage: string, from: string | undefined, to: string): Promise<void> {
    await this.client.send(new UpdateSecretVersionStageCommand({
      SecretId: arn, VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to,
    }));
  }

  /** Starts a rotation: the version with this token has the label AWSPENDING and no value. */
  public async startRotation(arn: string, token: string): Promise<void> {
    await this.client.send(new RotateSecretCommand({
      SecretId: arn,
      ClientRequestToken: token,
      RotationLambdaARN: await this.someFunction(),
      RotationRules: { AutomaticallyAfterDays: 30 },
    }));
  }

  public async valueOf(arn: string, stage = 'AWSCURRENT'): Promise<string | undefined> {
    return this.read({ SecretId: arn, VersionStage: stage });
  }

  /** Reads a value without the SDK, which takes longer than moto. */
  private async read(request: { SecretId: string; VersionStage?: string; VersionId?: string }) {
    const headers = {
      ...headersOf('secretsmanager'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    };
    const response = await fetch(this.motoUrl, { method: 'POST', headers, body: JSON.stringify(request) });
    return response.ok ? (await response.json() as { SecretString?: string }).SecretString : undefined;
  }

  /** The versions by staging label. */
  public async stages(arn: string): Promise<Record<string, string>> {
    const { VersionIdsToStages = {} } = await this.client.send(new DescribeSecretCommand({ SecretId: arn }));
    return Object.fromEntries(
      Object.entries(VersionIdsToStages).flatMap(([id, stages]) => stages.map((stage) => [stage, id])),
    );
  }

  /** moto requires that the rotation function exists. It must not run it, which would need Docker. */
  private async someFunction(): Promise<string> {
    if (this.functionArn) return this.functionArn;
    await this.moto('/moto-api/config', { lambda: { use_docker: false } });
    const trust = encodeURIComponent('{"Version":"2012-10-17","Statement":[]}');
    const role = 'Action=CreateRole&Version=2010-05-08&RoleName=rotation';
    const url = `${this.motoUrl}/?${role}&AssumeRolePolicyDocument=${trust}`;
    await fetch(url, { method: 'POST', headers: headersOf('iam') });
    const emptyZip = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]).toString('base64');
    const response = await fetch(`${this.motoUrl}/2015-03-31/functions`, {
      method: 'POST',
      headers: headersOf('lambda'),
      body: JSON.stringify({
        FunctionName: `rotation-${randomUUID()}`,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/rotation',
        Code: { ZipFile: emptyZip },
      }),
    });
    this.functionArn = (await response.json() as { FunctionArn?: string }).FunctionArn;
    if (!this.functionArn) throw new Error(`moto created no function: ${response.status}`);
    return this.functionArn;
  }

  private async moto(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await fetch(`${this.motoUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  private async forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    const fault = this.faultOf(operation, this.calls.push(operation) - 1);
    if (fault === 'throttle') return this.fail(response, 400, 'ThrottlingException');
    if (fault === 'fail') return this.fail(response, 500, 'InternalServiceError');
    const { host, connection, ...headers } = request.headers as Record<string, string>;
    const sent = Buffer.concat(chunks);
    const send = () => fetch(this.motoUrl, { method: 'POST', headers, body: sent });
    const reply = await (operation === 'PutSecretValue' ? this.store(sent, send) : send());
    if (!reply) return this.fail(response, 400, 'ResourceExistsException');
    const body = Buffer.from(await reply.arrayBuffer());
    if (fault === 'lose') return void response.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(body);
  }

  /** Secrets Manager never changes the value of a version. moto does while the version has the label AWSPENDING. */
  private store(sent: Buffer, send: () => Promise<Response>): Promise<Response | undefined> {
    const { SecretId, ClientRequestToken, SecretString } = JSON.parse(sent.toString());
    const stored = this.stored.then(async () => {
      const existing = await this.read({ SecretId, VersionId: ClientRequestToken });
      return existing === undefined || existing === SecretString ? send() : undefined;
    });
    this.stored = stored.catch(() => undefined);
    return stored;
  }

  private fail(response: http.ServerResponse, status: number, type: string): void {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: type, message: `${type} by the test` }));
  }
}
