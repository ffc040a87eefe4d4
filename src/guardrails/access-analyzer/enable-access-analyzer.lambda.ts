import {
  AccessAnalyzerClient, AnalyzerSummary, CreateAnalyzerCommand, DeleteAnalyzerCommand, ListAnalyzersCommand,
} from '@aws-sdk/client-accessanalyzer';
import { AccountSwitch, Deed, Invocation, isNamed, MADE_BY_TAG, Place, Refused, SDK_ATTEMPTS, Standing, SwitchProperties, turn } from '../account-switch';
import { CustomResourceRequest } from '../../blocks/custom-resource';

/** The one custom resource. */
interface AnalyzerProperties extends SwitchProperties {
  /** What an analyzer is called that this library makes. */
  readonly AnalyzerName: string;
}

/** Analyzers of access from outside of the account or the organization. The others look for something else, and cost. */
const EXTERNAL_ACCESS = ['ACCOUNT', 'ORGANIZATION'];

/** Creates, adopts and deletes the analyzer of external access. */
export async function handler(request: CustomResourceRequest<AnalyzerProperties>, invocation: Invocation): Promise<void> {
  await turn(request, invocation, ({ AnalyzerName }, place) => new Analyzer(AnalyzerName, place, request.RequestType === 'Delete'));
}

class Analyzer implements AccountSwitch {
  public readonly id = 'access-analyzer/external-access';
  public readonly service = 'IAM Access Analyzer';
  public readonly thing = 'analyzer of external access';
  public readonly choice = 'AccessAnalyzerGuardrail';
  public readonly leaveOut = 'use AccessAnalyzerGuardrail.skip() with a reason';

  private readonly client = new AccessAnalyzerClient({ maxAttempts: SDK_ATTEMPTS });
  private analyzers: AnalyzerSummary[] = [];
  private isCreated = false;

  constructor(private readonly name: string, private readonly place: Place, private readonly isDeletion: boolean) {}

  public async look(signal: AbortSignal): Promise<Standing> {
    this.analyzers = await this.list(signal);
    // In the end the stack's own counts alone: one that failed, or was disabled, is there to be deleted, and in the way of the next.
    if (this.isDeletion && this.own) {
      const { status, statusReason } = this.own;
      return { state: status === 'CREATING' ? 'busy' : 'on', word: status!, detail: statusReason?.code, madeByThisStack: true };
    }
    const best = ['ACTIVE', 'CREATING'].map((status) => this.analyzers.find((each) => each.status === status)).find(Boolean) ?? this.analyzers[0];
    const word = best?.status ?? 'not there';
    const state = word === 'ACTIVE' ? 'on' : word === 'CREATING' ? 'busy' : 'off';
    return { state, word, detail: best?.statusReason?.code, madeByThisStack: this.own !== undefined };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (this.own?.status === 'FAILED') {
      if (this.isCreated) throw new Refused(`making it ended as FAILED: ${this.own.statusReason?.code ?? 'no reason is given'}`);
      // Of an earlier attempt, and in the way of this one.
      await this.switchOff('enabled', signal);
      return false;
    }
    const inTheWay = this.analyzers[0];
    if (inTheWay) throw new Refused(`the analyzer ${inTheWay.name} is ${inTheWay.status}, and an account has one in a region; delete it`);
    try {
      const tags = { [MADE_BY_TAG]: this.place.stackId };
      await this.client.send(new CreateAnalyzerCommand({ analyzerName: this.name, type: 'ACCOUNT', tags }), { abortSignal: signal });
      this.isCreated = true;
      return true;
    } catch (error) {
      if (!isNamed(error, 'ConflictException', 'ServiceQuotaExceededException')) throw error;
      this.analyzers = await this.list(signal);
      if (this.analyzers.length === 0) throw error;
      return this.own !== undefined;
    }
  }

  public async switchOff(_: Deed, signal: AbortSignal): Promise<void> {
    await this.client.send(new DeleteAnalyzerCommand({ analyzerName: this.name }), { abortSignal: signal });
  }

  /** Every region that has Lambda functions of today's runtimes has Access Analyzer. */
  public isUnoffered(): boolean {
    return false;
  }

  /** An analyzer of the organization is a matter of its administrator's account, where this one does not see it. */
  public async administrator(): Promise<undefined> {
    return undefined;
  }

  /** The analyzer that this very stack made. */
  private get own(): AnalyzerSummary | undefined {
    return this.analyzers.find(({ name, tags }) => name === this.name && tags?.[MADE_BY_TAG] === this.place.stackId);
  }

  private async list(signal: AbortSignal): Promise<AnalyzerSummary[]> {
    const found: AnalyzerSummary[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(new ListAnalyzersCommand({ nextToken }), { abortSignal: signal });
      found.push(...page.analyzers!);
      nextToken = page.nextToken;
    } while (nextToken);
    return found.filter(({ type }) => EXTERNAL_ACCESS.includes(type!));
  }
}
