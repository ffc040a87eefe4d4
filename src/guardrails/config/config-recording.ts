import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { RecordingProperties } from './contract';
import { checkFactory } from '../../core/check-props';
import { FROM_FACTORY, markChoice } from '../../core/choice';
import { refuse, Situation } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** Resource types that AWS Config does not record. */
export interface ExcludedTypes extends RelaxationOptions {
  /**
   * The types. An empty list and a type that is listed twice are refused. The rules do not evaluate resources of these
   * types.
   */
  readonly types: config.ResourceType[];
}

/** The options of a recording. */
export interface ConfigRecordingOptions {
  /**
   * The resource types that AWS Config does not record. A relaxation.
   * @default - none: AWS Config records every supported type, including the types of IAM
   */
  readonly excluded?: ExcludedTypes;
}

/**
 * How often AWS Config records changes. AWS charges for each recorded configuration item.
 *
 * @example
 * new ComplianceGuardrails(this, 'Guardrails', {
 *   config: { recording: ConfigRecording.daily() },
 * });
 */
export class ConfigRecording {
  /** Records every change when it happens. */
  public static continuous(options: ConfigRecordingOptions = {}): ConfigRecording {
    checkFactory('ConfigRecording.continuous', { options });
    return new ConfigRecording(FROM_FACTORY, 'CONTINUOUS', options.excluded);
  }

  /**
   * Records the changes of a day once per day. An item costs four times as much, but short-lived resources, such as
   * Fargate tasks, cause far fewer items. A rule that is triggered by changes evaluates a change up to one day later.
   */
  public static daily(options: ConfigRecordingOptions = {}): ConfigRecording {
    checkFactory('ConfigRecording.daily', { options });
    return new ConfigRecording(FROM_FACTORY, 'DAILY', options.excluded);
  }

  /** @internal */
  public readonly _choiceClass: string;

  private constructor(
    created: typeof FROM_FACTORY,
    private readonly frequency: RecordingProperties['Frequency'],
    private readonly excluded?: ExcludedTypes,
  ) {
    this._choiceClass = markChoice(this, 'ConfigRecording', created === FROM_FACTORY);
  }

  /**
   * Returns the properties of the recorder.
   * @internal
   */
  public _bind(scope: Construct): RecordingProperties {
    const { excluded } = this;
    const types = excluded
      ? typeNames(scope, 'ConfigRecording excluded.types', excluded.types, 'remove excluded') : [];
    if (excluded) {
      const what = `AWS Config does not record ${types.join(', ')}`;
      relax(scope, { id: 'config-types-excluded', what, reason: excluded.reason });
    }
    return { Frequency: this.frequency, ExcludedTypes: types };
  }
}

/** The sorted names of resource types. An empty list and a duplicate are refused. */
export function typeNames(
  scope: Construct, prop: string, given: config.ResourceType[], insteadOfNone: string,
): string[] {
  const types = given.map(({ complianceResourceType }) => complianceResourceType).sort();
  if (types.length > 0 && new Set(types).size === types.length) return types;
  return refuse(scope, {
    prop,
    given: new Situation(types.length === 0 ? 'an empty list' : types.join(', ')),
    allowed: 'a list of at least one type, without duplicates',
    change: types.length === 0 ? `name a type, or ${insteadOfNone}` : 'remove the duplicate',
  });
}
