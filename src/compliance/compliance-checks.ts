import {
  App, CloudFormationValidatePlugin, IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport,
  Validations,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AcknowledgementChecks, Recorded } from './acknowledgements';
import { ReportInput, reportAfterSynthesis } from './compliance-report';
import { failSynthesisOnFindings } from './fail-synthesis';
import { notJudged } from './not-judged';
import { RulePack, packPlugin } from './rule-pack';
import { TemplateChecks } from './template-checks';
import { checkArguments, checkFactory } from '../core/check-props';
import { refuseUse } from '../core/refusal';

/** The feature flag that makes the findings of CloudFormation Validate errors instead of warnings. */
const VALIDATE_FLAG = '@aws-cdk/core:validateAgainstDefaultRules';
const REGISTERED = Symbol.for('cdk-hipaa.compliance.registered');

/** The options of the compliance checks. */
export interface ComplianceCheckOptions {
  /**
   * The rule packs of cdk-nag that run in addition to the HIPAA Security pack.
   * @default - none
   */
  readonly additionalPacks?: RulePack[];
}

/**
 * Checks every stack of an app at synthesis, including stacks that do not use this library.
 *
 * The checks are the HIPAA Security pack of cdk-nag, CloudFormation Validate of aws-cdk-lib (property names and
 * values against the resource schemas, engine versions and instance classes against those that AWS offers), and the
 * checks of this library, which find problems that the other two cannot find: containers that run as root, plaintext
 * secrets, queues and topics without a customer managed key, distributions that accept HTTP, policies of generic
 * resources, and data that is deleted with its stack.
 *
 * Every synthesis also writes `compliance-report.json` to the cloud assembly. It lists the open findings, the
 * relaxations and acknowledgements with their reasons, the constructs that no `WorkloadMonitoring` watches, and the
 * parts that no check reads, such as a nested stack at a URL.
 *
 * Acknowledge an accepted finding on its resource. An acknowledgement on an app or a stage, or on a construct with
 * several findings of the same rule, is itself a finding:
 *
 *     Validations.of(resource).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: '…' });
 */
export class ComplianceChecks {
  /** Returns the checks of an app. */
  public static of(app: App): ComplianceChecks {
    return new ComplianceChecks(app);
  }

  private constructor(private readonly app: App) {
    checkFactory('ComplianceChecks.of', { app });
  }

  /**
   * Makes the synthesis fail on any finding.
   *
   * Call it directly after `new App()`. It throws if the app has children, because a context value enables
   * CloudFormation Validate, and the context cannot change after that. If `cdk.json` contains the value, a later call
   * is accepted. A second call on the same app is refused.
   */
  public enforce(options: ComplianceCheckOptions = {}): void {
    checkArguments(this.app, 'ComplianceChecks.enforce', { options });
    this.setValidateFlag('enforce', true);
    this.register('enforce', options, (plugin) => plugin);
    failSynthesisOnFindings(this.app);
  }

  /**
   * Reports all findings as warnings, so that the synthesis succeeds. Use it for an app that cannot use `enforce`
   * yet.
   *
   * The `cdk.json` of a new project makes the findings of CloudFormation Validate errors. This call makes them
   * warnings, and is then refused if the app has children. A second call on the same app is refused.
   */
  public report(options: ComplianceCheckOptions = {}): void {
    checkArguments(this.app, 'ComplianceChecks.report', { options });
    this.setValidateFlag('report', false);
    this.register('report', options, (plugin) => new ReportOnly(plugin));
  }

  private setValidateFlag(method: string, value: boolean) {
    if ((this.app.node.tryGetContext(VALIDATE_FLAG) === true) === value) return;
    if (this.app.node.children.length > 0) {
      refuseUse(
        this.app,
        `ComplianceChecks.${method} must be called directly after new App(), `
          + `but ${this.app.node.children[0].node.path} already exists`,
        `move the call, or set "${VALIDATE_FLAG}": ${value} in the context of cdk.json`,
      );
    }
    this.app.node.setContext(VALIDATE_FLAG, value);
  }

  private register(
    mode: string, options: ComplianceCheckOptions, wrap: (plugin: IPolicyValidationPlugin) => IPolicyValidationPlugin,
  ) {
    const marked = this.app as IConstruct & { [REGISTERED]?: boolean };
    if (marked[REGISTERED]) {
      refuseUse(
        this.app,
        'ComplianceChecks must be used once for each app, with either enforce or report',
        'remove the other calls',
      );
    }
    marked[REGISTERED] = true;
    const packs = [RulePack.HIPAA_SECURITY, ...options.additionalPacks ?? []];
    const plugins = [...[...new Set(packs)].map((pack) => packPlugin(pack, this.app)), new TemplateChecks()]
      .map((plugin) => new Recorded(plugin));
    const validate = process.env.CDK_VALIDATION === 'false' ? [] : [CloudFormationValidatePlugin.PLUGIN_NAME];
    const input = { mode, checks: [...validate, ...plugins.map((plugin) => plugin.name)], notJudged: [] };
    const acknowledgements = new Collected(new AcknowledgementChecks(plugins), input);
    Validations.of(this.app).addPlugins(...[...plugins, acknowledgements].map(wrap));
    reportAfterSynthesis(this.app, input);
  }
}

/** Passes a plugin on, and collects for the report what only a plugin can read. */
class Collected implements IPolicyValidationPlugin {
  public readonly name: string;
  public readonly ruleIds?: string[];

  constructor(private readonly plugin: IPolicyValidationPlugin, private readonly input: ReportInput) {
    this.name = plugin.name;
    this.ruleIds = plugin.ruleIds;
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    this.input.context = context;
    this.input.notJudged = notJudged(context);
    return this.plugin.validate(context);
  }
}

/** Runs another plugin and reports its findings as warnings, so that they do not stop the synthesis. */
class ReportOnly implements IPolicyValidationPlugin {
  public readonly name: string;
  public readonly version?: string;
  public readonly ruleIds?: string[];

  constructor(private readonly plugin: IPolicyValidationPlugin) {
    this.name = plugin.name;
    this.version = plugin.version;
    this.ruleIds = plugin.ruleIds;
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const report = this.plugin.validate(context);
    const violations = report.violations.map((violation) => ({ ...violation, severity: 'warning' }));
    return { ...report, success: true, violations };
  }
}
