import { Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HIPAA_RULES, HipaaRule } from './hipaa-rules';
import { refuse, refuseUse, requireText, Situation } from '../../core/refusal';
import { sortedEntries } from '../../core/sorted-entries';

/**
 * The maximum size of an inline template, in bytes.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
 */
export const MOST_TEMPLATE_BYTES = 51_200;
/** The maximum number of rules in a pack. https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html */
export const MOST_RULES = 130;
/**
 * The maximum length of the parameters of a rule, in characters.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html
 */
export const MOST_PARAMETER_CHARACTERS = 1024;

/** The rule that a person confirms in the console. It evaluates no resource, so its description states the task. */
const PROCESS_CHECK = 'AWS_CONFIG_PROCESS_CHECK';
const RISK_ANALYSIS = 'Confirm once a year that the risk analysis is done: 45 CFR 164.308(a)(1)(ii)(A).';

/** The differences from the AWS pack. */
export interface PackChoices {
  readonly parameters: { readonly [rule: string]: { readonly [parameter: string]: string } };
  readonly exclude: { readonly [rule: string]: string };
}

/** The template of the pack in YAML: the rules in the order of the data. Equal choices give equal text. */
export function packTemplate(choices: PackChoices): string {
  const rules = HIPAA_RULES.filter(({ rule }) => !(rule in choices.exclude));
  const lines = rules.flatMap((rule) => [
    ` ${logicalId(rule)}:`,
    ...resource(rule, choices).map((line) => `  ${line}`),
  ]);
  return ['Resources:', ...lines, ''].join('\n');
}

/** The size of the template in bytes, without tokens. */
export function sizeOf(choices: PackChoices): number {
  const fragments = Tokenization.reverseString(packTemplate(choices)).mapTokens({ mapToken: () => '' });
  return Buffer.byteLength(fragments.join({ join: (left, right) => `${left}${right}` }));
}

/** `ACCESS_KEYS_ROTATED` becomes `AccessKeysRotated`, as in the AWS pack. The process check uses its rule name. */
function logicalId({ rule, identifier }: HipaaRule): string {
  const words = identifier === PROCESS_CHECK ? rule.split('-') : identifier.toLowerCase().split('_');
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

/** The lines of a rule. Values are quoted as in JSON, which is valid YAML. Names need no quotes. */
function resource(rule: HipaaRule, choices: PackChoices): string[] {
  const parameters = Object.entries(parametersOf(rule, choices.parameters[rule.rule]));
  return [
    'Type: AWS::Config::ConfigRule',
    'Properties:',
    ` ConfigRuleName: ${rule.rule}`,
    ...(rule.identifier === PROCESS_CHECK ? [` Description: ${JSON.stringify(RISK_ANALYSIS)}`] : []),
    ...(parameters.length > 0
      ? [' InputParameters:', ...parameters.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)]
      : []),
    ...(rule.types ? [' Scope:', '  ComplianceResourceTypes:', ...rule.types.map((type) => `  - ${type}`)] : []),
    ' Source:',
    '  Owner: AWS',
    `  SourceIdentifier: ${rule.identifier}`,
  ];
}

/** The values of the AWS pack, overridden by the given ones. An empty value removes the parameter. */
function parametersOf(
  { parameters }: HipaaRule,
  given: { readonly [parameter: string]: string } | undefined,
): Record<string, string> {
  return Object.fromEntries(sortedEntries({ ...parameters, ...given }).filter(([, value]) => value !== ''));
}

/**
 * Refuses unknown rules and parameters, and values that AWS Config does not accept. Tokens do not count towards limits.
 */
export function validateChoices(scope: IConstruct, { parameters, exclude }: PackChoices): void {
  for (const [rule, values] of Object.entries(parameters)) validateParameters(scope, rule, values, exclude);
  for (const [rule, reason] of Object.entries(exclude)) {
    known(scope, 'config.excludedRules', rule);
    requireText(scope, `config.excludedRules['${rule}']`, reason, 'say why the rule does not apply to this account');
  }
  requireSomeRule(scope, exclude);
  validateSize(scope, sizeOf({ parameters, exclude }));
}

/** Refuses a pack without a rule. */
export function requireSomeRule(scope: IConstruct, exclude: PackChoices['exclude']): void {
  if (Object.keys(exclude).length < HIPAA_RULES.length) return;
  refuse(scope, {
    prop: 'config.excludedRules',
    given: new Situation('every rule'),
    allowed: 'a part of the rules of the pack',
    change: 'skip CONFORMANCE_PACK with a reason',
  });
}

/**
 * Refuses a pack over the size limit. Only characters of two or more bytes can exceed it, because the parameters of a
 * rule have a limit of their own.
 */
function validateSize(scope: IConstruct, bytes: number): void {
  if (bytes <= MOST_TEMPLATE_BYTES) return;
  refuse(scope, {
    prop: 'config.ruleParameters',
    given: new Situation(`values that result in ${bytes} bytes`),
    allowed: `short enough for a pack of ${MOST_TEMPLATE_BYTES} bytes`,
    change: 'shorten the values, or exclude rules',
  });
}

function validateParameters(
  scope: IConstruct, rule: string, values: { readonly [parameter: string]: string }, exclude: PackChoices['exclude'],
): void {
  const found = known(scope, 'config.ruleParameters', rule);
  const names = Object.keys(found.parameters ?? {});
  const prop = `config.ruleParameters['${rule}']`;
  if (rule in exclude) {
    refuseUse(scope, `${prop} must not be set, because config.excludedRules excludes the rule`,
      'remove one of the two');
  }
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') {
      refuse(scope, {
        prop: `${prop}['${name}']`, given: value, allowed: 'a string', change: 'put the value in quotes',
      });
    }
    // An empty value removes the parameter.
    if (value !== '') requireText(scope, `${prop}['${name}']`, value, 'write the value, or an empty one to remove it');
    if (names.includes(name)) continue;
    if (names.length === 0) {
      refuseUse(scope, `${prop} must not be set, because the rule has no parameters`, 'remove it');
    }
    refuse(scope, {
      prop,
      given: new Situation(`the parameter '${name}'`),
      allowed: `an object with ${names.join(', ')}`,
      change: 'correct the name of the parameter',
    });
  }
  const text = JSON.stringify(parametersOf(found, values));
  if (!Token.isUnresolved(text) && text.length > MOST_PARAMETER_CHARACTERS) {
    refuse(scope, {
      prop,
      given: new Situation(`${text.length} characters`),
      allowed: `at most ${MOST_PARAMETER_CHARACTERS} characters of JSON`,
      change: 'shorten the values',
    });
  }
}

function known(scope: IConstruct, prop: string, name: string): HipaaRule {
  const found = HIPAA_RULES.find(({ rule }) => rule === name);
  if (found) return found;
  return refuse(scope, {
    prop,
    given: new Situation(`the rule '${name}'`),
    allowed: `an object whose keys are rules of the pack (${HIPAA_RULES.map(({ rule }) => rule).join(', ')})`,
    change: 'correct the name of the rule',
  });
}
