import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as include from 'aws-cdk-lib/cloudformation-include';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { ruleData, RULES_MODULE, rulesModule } from '../../../scripts/config-rules/rules-module';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { ConfigOptions } from '../../../src/guardrails/config/config-guardrail';
import { defineConformancePack } from '../../../src/guardrails/config/conformance-pack';
import { HIPAA_RULES } from '../../../src/guardrails/config/hipaa-rules';
import {
  MOST_PARAMETER_CHARACTERS,
  MOST_RULES,
  MOST_TEMPLATE_BYTES,
  sizeOf,
} from '../../../src/guardrails/config/pack-template';
import { rulesMissingIn } from '../../../src/guardrails/config/rule-regions';
import { newStack, propertiesOf, templateOf } from '../../support/app';

interface Rule {
  readonly ConfigRuleName: string;
  readonly Description?: string;
  readonly InputParameters?: Record<string, string>;
  readonly Scope?: { readonly ComplianceResourceTypes: string[] };
  readonly Source: { readonly Owner: string; readonly SourceIdentifier: string };
}

function stackWith(options: ConfigOptions = {}, region?: string): Stack {
  const stack = newStack({ env: { region } });
  defineConformancePack(new Construct(stack, 'Config'), options);
  return stack;
}

/** The text of the pack in the template. */
function text(options: ConfigOptions = {}, stack = stackWith(options)): string {
  return Object.values(propertiesOf(templateOf(stack), 'AWS::Config::ConformancePack'))[0].TemplateBody;
}

/** The rules of the pack, parsed from its text. */
function rules(options: ConfigOptions = {}): Rule[] {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'pack-')), 'pack.yaml');
  fs.writeFileSync(file, text(options));
  const stack = newStack();
  new include.CfnInclude(stack, 'Pack', { templateFile: file });
  const { Resources } = templateOf(stack).toJSON() as { Resources: Record<string, { Type: string; Properties: Rule }> };
  expect(new Set(Object.values(Resources).map(({ Type }) => Type))).toEqual(new Set(['AWS::Config::ConfigRule']));
  return Object.values(Resources).map(({ Properties }) => Properties);
}

describe('the pack', () => {
  const made = rules();
  const data = ruleData();

  test('has the 130 rules of the data once each, in the same order', () => {
    expect(made.map(({ ConfigRuleName }) => ConfigRuleName)).toEqual(data.map(({ rule }) => rule));
    expect(new Set(made.map(({ ConfigRuleName }) => ConfigRuleName)).size).toBe(130);
  });

  test('has the managed rule of the data with its types and parameters in each entry', () => {
    expect(
      made.map(({ ConfigRuleName: rule, InputParameters: parameters = {}, Scope, Source }) => ({
        rule,
        identifier: Source.SourceIdentifier,
        owner: Source.Owner,
        resourceTypes: Scope?.ComplianceResourceTypes ?? [],
        parameters,
      })),
    ).toEqual(
      data.map(({ rule, identifier, owner, resourceTypes, parameters }) => ({
        rule,
        identifier,
        owner,
        resourceTypes,
        parameters: Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== '')),
      })),
    );
  });

  test('describes the required action of the one rule without resources', () => {
    expect(made.filter(({ Description }) => Description)).toEqual([
      expect.objectContaining({
        ConfigRuleName: 'annual-risk-assessment-performed',
        Description: 'Confirm once a year that the risk analysis is done: 45 CFR 164.308(a)(1)(ii)(A).',
      }),
    ]);
  });

  test('comes from a module that matches the output of the generator', () => {
    expect(fs.readFileSync(RULES_MODULE, 'utf8')).toBe(rulesModule());
  });

  test('has the same text for the same options in any order', () => {
    const one = {
      ruleParameters: {
        'access-keys-rotated': { maxAccessKeyAge: '60' },
        'iam-password-policy': { MaxPasswordAge: '60', MinimumPasswordLength: '16' },
      },
    };
    const other = {
      ruleParameters: {
        'iam-password-policy': { MinimumPasswordLength: '16', MaxPasswordAge: '60' },
        'access-keys-rotated': { maxAccessKeyAge: '60' },
      },
    };
    expect(text(one)).toBe(text(other));
    expect(text()).toBe(text({}));
  });

  test('has the rule identifiers in PascalCase as IDs', () => {
    expect(text()).toMatch(/^Resources:\n AccessKeysRotated:\n/);
    expect(text()).toContain('\n Ec2InstanceManagedBySsm:\n');
    expect(text()).toContain('\n AnnualRiskAssessmentPerformed:\n');
  });

  test('has a name that is unique per stack', () => {
    templateOf(stackWith()).hasResourceProperties('AWS::Config::ConformancePack', {
      ConformancePackName: {
        'Fn::Join': ['', [Match.stringLikeRegexp('^hipaa-security-[0-9a-f]{8}-$'), Match.anyValue()]],
      },
    });
  });
});

