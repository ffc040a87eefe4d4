import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { packTemplate, requireSomeRule, validateChoices } from './pack-template';
import { isDescribed, rulesMissingIn } from './rule-regions';
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
 *
 * The deployment of a pack fails with the first rule that the region does not offer. The pack leaves out the rules that
 * the region of the stack is known to lack.
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
  const missing = rulesOfRegion(scope);
  const exclude = { ...choices.exclude, ...missing };
  requireSomeRule(scope, exclude);
  return new config.CfnConformancePack(scope, 'ConformancePack', {
    // The service requires a name, and another stack may have a pack in the same region.
    conformancePackName: physicalName(scope, 'hipaa-security'),
    templateBody: packTemplate({ ...choices, exclude }),
  });
}

/** The rules that the region lacks. Reports them, or that they are not known. */
function rulesOfRegion(scope: Construct): Record<string, string> {
  const { region } = Stack.of(scope);
  const remedy = 'exclude the rules that AWS Config does not offer there with config.excludedRules';
  if (Token.isUnresolved(region)) {
    Annotations.of(scope).addWarningV2('cdk-hipaa:config-rules-of-unknown-region',
      'the stack has no region, so the conformance pack contains all 130 rules, and its deployment fails in a region '
      + `that lacks one of them: set the region of the stack, or ${remedy}`);
    return {};
  }
  if (!isDescribed(region)) {
    Annotations.of(scope).addWarningV2('cdk-hipaa:config-rules-of-unknown-region',
      `it is not known which of the 130 rules ${region} lacks, and the deployment of the conformance pack fails if it `
      + `contains one of them: ${remedy}`);
  }
  const missing = rulesMissingIn(region);
  if (missing.length > 0) {
    Annotations.of(scope).addInfoV2('cdk-hipaa:config-rules-of-region',
      `${region} does not offer ${missing.length} of the 130 rules, and the conformance pack leaves them out: `
      + missing.join(', '));
  }
  return Object.fromEntries(missing.map((rule) => [rule, `${region} does not offer this rule`]));
}
