import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { packTemplate, validateChoices } from './pack-template';
import { physicalName } from '../../blocks/physical-name';
import { relax } from '../../core/relaxation';

/** The settings of the rules of the pack. */
interface ConformancePackChoices {
  readonly ruleParameters?: { [rule: string]: { [parameter: string]: string } };
  readonly excludedRules?: { [rule: string]: string };
}

/**
 * Creates the conformance pack with 130 rules.
 *
 * They are those of the AWS pack "Operational Best Practices for HIPAA Security", as of April 2026. Later changes of
 * the AWS pack reach an account with a release of this library.
 */
export function defineConformancePack(scope: Construct, options: ConformancePackChoices): config.CfnConformancePack {
  const choices = { parameters: options.ruleParameters ?? {}, exclude: options.excludedRules ?? {} };
  validateChoices(scope, choices);
  for (const [rule, reason] of Object.entries(choices.exclude)) {
    relax(scope, {
      id: `config-rule-${rule}-excluded`,
      what: `the conformance pack leaves out the AWS Config rule ${rule}`,
      reason,
    });
  }
  return new config.CfnConformancePack(scope, 'ConformancePack', {
    // The service requires a name, and another stack may have a pack in the same region.
    conformancePackName: physicalName(scope, 'hipaa-security'),
    templateBody: packTemplate(choices),
  });
}
