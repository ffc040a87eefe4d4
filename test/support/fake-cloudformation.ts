import { Arrived, FakeHttp, Reply } from './fake-http';
import { Answer } from './fake-inspector';

/** The URL where CloudFormation expects the response of a custom resource. */
export class FakeCloudFormation extends FakeHttp {
  /** The responses, in order. */
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
