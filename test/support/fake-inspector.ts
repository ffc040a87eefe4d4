import * as http from 'http';
import { AddressInfo } from 'net';

/** The fields in the responses of Inspector, by scan type. */
const FIELDS: Record<string, string> = {
  EC2: 'ec2',
  ECR: 'ecr',
  LAMBDA: 'lambda',
  LAMBDA_CODE: 'lambdaCode',
  CODE_REPOSITORY: 'codeRepository',
};

/** The response of a custom resource to CloudFormation. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

/**
 * An error that replaces the response of a call. `hang`: no response. `drop`: the call takes effect and the connection
 * closes.
 */
export interface Fault {
  readonly call: string;
  readonly status?: number;
  readonly type?: string;
  readonly message?: string;
  readonly how?: 'hang' | 'drop';
  /** The number of affected calls. Default: 1. */
  times?: number;
}

/**
 * Inspector v2 in one account and region, and the URL where CloudFormation expects the response, on 127.0.0.1. Keeps
 * state as the service does: enabling and disabling complete after some status calls.
 */
export class FakeInspector {
  /** The status of each scan type. */
  public readonly scans: Record<string, string> = {
    EC2: 'DISABLED',
    ECR: 'DISABLED',
    LAMBDA: 'DISABLED',
    LAMBDA_CODE: 'DISABLED',
    CODE_REPOSITORY: 'DISABLED',
  };
  /** The received calls, in order: `enable EC2`. */
  public readonly calls: string[] = [];
  /** The responses that CloudFormation received. */
  public readonly answers: Answer[] = [];
  /** The headers of these responses. */
  public readonly answerHeaders: http.IncomingHttpHeaders[] = [];
  /** The scan types that the region does not support. */
  public notOffered: string[] = [];
  /** The number of status calls until enabling or disabling is complete. */
  public looks = 1;
  /** The delegated administrator of the organization. */
  public administrator?: { accountId: string; relationshipStatus: string };
  /** The failed accounts in the responses of each call, in order. */
  public readonly failedAccounts: { [call: string]: string[] } = { enable: [], disable: [], status: [] };
  /** The faults, in order. */
  public readonly faults: Fault[] = [];
  /** The number of failures of the CloudFormation URL before it succeeds. */
  public answerFailures = 0;
  /** An error in addition to the status of every scan. */
  public stateError?: string;

  private readonly pending: Record<string, number> = {};
  private readonly server = http.createServer((request, response) => void this.serve(request, response));

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The calls that changed a setting. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(enable|disable)/.test(call));
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (request.url === '/answer') return this.receiveAnswer(request, text, response);
    const call = {
      '/enable': 'enable',
      '/disable': 'disable',
      '/status/batch/get': 'status',
      '/delegatedadminaccounts/get': 'administrator',
    }[request.url!]!;
    const body = text === '' ? {} : JSON.parse(text);
    this.calls.push([call, ...(body.resourceTypes ?? [])].join(' '));
    const fault = this.takeFault(call);
    if (fault?.how === 'hang') return;
    if (fault?.how === 'drop') {
      this.reply(call, body);
      request.socket.destroy();
      return;
    }
    const {
      status,
      type,
      body: reply,
    } = fault ? { status: fault.status!, type: fault.type, body: { message: fault.message } } : this.reply(call, body);
    response
      .writeHead(status, { 'content-type': 'application/json', ...(type && { 'x-amzn-errortype': type }) })
      .end(JSON.stringify(reply));
  }

  private takeFault(call: string): Fault | undefined {
    const fault = this.faults.find((each) => each.call === call && (each.times ?? 1) > 0);
    if (fault) fault.times = (fault.times ?? 1) - 1;
    return fault;
  }

  private reply(
    call: string,
    body: { accountIds?: string[]; resourceTypes?: string[] },
  ): { status: number; type?: string; body: object } {
    const [accountId] = body.accountIds ?? [];
    switch (call) {
      case 'administrator':
        return this.administrator
          ? { status: 200, body: { delegatedAdmin: this.administrator } }
          : { status: 404, type: 'ResourceNotFoundException', body: { message: 'no delegated administrator' } };
      case 'status':
        return (
          this.failed(call, accountId) ?? {
            status: 200,
            body: { accounts: [{ accountId, state: this.overall, resourceState: this.look() }], failedAccounts: [] },
          }
        );
      default:
        return this.change(call, accountId, body.resourceTypes!);
    }
  }

  private change(call: string, accountId: string, types: string[]): { status: number; type?: string; body: object } {
    const unsupported = types.find((type) => this.notOffered.includes(type));
    if (unsupported) {
      return {
        status: 403,
        type: 'AccessDeniedException',
        body: { message: `${unsupported} scanning is not supported in eu-west-3` },
      };
    }
    const failed = this.failed(call, accountId);
    if (failed) return failed;
    for (const type of types) {
      const [from, through] = call === 'enable' ? [['DISABLED', 'SUSPENDED'], 'ENABLING'] : [['ENABLED'], 'DISABLING'];
      if (!from.includes(this.scans[type])) continue;
      this.scans[type] = through;
      this.pending[type] = this.looks;
    }
    return {
      status: 200,
      body: { accounts: [{ accountId, status: 'ENABLING', resourceStatus: {} }], failedAccounts: [] },
    };
  }

  private failed(call: string, accountId: string) {
    const errorCode = this.failedAccounts[call].shift();
    if (errorCode === undefined) return undefined;
    return {
      status: 200,
      body: { accounts: [], failedAccounts: [{ accountId, errorCode, errorMessage: 'as Inspector says it' }] },
    };
  }

  private get overall() {
    return { status: Object.values(this.scans).includes('ENABLED') ? 'ENABLED' : 'DISABLED' };
  }

  private look(): Record<string, object> {
    const offered = Object.keys(this.scans).filter((type) => !this.notOffered.includes(type));
    return Object.fromEntries(
      offered.map((type) => {
        const seen = this.scans[type];
        if (/ING$/.test(seen) && (this.pending[type] ?? 0) > 0 && --this.pending[type] === 0) {
          this.scans[type] = seen === 'ENABLING' ? 'ENABLED' : 'DISABLED';
        }
        return [
          FIELDS[type],
          {
            status: seen,
            ...(this.stateError && { errorCode: this.stateError, errorMessage: 'as Inspector says it' }),
          },
        ];
      }),
    );
  }

  private receiveAnswer(request: http.IncomingMessage, text: string, response: http.ServerResponse): void {
    if (this.answerFailures-- > 0) {
      response.writeHead(503).end();
      return;
    }
    this.answerHeaders.push(request.headers);
    this.answers.push(JSON.parse(text));
    response.writeHead(200).end();
  }
}
