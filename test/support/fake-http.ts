import * as http from 'http';
import { AddressInfo } from 'net';

/** A fault that replaces the response of a call. */
export interface HttpFault {
  /** The name of the call: `put index.html`. A name without an object matches all objects: `put`. */
  readonly call: string;
  readonly status?: number;
  readonly code?: string;
  /**
   * `hang`: no response. `lose`: the call takes effect and the connection closes. `break`: the connection closes during
   * the response.
   */
  readonly how?: 'hang' | 'lose' | 'break';
  /** The number of affected calls. Default: 1. */
  times?: number;
}

/** A response. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A completely received request. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A fake of an HTTP service, on 127.0.0.1. */
export abstract class FakeHttp {
  /** The received calls, in order. */
  public readonly calls: string[] = [];
  /** The faults, in order. */
  public readonly faults: HttpFault[] = [];
  /** The delay of each response, in milliseconds. */
  public delay = 0;
  /** The maximum number of concurrent calls. */
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

  /** The name of a call. */
  protected abstract nameOf(request: Arrived): string;

  /** Performs a call and returns the response. */
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
