import { Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HIPAA_RULES, HipaaRule } from './hipaa-rules';
import { refuse, requireText, Situation } from '../../core/refusal';

/** How many bytes a template may have that is handed over as a text. https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html */
export const MOST_TEMPLATE_BYTES = 51_200;
/** How many rules one pack may have. https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html */
export const MOST_RULES = 130;
/** How many characters the parameters of a rule may have. https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html */
export const MOST_PARAMETER_CHARACTERS = 1024;

/** The rule for which a person says in the console that something was done. It shows no resource, so it says what. */
const PROCESS_CHECK = 'AWS_CONFIG_PROCESS_CHECK';
const RISK_ANALYSIS = 'Say here once a year that the risk analysis was made: 45 CFR 164.308(a)(1)(ii)(A).';

/** What differs from AWS's pack. */
export interface PackChoices {
  readonly parameters: { readonly [rule: string]: { readonly [parameter: string]: string } };
  readonly exclude: { readonly [rule: string]: string };
}

/** The template of the pack: rules and nothing else, in the order of the data, the same text for the same choices. AWS Config reads YAML. */
export function packTemplate(choices: PackChoices): string {
  const rules = HIPAA_RULES.filter(({ rule }) => !(rule in choices.exclude));
  return ['Resources:', ...rules.flatMap((rule) => [` ${logicalId(rule)}:`, ...resource(rule, choices).map((line) => `  ${line}`)]), ''].join('\n');
}

/** How many bytes the template has, without what is known only at deployment. */
export function sizeOf(choices: PackChoices): number {
  const fragments = Tokenization.reverseString(packTemplate(choices)).mapTokens({ mapToken: () => '' });
  return Buffer.byteLength(fragments.join({ join: (left, right) => `${left}${right}` }));
}

/** `ACCESS_KEYS_ROTATED` becomes `AccessKeysRotated`, as in AWS's pack; the one rule of a process check is named by its name. */
function logicalId({ rule, identifier }: HipaaRule): string {
  const words = identifier === PROCESS_CHECK ? rule.split('-') : identifier.toLowerCase().split('_');
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

/** The lines of a rule. Values are quoted as JSON quotes them, which YAML reads the same; names need no quotes. */
function resource(rule: HipaaRule, choices: PackChoices): string[] {
  const parameters = Object.entries(parametersOf(rule, choices.parameters[rule.rule]));
  return [
    'Type: AWS::Config::ConfigRule',
    'Properties:',
    ` ConfigRuleName: ${rule.rule}`,
    ...rule.identifier === PROCESS_CHECK ? [` Description: ${JSON.stringify(RISK_ANALYSIS)}`] : [],
    ...parameters.length > 0 ? [' InputParameters:', ...parameters.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)] : [],
    ...rule.types ? [' Scope:', '  ComplianceResourceTypes:', ...rule.types.map((type) => `  - ${type}`)] : [],
    ' Source:',
    '  Owner: AWS',
    `  SourceIdentifier: ${rule.identifier}`,
  ];
}

/** AWS's values, then those that were given; what is empty is not a value. */
function parametersOf({ parameters }: HipaaRule, given: { readonly [parameter: string]: string } | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...parameters, ...given }).filter(([, value]) => value !== ''));
}

/** Refuses what the pack does not know, and what AWS Config does not take. What is known only at deployment is not counted. */
export function validateChoices(scope: IConstruct, { parameters, exclude }: PackChoices): void {
  for (const [rule, values] of Object.entries(parameters)) validateParameters(scope, rule, values, exclude);
  for (const [rule, reason] of Object.entries(exclude)) {
    known(scope, 'exclude', rule);
    requireText(scope, `ConformancePack.hipaaSecurity exclude '${rule}'`, reason, 'say why the rule does not apply to this account');
  }
  if (Object.keys(exclude).length === HIPAA_RULES.length) {
    refuse(scope, {
      prop: 'ConformancePack.hipaaSecurity exclude',
      given: new Situation('every rule'),
      allowed: 'all rules but one at most',
      change: 'use ConformancePack.none with a reason',
    });
  }
  validateSize(scope, sizeOf({ parameters, exclude }));
}

/** Parameters in plain letters cannot make the pack too large, since those of a rule are bound; letters of two or more bytes can. */
function validateSize(scope: IConstruct, bytes: number): void {
  if (bytes <= MOST_TEMPLATE_BYTES) return;
  refuse(scope, {
    prop: 'ConformancePack.hipaaSecurity parameters',
    given: new Situation(`so long that the pack has ${bytes} bytes`),
    allowed: `at most ${MOST_TEMPLATE_BYTES} bytes for the pack`,
    change: 'shorten the values, or exclude rules',
  });
}

function validateParameters(scope: IConstruct, rule: string, values: { readonly [parameter: string]: string }, exclude: PackChoices['exclude']): void {
  const found = known(scope, 'parameters', rule);
  const names = Object.keys(found.parameters ?? {});
  const prop = `ConformancePack.hipaaSecurity parameters '${rule}'`;
  if (rule in exclude) {
    refuse(scope, { prop, given: new Situation('set for a rule that is excluded'), allowed: 'parameters of rules in the pack', change: 'remove one of the two' });
  }
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') refuse(scope, { prop: `${prop} ${name}`, given: value, allowed: 'a text', change: 'put the value between quotes' });
    if (names.includes(name)) continue;
    const allowed = names.length > 0 ? names.join(', ') : 'none, since the rule has no parameters';
    refuse(scope, { prop, given: new Situation(`given as '${name}'`), allowed, change: 'correct the name of the parameter' });
  }
  const text = JSON.stringify(parametersOf(found, values));
  if (!Token.isUnresolved(text) && text.length > MOST_PARAMETER_CHARACTERS) {
    refuse(scope, {
      prop,
      given: new Situation(`${text.length} characters long`),
      allowed: `at most ${MOST_PARAMETER_CHARACTERS} characters for the parameters of a rule`,
      change: 'shorten the values',
    });
  }
}

function known(scope: IConstruct, prop: string, name: string): HipaaRule {
  const found = HIPAA_RULES.find(({ rule }) => rule === name);
  if (found) return found;
  return refuse(scope, {
    prop: `ConformancePack.hipaaSecurity ${prop}`,
    given: new Situation(`about the rule '${name}'`),
    allowed: `a rule of the pack: ${HIPAA_RULES.map(({ rule }) => rule).join(', ')}`,
    change: 'correct the name of the rule',
  });
}
