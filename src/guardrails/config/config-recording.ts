import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuse, Situation } from '../../core/refusal';
import { relax } from '../../core/relaxation';

/** Types of resources that are not recorded. */
export interface ExcludedTypes {
  /** The types. An empty list, and a type that is named twice, is refused. A rule that looks at one of them sees nothing any more. */
  readonly types: config.ResourceType[];
  /** The reason, as it will stand in the warning and in the compliance report. A blank reason is refused. */
  readonly reason: string;
}

/** What is recorded. */
export interface ConfigRecordingOptions {
  /**
   * Types that are not recorded.
   * @default - none: every type that AWS Config knows is recorded, those of IAM included
   */
  readonly excluded?: ExcludedTypes;
}

/** What the custom resource of the recorder is told. */
export interface RecordingProperties {
  readonly Frequency: string;
  readonly ExcludedTypes: string[];
}

/** How often AWS Config records what has changed. It is paid for by the item that is recorded. */
export class ConfigRecording {
  /** Every change, when it happens. */
  public static continuous(options: ConfigRecordingOptions = {}): ConfigRecording {
    checkFactory('ConfigRecording.continuous', { options });
    return new ConfigRecording('CONTINUOUS', options.excluded);
  }

  /**
   * What has changed since the day before, once a day. An item costs four times as much, and there are far fewer where resources
   * come and go, as each task of Fargate does; a rule on changes sees a change up to a day later.
   */
  public static daily(options: ConfigRecordingOptions = {}): ConfigRecording {
    checkFactory('ConfigRecording.daily', { options });
    return new ConfigRecording('DAILY', options.excluded);
  }

  /** @internal */
  public readonly _choiceClass: string;

  private constructor(private readonly frequency: string, private readonly excluded?: ExcludedTypes) {
    this._choiceClass = markChoice(this, 'ConfigRecording', frequency !== undefined);
  }

  /**
   * Tells the recorder.
   * @internal
   */
  public _bind(scope: Construct): RecordingProperties {
    const types = this.excluded?.types.map(({ complianceResourceType }) => complianceResourceType) ?? [];
    if (this.excluded) this.exclude(scope, types, this.excluded.reason);
    return { Frequency: this.frequency, ExcludedTypes: [...types].sort() };
  }

  private exclude(scope: Construct, types: string[], reason: string): void {
    if (types.length === 0 || new Set(types).size < types.length) {
      refuse(scope, {
        prop: 'ConfigRecording excluded.types',
        given: new Situation(types.length === 0 ? 'empty' : types.join(', ')),
        allowed: 'at least one type, and each once',
        change: types.length === 0 ? 'name a type, or leave `excluded` out' : 'remove the second of the two',
      });
    }
    relax(scope, { id: 'config-types-excluded', what: `AWS Config does not record ${types.join(', ')}`, reason });
  }
}