describe('the limits of AWS', () => {
  test('allow the number of rules', () => {
    expect(HIPAA_RULES.length).toBeLessThanOrEqual(MOST_RULES);
  });

  test('allow the text of the default pack: 34,294 of 51,200 bytes', () => {
    expect(Buffer.byteLength(text())).toBe(34_294);
  });

  /** Parameters of all rules, each with the maximum length. */
  function filledWith(letter: string): Record<string, Record<string, string>> {
    const longest = (names: string[]) => {
      const room =
        MOST_PARAMETER_CHARACTERS - JSON.stringify(Object.fromEntries(names.map((name) => [name, '']))).length;
      return Object.fromEntries(
        names.map((name, index) => [name, index === 0 ? letter.repeat(room - names.length + 1) : letter]),
      );
    };
    const withParameters = HIPAA_RULES.filter((rule) => rule.parameters);
    return Object.fromEntries(withParameters.map((rule) => [rule.rule, longest(Object.keys(rule.parameters!))]));
  }

  test('count multibyte characters as bytes, and refuse a text that is too large', () => {
    expect(() => text({ ruleParameters: filledWith('ä') })).toThrow(
      new Error(
        '[Stack/Config] config.ruleParameters must be short enough for a pack of 51200 bytes, ' +
          'got values that result in 59397 bytes. Shorten the values, or exclude rules.',
      ),
    );
    expect(Buffer.byteLength(text({ ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: 'ä' } } }))).toBe(
      34_294,
    );
  });

  test('do not count tokens, whose length is unknown', () => {
    const token = Lazy.string({ produce: () => 'known later' });
    const counted = sizeOf({ parameters: { 'access-keys-rotated': { maxAccessKeyAge: token } }, exclude: {} });
    expect(counted).toBe(34_294 - '90'.length);
  });

  test('allow any single-byte parameters, because the length of each parameter is limited', () => {
    const size = Buffer.byteLength(text({ ruleParameters: filledWith('x') }));
    expect(size).toBeGreaterThan(45_000);
    expect(size).toBeLessThanOrEqual(MOST_TEMPLATE_BYTES);
  });
});

describe('parameters', () => {
  const parametersOf = (rule: string, options: ConfigOptions) =>
    rules(options).find(({ ConfigRuleName }) => ConfigRuleName === rule)!.InputParameters;

  test.each(HIPAA_RULES.flatMap(({ rule, parameters = {} }) => Object.keys(parameters).map((name) => [rule, name])))(
    'of %s: %s can be set',
    (rule, name) => {
      expect(text({ ruleParameters: { [rule]: { [name]: "a value of one's own" } } })).toContain(
        `   ${name}: "a value of one's own"\n`,
      );
    },
  );

  test('include every parameter of the AWS pack', () => {
    const named = (rule: string, parameters: object = {}) => Object.keys(parameters).map((name) => `${rule} ${name}`);
    const settable = HIPAA_RULES.flatMap(({ rule, parameters }) => named(rule, parameters));
    expect(
      ruleData()
        .flatMap(({ rule, parameters }) => named(rule, parameters))
        .filter((each) => !settable.includes(each)),
    ).toEqual([]);
  });

  test('keep the value of the AWS pack if they are not set', () => {
    expect(
      parametersOf('iam-password-policy', {
        ruleParameters: { 'iam-password-policy': { MinimumPasswordLength: '16' } },
      }),
    ).toMatchObject({ MinimumPasswordLength: '16', MaxPasswordAge: '90' });
  });

  test('are omitted if they are empty', () => {
    expect(
      parametersOf('access-keys-rotated', { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: '' } } }),
    ).toBeUndefined();
    expect(parametersOf('internet-gateway-authorized-vpc-only', {})).toBeUndefined();
  });

  test('stay strings if they look like a number or like YAML', () => {
    const value = '60: "a"\n- b';
    expect(
      parametersOf('access-keys-rotated', { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: value } } }),
    ).toEqual({ maxAccessKeyAge: value });
  });

  test('can be tokens', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const ruleParameters = { 'internet-gateway-authorized-vpc-only': { AuthorizedVpcIds: vpc.vpcId } };
    defineConformancePack(new Construct(stack, 'Config'), { ruleParameters });
    templateOf(stack).hasResourceProperties('AWS::Config::ConformancePack', {
      TemplateBody: {
        'Fn::Join': [
          '',
          [Match.stringLikeRegexp('AuthorizedVpcIds: "$'), { Ref: 'Vpc8378EB38' }, Match.stringLikeRegexp('^"\\n')],
        ],
      },
    });
  });
});

