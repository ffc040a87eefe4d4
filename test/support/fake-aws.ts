import * as http from 'http';
import { AddressInfo } from 'net';

type Input = Record<string, unknown>;
/** Each operation defines the type of its input. */
type Operation = (input: never) => unknown;

/** An error response of an AWS service. */
export class FakeAwsError extends Error {
  constructor(public readonly type: string, message: string = type, public readonly status = 400) {
    super(message);
  }
}

/**
 * A fake of AWS services with the AWS JSON protocol, on 127.0.0.1. AWS_ENDPOINT_URL directs the SDK to it.
 */
export class FakeAws {
  /** All received requests, in order: `DescribeSecret` and its input. */
  public readonly requests: Array<{ operation: string; input: Input }> = [];

  private readonly operations: Record<string, Operation> = {};
  private readonly faults: Array<{ operation: string; error: FakeAwsError; after: boolean }> = [];
  private readonly interruptions = new Map<string, () => void>();
  private readonly server = http.createServer((request, response) => void this.answer(request, response));

  /** Starts the server and directs the SDK of this process to it. */
  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Adds operations by name. */
  public serve(operations: Record<string, Operation>): void {
    Object.assign(this.operations, operations);
  }

  /** Makes the next call of an operation fail without an effect. */
  public failNext(operation: string, error: FakeAwsError): void {
    this.faults.push({ operation, error, after: false });
  }

  /** Makes the next call of an operation take effect and then fail. */
  public loseAnswerOfNext(operation: string, error: FakeAwsError): void {
    this.faults.push({ operation, error, after: true });
  }

  /** Removes the remaining faults. */
  public calm(): void {
    this.faults.length = 0;
  }

  /** Runs the action of another principal immediately before the next call of an operation. */
  public before(operation: string, interruption: () => void): void {
    this.interruptions.set(operation, interruption);
  }

  /** The inputs of all calls of an operation. */
  public calls(operation: string): Input[] {
    return this.requests.filter((request) => request.operation === operation).map(({ input }) => input);
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    const input = JSON.parse(Buffer.concat(chunks).toString());
    this.requests.push({ operation, input });
    try {
      this.send(response, 200, this.perform(operation, input));
    } catch (error) {
      if (!(error instanceof FakeAwsError)) throw error;
      this.send(response, error.status, { __type: error.type, message: error.message, Message: error.message });
    }
  }

  private perform(operation: string, input: Input): unknown {
    const interruption = this.interruptions.get(operation);
    this.interruptions.delete(operation);
    interruption?.();
    const index = this.faults.findIndex((fault) => fault.operation === operation);
    const fault = index < 0 ? undefined : this.faults.splice(index, 1)[0];
    if (fault && !fault.after) throw fault.error;
    const known = this.operations[operation];
    if (!known) throw new FakeAwsError('UnknownOperationException', operation);
    const output = known(input as never);
    if (fault) throw fault.error;
    return output;
  }

  private send(response: http.ServerResponse, status: number, body: unknown): void {
    // The clock of a test can stand still. The SDK would correct it by this header, and repeat a call that failed.
    response.sendDate = false;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body ?? {}));
  }
}
