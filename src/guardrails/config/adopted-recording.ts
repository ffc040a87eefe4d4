import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { ExcludedTypes, typeNames } from './config-recording';
import { RecorderProperties } from './contract';
import { checkFactory } from '../../core/check-props';
import { FROM_FACTORY, markChoice } from '../../core/choice';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** The resource types that an adopted recorder must record, and the reason why they are sufficient. */
export interface RequiredTypes extends RelaxationOptions {
  /** The types. An empty list and a type that is listed twice are refused. */
  readonly types: config.ResourceType[];
}

/**
 * The resource types that an adopted recorder must record. The deployment fails if the recorder leaves out more types.
 *
 * Continuous and daily recording are both sufficient.
 *
 * @example
 * new ComplianceGuardrails(this, 'Guardrails', {
 *   adopt: [Guardrail.CONFIG],
 *   config: {
 *     adoptedRecording: AdoptedRecording.atLeast({
 *       types: [config.ResourceType.IAM_ROLE],
 *       reason: 'the recorder of the organization records only the types that it evaluates',
 *     }),
 *   },
 * });
 */
export class AdoptedRecording {
  /** The recorder must record every type, including the types of IAM. */
  public static everything(): AdoptedRecording {
    return new AdoptedRecording(FROM_FACTORY);
  }

  /**
   * The recorder can leave out these types. A relaxation: the rules do not evaluate resources of these types.
   *
   * Outside its home region, Control Tower leaves out the types of IAM: `AWS::IAM::Group`, `AWS::IAM::Policy`,
   * `AWS::IAM::Role` and `AWS::IAM::User`. For a recorder that records only listed types, use `atLeast`.
   */
  public static everythingExcept(options: ExcludedTypes): AdoptedRecording {
    checkFactory('AdoptedRecording.everythingExcept', { options });
    return new AdoptedRecording(FROM_FACTORY, 'everythingExcept', options);
  }

  /** The recorder must record these types, and can leave out all other types. A relaxation. */
  public static atLeast(options: RequiredTypes): AdoptedRecording {
    checkFactory('AdoptedRecording.atLeast', { options });
    return new AdoptedRecording(FROM_FACTORY, 'atLeast', options);
  }

  /** @internal */
  public readonly _choiceClass: string;

  private constructor(
    created: typeof FROM_FACTORY,
    private readonly accepted?: 'everythingExcept' | 'atLeast',
    private readonly options?: ExcludedTypes | RequiredTypes,
  ) {
    this._choiceClass = markChoice(this, 'AdoptedRecording', created === FROM_FACTORY);
  }

  /**
   * Returns the properties of the adopted recorder, and records the relaxation.
   * @internal
   */
  public _bind(scope: Construct): RecorderProperties {
    const { accepted, options } = this;
    if (!accepted || !options) return {};
    const types = typeNames(scope, `AdoptedRecording.${accepted} types`, options.types, 'use everything()');
    const what = accepted === 'everythingExcept'
      ? `the adopted recorder of AWS Config may leave out ${types.join(', ')}`
      : `the adopted recorder of AWS Config may leave out every type except ${types.join(', ')}`;
    relax(scope, { id: 'config-gap-accepted', what, reason: options.reason });
    return accepted === 'everythingExcept' ? { ExcludedTypes: types } : { RequiredTypes: types };
  }
}
