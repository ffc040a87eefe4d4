import { ChildProcess, fork, ForkOptions } from 'child_process';
import { once } from 'events';

/** The longest time of one answer, in milliseconds. */
const TIMEOUT = 600_000;

/** A process that answers messages, one after the other. It starts at the first message. */
export class Host<Message extends object, Answer> {
  private child?: ChildProcess;
  private output = '';
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly program: string, private readonly args: string[], private readonly options: ForkOptions,
  ) {}

  /** Returns the answer, or what the process wrote if it ends without an answer. */
  public ask(message: Message): Promise<Answer | string> {
    const answer = this.last.then(() => this.askNow(message));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  public stop(): void {
    if (this.child?.connected) this.child.disconnect();
  }

  private async askNow(message: Message): Promise<Answer | string> {
    const child = this.child ??= this.start();
    this.output = '';
    const settled = new AbortController();
    const { signal } = settled;
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
    try {
      const answer = once(child, 'message', { signal });
      const end = once(child, 'close', { signal });
      child.send(message);
      return await Promise.race([answer.then(([value]) => value as Answer), end.then(() => this.output)]);
    } finally {
      clearTimeout(timer);
      settled.abort();
    }
  }

  private start(): ChildProcess {
    const child = fork(this.program, this.args, { ...this.options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data: Buffer) => (this.output += data));
    return child.once('close', () => (this.child = undefined));
  }
}
