import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { packTemplate, PackChoices, validateChoices } from './pack-template';
import { physicalName } from '../../blocks/physical-name';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** What differs from AWS's own pack. */
export interface HipaaConformancePackOptions {
  /**
   * Values of parameters, by rule and parameter: `{ 'access-keys-rotated': { maxAccessKeyAge: '60' } }`. An empty value leaves the
   * parameter out. A rule or a parameter that the pack does not have is refused, as are more than 1,024 characters for one rule.
   * @default - what AWS's pack says
   */
  readonly parameters?: { [rule: string]: { [parameter: string]: string } };
  /**
   * Rules that are left out, each with the reason that will stand in the warning and in the compliance report. A rule that the pack
   * does not have, and a blank reason, is refused.
   * @default - none: all 130 rules are in the pack
   */
  readonly exclude?: { [rule: string]: string };
}

/** By which rules AWS Config judges the account: the evaluation that 45 CFR 164.308(a)(8) asks for, made all the time. */
export abstract class ConformancePack {
  /**
   * The 130 rules of AWS's pack "Operational Best Practices for HIPAA Security", as they were in April 2026: what AWS changes about
   * its pack reaches an account with a release of this library, not overnight.
   */
  public static hipaaSecurity(options: HipaaConformancePackOptions = {}): ConformancePack {
    return new HipaaPack({ parameters: options.parameters ?? {}, exclude: options.exclude ?? {} });
  }

  /** Records configurations and judges none. */
  public static none(options: RelaxationOptions): ConformancePack {
    return new NoPack(options.reason);
  }

  /**
   * Makes the pack, if there is one.
   * @internal
   */
  public abstract _bind(scope: Construct): config.CfnConformancePack | undefined;
}

class NoPack extends ConformancePack {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): undefined {
    relax(scope, { id: 'conformance-pack-skipped', what: 'AWS Config judges nothing by the HIPAA conformance pack', reason: this.reason });
  }
}

class HipaaPack extends ConformancePack {
  constructor(private readonly choices: PackChoices) {
    super();
  }

  public _bind(scope: Construct): config.CfnConformancePack {
    validateChoices(scope, this.choices);
    for (const [rule, reason] of Object.entries(this.choices.exclude)) {
      relax(scope, { id: `config-rule-${rule}-excluded`, what: `the Config rule ${rule} is left out of the conformance pack`, reason });
    }
    return new config.CfnConformancePack(scope, 'ConformancePack', {
      // A name is demanded, and there may be a pack of another stack in the region.
      conformancePackName: physicalName(scope, 'hipaa-security'),
      templateBody: packTemplate(this.choices),
    });
  }
}
