import { Arrived, FakeHttp, Reply } from './fake-http';
import { Answer } from './fake-inspector';

/** The URL at which CloudFormation waits for the answer of a custom resource. */
export class FakeCloudFormation extends FakeHttp {
  /** Answers, in order. */
  public readonly answers: Answer[] = [];

  protected nameOf(): string {
    return 'answer';
  }

  protected perform(_call: string, { body }: Arrived): Reply {
    this.answers.push(JSON.parse(body.toString()));
    return {};
  }

  protected errorBody(code: string): string {
    return code;
  }
}