describe('excludedRules', () => {
  const options = {
    excludedRules: {
      'dms-replication-not-public': 'no replication here',
      'emr-kerberos-enabled': 'no clusters of EMR',
    },
  };

  test('removes only the excluded rule', () => {
    expect(rules(options).map(({ ConfigRuleName }) => ConfigRuleName))
      .toEqual(ruleData().map(({ rule }) => rule).filter((rule) => !Object.keys(options.excludedRules).includes(rule)));
  });

  test('adds a relaxation with a reason for each rule', () => {
    const stack = stackWith(options);
    const said = stack.node
      .findChild('Config')
      .node.metadata.filter(({ type }) => type === RELAXATION_METADATA)
      .map(({ data }) => data);
    expect(said).toEqual([
      {
        id: 'cdk-hipaa:config-rule-dms-replication-not-public-excluded',
        what: 'the conformance pack leaves out the AWS Config rule dms-replication-not-public',
        reason: 'no replication here',
      },
      {
        id: 'cdk-hipaa:config-rule-emr-kerberos-enabled-excluded',
        what: 'the conformance pack leaves out the AWS Config rule emr-kerberos-enabled',
        reason: 'no clusters of EMR',
      },
    ]);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Config',
      Match.stringLikeRegexp(
        'the conformance pack leaves out the AWS Config rule emr-kerberos-enabled \\(reason given: no clusters of '
          + 'EMR\\)',
      ),
    );
  });
});

describe('validation', () => {
  const all = Object.fromEntries(ruleData().map(({ rule }) => [rule, 'not here']));
  const names = ruleData().map(({ rule }) => rule).join(', ');
  const ALB =
    "config.ruleParameters['alb-waf-enabled'] must not be set, because the rule has no parameters. Remove it.";
  test.each<[string, ConfigOptions, string]>([
    [
      'a parameter of an unknown rule',
      { ruleParameters: { 'access-key-rotated': { maxAccessKeyAge: '60' } } },
      `config.ruleParameters must be an object whose keys are rules of the pack (${names}), got the rule `
        + '\'access-key-rotated\'. Correct the name of the rule.',
    ],
    [
      'an unknown parameter',
      { ruleParameters: { 'access-keys-rotated': { maxAge: '60' } } },
      "config.ruleParameters['access-keys-rotated'] must be an object with maxAccessKeyAge, got the parameter "
        + "'maxAge'. Correct the name of the parameter.",
    ],
    ['a parameter of a rule without any', { ruleParameters: { 'alb-waf-enabled': { wafWebAclIds: 'x' } } }, ALB],
    [
      'a value that is too long',
      { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: 'x'.repeat(1024) } } },
      "config.ruleParameters['access-keys-rotated'] must be at most 1024 characters of JSON, got 1046 characters. "
        + 'Shorten the values.',
    ],
    [
      'a number',
      { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: 60 as never } } },
      "config.ruleParameters['access-keys-rotated']['maxAccessKeyAge'] must be a string, got 60. Put the value in "
        + 'quotes.',
    ],
    [
      'an undefined value',
      { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: undefined as never } } },
      "config.ruleParameters['access-keys-rotated']['maxAccessKeyAge'] must be a string, got undefined. Put the value "
        + 'in quotes.',
    ],
    [
      'an unknown excluded rule',
      { excludedRules: { 'emr-kerberos': 'no EMR' } },
      `config.excludedRules must be an object whose keys are rules of the pack (${names}), got the rule `
        + '\'emr-kerberos\'. Correct the name of the rule.',
    ],
    [
      'a blank reason for an exclusion',
      { excludedRules: { 'emr-kerberos-enabled': ' ' } },
      "config.excludedRules['emr-kerberos-enabled'] must be a non-blank string, got ' '. Say why the rule does not "
        + 'apply to this account.',
    ],
    [
      'parameters of an excluded rule',
      {
        ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: '60' } },
        excludedRules: { 'access-keys-rotated': 'no users' },
      },
      "config.ruleParameters['access-keys-rotated'] must not be set, because config.excludedRules excludes the rule. "
        + 'Remove one of the two.',
    ],
    [
      'the exclusion of every rule',
      { excludedRules: all },
      'config.excludedRules must be a part of the rules of the pack, got every rule. Skip CONFORMANCE_PACK with a '
        + 'reason.',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => stackWith(options)).toThrow(new Error(`[Stack/Config] ${message}`));
  });
});

