import * as http from 'http';
import { AddressInfo } from 'net';

/** What a call gets in place of its answer. */
export interface HttpFault {
  /** The call, as the stand-in names it: `put index.html`. A name without an object stands for all of them: `put`. */
  readonly call: string;
  readonly status?: number;
  readonly code?: string;
  /**
   * `hang`: no answer. `lose`: the work is done, and the connection breaks. `break`: the connection breaks in the
   * middle of the answer.
   */
  readonly how?: 'hang' | 'lose' | 'break';
  /** How often. Default: once. */
  times?: number;
}

/** An answer. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A request that has arrived in full. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A stand-in for something that is spoken to over HTTP, on 127.0.0.1. */
export abstract class FakeHttp {
  /** Calls that arrived, in order. */
  public readonly calls: string[] = [];
  /** Errors, in the order in which they happen. */
  public readonly faults: HttpFault[] = [];
  /** How long each answer takes, in milliseconds. */
  public delay = 0;
  /** The most calls that were under way at a time. */
  public mostAtATime = 0;

  private atATime = 0;
  private readonly server = http.createServer((request, response) => void this.answer(request, response));

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

  /** Names a call. */
  protected abstract nameOf(request: Arrived): string;

  /** Does what a call asks for. */
  protected abstract perform(call: string, request: Arrived): Reply;

  /** The body of an error with this code. */
  protected abstract errorBody(code: string): string;

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.mostAtATime = Math.max(this.mostAtATime, ++this.atATime);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const arrived = {
      method: request.method!,
      url: new URL(request.url!, this.url),
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.atATime--;
    const call = this.nameOf(arrived);
    this.calls.push(call);
    const fault = this.takeFault(call);
    if (fault?.how === 'hang') return;
    if (fault && !fault.how) {
      return this.send(response, { status: fault.status, body: this.errorBody(fault.code!) }, request.method!);
    }
    const reply = this.perform(call, arrived);
    if (fault?.how === 'lose') request.socket.destroy();
    else if (fault?.how === 'break') this.breakOff(response, reply);
    else this.send(response, reply, request.method!);
  }

  private takeFault(call: string): HttpFault | undefined {
    const fault = this.faults.find(
      (each) => (each.call === call || each.call === call.split(' ')[0]) && (each.times ?? 1) > 0,
    );
    if (fault) fault.times = (fault.times ?? 1) - 1;
    return fault;
  }

  private send(response: http.ServerResponse, reply: Reply, method: string): void {
    response.writeHead(reply.status ?? 200, reply.headers).end(method === 'HEAD' ? undefined : reply.body);
  }

  private breakOff(response: http.ServerResponse, { headers, body = '' }: Reply): void {
    response.writeHead(200, { ...headers, 'content-length': String(body.length) });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  }
}
