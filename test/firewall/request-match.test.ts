import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { FirewallRule } from '../../src/firewall/firewall-rule';
import { RequestMatch } from '../../src/firewall/request-match';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { templateFindings } from '../support/validate';

/** The statement of a rule that blocks matching requests. */
function statementOf(match: RequestMatch, stack = newStack()) {
  new WebFirewall(stack, 'Firewall', { rules: [FirewallRule.block('Own', match)] });
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  return Rules.find(({ Name }: { Name: string }) => Name === 'Own').Statement;
}

const path = (SearchString: unknown) => ({
  ByteMatchStatement: {
    FieldToMatch: { UriPath: {} },
    PositionalConstraint: 'STARTS_WITH',
    SearchString,
    TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }, { Priority: 1, Type: 'NORMALIZE_PATH' }],
  },
});

test.each<[string, RequestMatch, unknown]>([
  ['a path prefix', { pathPrefixes: ['/admin'] }, path('/admin')],
  [
    'one of several prefixes',
    { pathPrefixes: ['/admin', '/debug'] },
    { OrStatement: { Statements: [path('/admin'), path('/debug')] } },
  ],
  ['another path', { exceptPathPrefixes: ['/documents'] }, { NotStatement: { Statement: path('/documents') } }],
  ['countries', { countries: ['KP', 'IR'] }, { GeoMatchStatement: { CountryCodes: ['KP', 'IR'] } }],
  [
    'other countries',
    { exceptCountries: ['US'] },
    { NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['US'] } } } },
  ],
  [
    'a label',
    { label: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body' },
    { LabelMatchStatement: { Scope: 'LABEL', Key: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body' } },
  ],
  [
    'all conditions together',
    { label: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body', exceptPathPrefixes: ['/documents', '/scans'] },
    {
      AndStatement: {
        Statements: [
          { LabelMatchStatement: { Scope: 'LABEL', Key: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body' } },
          { NotStatement: { Statement: { OrStatement: { Statements: [path('/documents'), path('/scans')] } } } },
        ],
      },
    },
  ],
])('matches %s', (_, match, statement) => {
  expect(statementOf(match)).toEqual(statement);
});

test('accepts tokens', () => {
  const stack = newStack();
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  const countries = new CfnParameter(stack, 'Countries', { type: 'CommaDelimitedList' }).valueAsList;
  expect(statementOf({ pathPrefixes: [text('Path')], countries, label: text('Label') }, stack)).toEqual({
    AndStatement: {
      Statements: [
        { LabelMatchStatement: { Scope: 'LABEL', Key: { Ref: 'Label' } } },
        path({ Ref: 'Path' }),
        { GeoMatchStatement: { CountryCodes: { Ref: 'Countries' } } },
      ],
    },
  });
});

test.each<[string, RequestMatch, string]>([
  [
    'no condition',
    {},
    "rule 'Own' has no condition, so it would match every request. Add a condition, for example pathPrefixes.",
  ],
  [
    'an empty list',
    { countries: [] },
    'countries must be a list with at least one entry, got []. Add an entry, or ' + 'leave countries out.',
  ],
  [
    'an empty list of exceptions',
    { exceptPathPrefixes: [] },
    'exceptPathPrefixes must be a list with at least one entry, got []. Add an entry, or leave exceptPathPrefixes ' +
      'out.',
  ],
  [
    'a path without a slash',
    { pathPrefixes: ['admin'] },
    "pathPrefixes must be a path prefix such as '/admin', with at most 200 characters and no spaces, got 'admin'. "
      + 'Correct the value.',
  ],
  [
    'the name of a country',
    { exceptCountries: ['Germany'] },
    "exceptCountries must be an ISO 3166 code such as 'US' or 'GB', got 'Germany'. Correct the value.",
  ],
  [
    'a code that is not the code of a country',
    { countries: ['US', 'UK'] },
    "countries must be an ISO 3166 code such as 'US' or 'GB', got 'UK'. Correct the value.",
  ],
  ['a blank label', { label: ' ' }, "label must be a WAF label, got ' '. Correct the value."],
])('refuses %s', (_, match, sentence) => {
  expect(() => statementOf(match)).toThrow(new Error(`[Stack/Firewall] ${sentence}`));
});

test.each<[string, unknown, string]>([
  ['a string as a list', { exceptCountries: 'US' },
    "exceptCountries must be an array of strings, got 'US'. Put it into an array."],
  ['null', { countries: null }, 'countries must be an array of strings, got null. Leave it out.'],
  ['null as a label', { label: null }, 'label must be a string, got null. Leave it out.'],
])('refuses %s when the rule is created', (_, match, sentence) => {
  expect(() => statementOf(match as RequestMatch)).toThrow(new Error(`[FirewallRule.block] match.${sentence}`));
});

test('refuses a list token of prefixes', () => {
  const stack = newStack();
  const pathPrefixes = new CfnParameter(stack, 'Paths', { type: 'CommaDelimitedList' }).valueAsList;
  expect(() => statementOf({ pathPrefixes }, stack)).toThrow(new Error(
    '[Stack/Firewall] pathPrefixes must be a list of single prefixes, because each prefix becomes a statement of its '
    + 'own, got a list token. Write the list out; each prefix in it can be a token.'));
});

test('the template is valid with all conditions', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  new WebFirewall(new Stack(app, 'Stack'), 'Firewall', {
    rules: [FirewallRule.block('Own', {
      pathPrefixes: ['/admin', '/debug'],
      exceptPathPrefixes: ['/admin/health'],
      countries: ['KP'],
      exceptCountries: ['US'],
      label: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body',
    })],
  });
  expect(templateFindings(app)).toEqual([]);
});
