import {
  CloudTrailClient, DescribeTrailsCommand, GetEventSelectorsCommand, GetTrailCommand, GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { ConfigServiceClient, DescribeConformancePackStatusCommand } from '@aws-sdk/client-config-service';
import {
  CheckedSwitch, DRIFT_DIMENSION, DRIFT_METRIC, DRIFT_NAMESPACE, GuardrailCheck, SwitchHandler, TrailSettings,
} from './contract';
import { switchOf as accessAnalyzer } from '../access-analyzer/enable-access-analyzer.lambda';
import {
  AccountSwitch, Invocation, isNamed, MAY_BE_OFF, Place, placeOf, SDK_ATTEMPTS, SwitchFactory,
} from '../account-switch';
import { switchOf as config } from '../config/record-config.lambda';
import { switchOf as guardDuty } from '../guard-duty/enable-guard-duty.lambda';
import { switchOf as inspector } from '../inspector/enable-inspector.lambda';
import { switchOf as securityHub } from '../security-hub/enable-security-hub.lambda';
import { switchOf as settings } from '../settings/set-account-settings.lambda';
import { managementDifferences, settingDifferences, statusDifferences } from '../trail/trail-differences';

/** The part of the time of the function that is reserved for the result, in milliseconds. */
const RESULT_MARGIN = 10_000;

/** The observable part of a guardrail. */
interface Checked {
  /** The member of `Guardrail`. */
  readonly guardrail: string;
  /** The name of the part, for the reason of a failure. */
  readonly thing: string;
  differences(signal: AbortSignal): Promise<string[]>;
}

const FACTORIES: Record<SwitchHandler, SwitchFactory<never>> = {
  'access-analyzer': accessAnalyzer,
  config,
  'guard-duty': guardDuty,
  inspector,
  'security-hub': securityHub,
  settings,
};

/**
 * Compares each guardrail with its required state, and publishes the differences through the log.
 *
 * The function changes nothing. It fails after the publication if it could not read a part.
 */
export async function handler(check: GuardrailCheck, invocation: Invocation): Promise<void> {
  const place = placeOf(invocation, check.StackId);
  const signal = AbortSignal.timeout(Math.max(0, invocation.getRemainingTimeInMillis() - RESULT_MARGIN));
  const found = new Map<string, string[]>();
  const failures = new Map<string, string[]>();
  for (const part of partsOf(check, place)) {
    const add = (to: Map<string, string[]>, texts: string[]) =>
      to.set(part.guardrail, [...to.get(part.guardrail) ?? [], ...texts]);
    try {
      add(found, await part.differences(signal));
    } catch (error) {
      add(failures, [`${part.guardrail} (${part.thing}): ${(error as Error).message}`]);
    }
  }
  for (const [guardrail, differences] of found) {
    // A guardrail without a known difference is unknown if a part of it could not be read.
    if (differences.length > 0 || !failures.has(guardrail)) publish(guardrail, differences);
  }
  if (failures.size > 0) throw new Error(`could not read ${[...failures.values()].flat().join('; ')}`);
}

function partsOf(check: GuardrailCheck, place: Place): Checked[] {
  return [
    ...check.Switches.filter(({ PhysicalId }) => !PhysicalId.endsWith(`/${MAY_BE_OFF}`))
      .map((each) => checkedSwitch(each, place)),
    ...(check.Trail ? [new OwnTrail(check.Trail)] : []),
    ...(check.AdoptedTrail ? [new AdoptedTrail()] : []),
    ...(check.ConformancePack === undefined ? [] : [new ConformancePack(check.ConformancePack)]),
  ];
}

/** The switch of a custom resource. The handler that controls it defines what it reads. */
function checkedSwitch({ Handler, Properties }: CheckedSwitch, place: Place): AccountSwitch {
  return FACTORIES[Handler](Properties as never, place, 'Update');
}

/**
 * Writes a log line from which CloudWatch extracts the metric, and which names each difference.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function publish(guardrail: string, differences: string[]): void {
  const line = JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{
        Namespace: DRIFT_NAMESPACE,
        Dimensions: [[DRIFT_DIMENSION]],
        Metrics: [{ Name: DRIFT_METRIC, Unit: 'Count' }],
      }],
    },
    [DRIFT_DIMENSION]: guardrail,
    [DRIFT_METRIC]: differences.length,
    differences,
  });
  // Not through console.log, which wraps the line so that CloudWatch does not recognize the metric.
  process.stdout.write(`${line}\n`);
}

/** The trail that the stack created. */
class OwnTrail implements Checked {
  public readonly guardrail = 'TRAIL';
  public readonly thing = 'trail';

  private readonly client = new CloudTrailClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(private readonly wanted: TrailSettings) {}

  public async differences(abortSignal: AbortSignal): Promise<string[]> {
    const { Name } = this.wanted;
    try {
      const { Trail = {} } = await this.client.send(new GetTrailCommand({ Name }), { abortSignal });
      const selectors = await this.client.send(new GetEventSelectorsCommand({ TrailName: Name }), { abortSignal });
      const status = await this.client.send(new GetTrailStatusCommand({ Name }), { abortSignal });
      return [...settingDifferences(Trail, selectors, this.wanted), ...statusDifferences(Name, status)];
    } catch (error) {
      if (isNamed(error, 'TrailNotFoundException')) return [`The trail ${Name} does not exist`];
      throw error;
    }
  }
}

/** The errors for the selectors of a trail of another account. */
const FOREIGN_TRAIL = ['AccessDeniedException', 'CloudTrailARNInvalidException', 'TrailNotFoundException'];

/** A trail of the account or its organization. One trail of all regions that logs and delivers is sufficient. */
class AdoptedTrail implements Checked {
  public readonly guardrail = 'TRAIL';
  public readonly thing = 'adopted trail';

  private readonly client = new CloudTrailClient({ maxAttempts: SDK_ATTEMPTS });

  public async differences(abortSignal: AbortSignal): Promise<string[]> {
    const { trailList = [] } = await this.client.send(new DescribeTrailsCommand({ includeShadowTrails: true }), {
      abortSignal,
    });
    const differences: string[] = [];
    for (const { IsMultiRegionTrail, IsOrganizationTrail, TrailARN: Name } of trailList) {
      if (!IsMultiRegionTrail) continue;
      const status = await this.client.send(new GetTrailStatusCommand({ Name }), { abortSignal });
      const ofTrail = [
        ...statusDifferences(Name!, status), ...await this.selectorDifferences(Name!, IsOrganizationTrail, abortSignal),
      ];
      if (ofTrail.length === 0) return [];
      differences.push(...ofTrail);
    }
    if (differences.length > 0) return differences;
    return ['Neither the account nor its organization has a trail of all regions'];
  }

  /** Only the account of an organization trail can read its selectors. */
  private async selectorDifferences(
    TrailName: string, isOfOrganization: boolean | undefined, abortSignal: AbortSignal,
  ): Promise<string[]> {
    try {
      const selectors = await this.client.send(new GetEventSelectorsCommand({ TrailName }), { abortSignal });
      return managementDifferences(TrailName, selectors);
    } catch (error) {
      const isForeign = FOREIGN_TRAIL.some((name) => isNamed(error, name));
      if (isOfOrganization && isForeign) return [];
      throw error;
    }
  }
}

class ConformancePack implements Checked {
  public readonly guardrail = 'CONFORMANCE_PACK';
  public readonly thing = 'conformance pack';

  private readonly client = new ConfigServiceClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(private readonly name: string) {}

  public async differences(abortSignal: AbortSignal): Promise<string[]> {
    try {
      const command = new DescribeConformancePackStatusCommand({ ConformancePackNames: [this.name] });
      const [status] = (await this.client.send(command, { abortSignal })).ConformancePackStatusDetails ?? [];
      const { ConformancePackState: state, ConformancePackStatusReason: reason } = status ?? {};
      if (state === 'CREATE_COMPLETE') return [];
      return [`The conformance pack ${this.name} is ${state ?? 'missing'}${reason ? `: ${reason}` : ''}`];
    } catch (error) {
      if (!isNamed(error, 'NoSuchConformancePackException')) throw error;
      return [`The conformance pack ${this.name} does not exist`];
    }
  }
}
