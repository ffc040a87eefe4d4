import { Arrived, FakeHttp, Reply } from './fake-http';

/** The response of a custom resource to CloudFormation. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
}

/** The account and region of the handlers in these tests. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Stack/1`;
/** The time that a handler reserves for its response, in milliseconds. */
const MARGIN = 60_000;

/** An AWS service, and the URL where CloudFormation expects the response, on 127.0.0.1. */
export abstract class FakeService extends FakeHttp {
  public readonly answers: Answer[] = [];
  /** The number of status calls until a change is complete. */
  public looks = 1;

  /** The pattern of the calls that change a setting. */
  protected abstract readonly changing: RegExp;

  protected abstract callOf(request: Arrived): string;
  protected abstract serve(call: string, request: Arrived): Reply;

  /** The calls that changed a setting or failed to change it. */
  public get changes(): string[] {
    return this.calls.filter((call) => this.changing.test(call));
  }

  protected nameOf(request: Arrived): string {
    return request.url.pathname === '/answer' ? 'answer' : this.callOf(request);
  }

  protected perform(call: string, request: Arrived): Reply {
    if (call !== 'answer') return this.serve(call, request);
    this.answers.push(JSON.parse(request.body.toString()));
    return {};
  }

  /** A code, or a code and the text of the message: `AccessDeniedException: no`. */
  protected errorBody(code: string): string {
    const [type, ...message] = code.split(': ');
    return JSON.stringify({ __type: type, message: message.join(': ') || 'as the service says it' });
  }

  protected refuse(status: number, code: string): Reply {
    return { status, headers: { 'content-type': 'application/json' }, body: this.errorBody(code) };
  }

  protected json(body: object = {}): Reply {
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }
}

/** The differences of a CloudFormation request from the default request. */
export interface Asked<Properties> {
  readonly PhysicalResourceId?: string;
  readonly StackId?: string;
  /** Default: `ACCOUNT`. */
  readonly account?: string;
  readonly properties?: Partial<Properties>;
  /** The time that the handler has, in milliseconds. */
  readonly time?: number;
}

/** Directs the SDK of this process to a fake service. */
export function pointSdkAt(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  });
}

/** Invokes a handler for a CloudFormation request, as Lambda does. The handler responds to the fake service. */
export function invoke<Properties>(
  handler: (
    request: never,
    invocation: { invokedFunctionArn: string; getRemainingTimeInMillis(): number },
  ) => Promise<void>,
  answerUrl: string,
  RequestType: 'Create' | 'Update' | 'Delete',
  properties: Properties,
  {
    PhysicalResourceId,
    StackId = STACK_ID,
    account = ACCOUNT,
    time = 30_000,
    properties: others,
  }: Asked<Properties> = {},
): Promise<void> {
  const request = {
    RequestType,
    ResponseURL: answerUrl,
    StackId,
    RequestId: 'request',
    LogicalResourceId: 'Switch',
    PhysicalResourceId,
    ResourceProperties: { Mode: 'create', WhereOffered: 'false', ...properties, ...others },
  };
  return handler(request as never, {
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${account}:function:Switch`,
    getRemainingTimeInMillis: () => MARGIN + time,
  });
}

/** Invokes a handler and returns its response to CloudFormation. */
export async function askHandler<Properties>(
  handler: Parameters<typeof invoke>[0],
  service: FakeService,
  type: 'Create' | 'Update' | 'Delete',
  properties: Properties,
  asked?: Asked<Properties>,
): Promise<Answer> {
  const before = service.answers.length;
  await invoke(handler, `${service.url}/answer`, type, properties, asked);
  expect(service.answers).toHaveLength(before + 1);
  return service.answers[before];
}