describe('the rules of a region', () => {
  const names = (stack: Stack) =>
    [...text({}, stack).matchAll(/ConfigRuleName: (\S+)/g)].map(([, name]) => name);
  const infos = (stack: Stack) => Annotations.fromStack(stack).findInfo('*', Match.anyValue());
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue());

  test.each([['us-east-1', 130], ['eu-west-1', 130], ['us-gov-west-1', 107], ['cn-north-1', 101], ['ca-west-1', 101]])(
    'of %s are %d of the 130',
    (region, count) => expect(names(stackWith({}, region))).toHaveLength(count),
  );

  test.each([
    ['us-gov-west-1', 'root-account-hardware-mfa-enabled'],
    ['us-gov-east-1', 'opensearch-https-required'],
    ['cn-north-1', 'aurora-resources-protected-by-backup-plan'],
    ['cn-northwest-1', 'lambda-function-public-access-prohibited'],
    ['eu-south-2', 'access-keys-rotated'],
    ['eu-west-2', 'ecs-task-definition-user-for-host-mode-check'],
    ['ap-southeast-7', 'guardduty-enabled-centralized'],
  ])('of %s do not contain %s, and keep the others in order', (region, missing) => {
    const found = names(stackWith({}, region));
    expect(found).not.toContain(missing);
    expect(found).toContain('s3-bucket-ssl-requests-only');
    expect(found).toEqual(names(stackWith()).filter((name) => found.includes(name)));
  });

  test('that the pack leaves out are listed', () => {
    const stack = stackWith({}, 'eu-north-1');
    expect(infos(stack).map(({ entry }) => entry.data)).toEqual([
      'eu-north-1 does not offer 1 of the 130 rules, and the conformance pack leaves them out: '
        + 'redshift-cluster-public-access-check [ack: cdk-hipaa:config-rules-of-region]',
    ]);
    expect(warnings(stack)).toEqual([]);
  });

  test('are all 130 without an annotation where the region offers them', () => {
    const stack = stackWith({}, 'us-east-1');
    expect([...infos(stack), ...warnings(stack)]).toEqual([]);
  });

  test('are all 130 with a warning if the stack has no region', () => {
    const stack = stackWith();
    expect(names(stack)).toHaveLength(130);
    expect(warnings(stack).map(({ entry }) => entry.data)).toEqual([
      'the stack has no region, so the conformance pack contains all 130 rules, and its deployment fails in a region '
        + 'that lacks one of them: set the region of the stack, or exclude the rules that AWS Config does not offer '
        + 'there with config.excludedRules [ack: cdk-hipaa:config-rules-of-unknown-region]',
    ]);
  });

  test.each([['ap-southeast-6', true], ['xx-new-1', false]])(
    'raise a warning in %s, whose rules are not known completely',
    (region, someKnown) => {
      const stack = stackWith({}, region);
      expect(names(stack).length < 130).toBe(someKnown);
      expect(warnings(stack).map(({ entry }) => entry.data)).toEqual([
        `it is not known which of the 130 rules ${region} lacks, and the deployment of the conformance pack fails if `
          + 'it contains one of them: exclude the rules that AWS Config does not offer there with '
          + 'config.excludedRules [ack: cdk-hipaa:config-rules-of-unknown-region]',
      ]);
    },
  );

  test('can have parameters, also where the region lacks the rule', () => {
    const ruleParameters = { 'access-keys-rotated': { maxAccessKeyAge: '60' } };
    expect(names(stackWith({ ruleParameters }, 'eu-south-2'))).not.toContain('access-keys-rotated');
  });

  test('cannot all be excluded', () => {
    const offered = names(stackWith({}, 'us-gov-west-1'));
    const excludedRules = Object.fromEntries(offered.map((name) => [name, 'not needed']));
    expect(() => stackWith({ excludedRules }, 'us-gov-west-1')).toThrow(new Error(
      '[Stack/Config] config.excludedRules must be a part of the rules of the pack, got every rule. '
        + 'Skip CONFORMANCE_PACK with a reason.'));
  });

  test('are regions and rules that exist', () => {
    const regions = RegionInfo.regions.map(({ name }) => name);
    const rulesOfPack = HIPAA_RULES.map(({ rule }) => rule);
    for (const region of regions) {
      expect(rulesOfPack).toEqual(expect.arrayContaining(rulesMissingIn(region)));
      expect(new Set(rulesMissingIn(region)).size).toBe(rulesMissingIn(region).length);
    }
    // The two lists of regions name no region that aws-cdk-lib does not know.
    const source = fs.readFileSync(path.join(__dirname, '../../../src/guardrails/config/rule-regions.ts'), 'utf8');
    const named = [...source.matchAll(/'([a-z]{2}(?:-gov)?-[a-z]+-\d)'/g)].map(([, region]) => region);
    expect(named.filter((region) => !regions.includes(region))).toEqual([]);
  });
});
