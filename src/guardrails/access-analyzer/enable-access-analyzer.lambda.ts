import {
  AccessAnalyzerClient, AnalyzerSummary, CreateAnalyzerCommand, DeleteAnalyzerCommand, ListAnalyzersCommand,
} from '@aws-sdk/client-accessanalyzer';
import { AnalyzerProperties } from './contract';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Action, ENABLED_BY_TAG, Invocation, isNamed, ObservedState, Place, Refused, SDK_ATTEMPTS,
  SwitchFactory,
} from '../account-switch';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/** The types of external access analyzers. Other types report unused or internal access, and are not free. */
const EXTERNAL_ACCESS = ['ACCOUNT', 'ORGANIZATION'];

/**
 * Creates, requires or deletes the external access analyzer. The analyzer of an organization is in the account of its
 * administrator, and not visible in this account.
 */
export async function handler(
  request: CustomResourceRequest<AnalyzerProperties & SwitchProperties>,
  invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** The analyzer. */
export const switchOf: SwitchFactory<AnalyzerProperties> = ({ AnalyzerName }, place, requestType) =>
  new Analyzer(AnalyzerName, place, requestType === 'Delete');

class Analyzer extends AccountSwitch {
  public readonly id = 'access-analyzer/external-access';
  public readonly service = 'IAM Access Analyzer';
  public readonly thing = 'external access analyzer';
  public readonly guardrail = 'ACCESS_ANALYZER';

  private readonly client = new AccessAnalyzerClient({ maxAttempts: SDK_ATTEMPTS });
  private analyzers: AnalyzerSummary[] = [];
  private isCreated = false;

  constructor(private readonly name: string, private readonly place: Place, private readonly isDeletion: boolean) {
    super();
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    this.analyzers = await this.list(signal);
    // A deletion considers only the analyzer of this stack. One that failed or is disabled must be deleted too, because
    // it would prevent the next creation.
    if (this.isDeletion && this.own) {
      const { status, statusReason } = this.own;
      return {
        state: status === 'CREATING' ? 'busy' : 'on',
        word: status!,
        detail: statusReason?.code,
        createdByThisStack: true,
      };
    }
    const best =
      ['ACTIVE', 'CREATING'].map((status) => this.analyzers.find((each) => each.status === status)).find(Boolean) ??
      this.analyzers[0];
    const word = best?.status ?? 'missing';
    const state = word === 'ACTIVE' ? 'on' : word === 'CREATING' ? 'busy' : 'off';
    return { state, word, detail: best?.statusReason?.code, createdByThisStack: this.own !== undefined };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (this.own?.status === 'FAILED') {
      if (this.isCreated) {
        throw new Refused('the creation failed: '
        + `${this.own.statusReason?.code ?? 'no reason is given'}`);
      }
      // The failed analyzer of an earlier attempt prevents the creation.
      await this.switchOff('enabled', signal);
      return false;
    }
    const existing = this.analyzers[0];
    if (existing) {
      throw new Refused(`the analyzer ${existing.name} is ${existing.status}, and an account has one per region; `
        + 'delete it');
    }
    try {
      const tags = { [ENABLED_BY_TAG]: this.place.stackId };
      await this.client.send(new CreateAnalyzerCommand({ analyzerName: this.name, type: 'ACCOUNT', tags }), {
        abortSignal: signal,
      });
      this.isCreated = true;
      return true;
    } catch (error) {
      if (!isNamed(error, 'ConflictException', 'ServiceQuotaExceededException')) throw error;
      this.analyzers = await this.list(signal);
      if (this.analyzers.length === 0) throw error;
      return this.own !== undefined;
    }
  }

  public async switchOff(_: Action, signal: AbortSignal): Promise<void> {
    await this.client.send(new DeleteAnalyzerCommand({ analyzerName: this.name }), { abortSignal: signal });
  }

  /** The analyzer that this stack created. */
  private get own(): AnalyzerSummary | undefined {
    return this.analyzers.find(({ name, tags }) => name === this.name && tags?.[ENABLED_BY_TAG] === this.place.stackId);
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
