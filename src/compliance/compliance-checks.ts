import {
  App, CloudFormationValidatePlugin, IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport,
  Stack, Stage, Validations,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AcknowledgementChecks, Recorded } from './acknowledgements';
import { readBaseline, writesBaseline } from './baseline';
import { ComplianceCheckOptions } from './check-options';
import { ReportInput, reportAfterSynthesis } from './compliance-report';
import { failSynthesisOnFindings } from './fail-synthesis';
import { warnAboutImportedVpcs } from './imported-vpcs';
import { Judged, Judgement, judgeValidate, keyOf } from './judgement';
import { notJudged } from './not-judged';
import { RulePack, packPlugin } from './rule-pack';
import { isReportOnly, markReportOnly, StackModes } from './scoped-modes';
import { TemplateChecks } from './template-checks';
import { checkArguments, checkFactory } from '../core/check-props';
import { refuse, refuseUse, requireText } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** The feature flag that makes the findings of CloudFormation Validate errors instead of warnings. */
const VALIDATE_FLAG = '@aws-cdk/core:validateAgainstDefaultRules';
const REGISTERED = Symbol.for('cdk-hipaa.compliance.registered');

/**
 * Checks every stack of an app at synthesis, including stacks that do not use this library.
 *
 * The checks are the HIPAA Security pack of cdk-nag, CloudFormation Validate of aws-cdk-lib (which compares property
 * names and values with the resource schemas, and engine versions and instance classes with those that AWS offers), and
 * the checks of this library. These find problems that the other two cannot find: containers that run as root,
 * plaintext secrets, ports that the internet can reach, queues and topics without a customer managed key, distributions
 * that accept HTTP, policies of generic resources, and data that is deleted with its stack.
 *
 * Every synthesis also writes `compliance-report.json` to the cloud assembly. It lists the open findings, the
 * relaxations and acknowledgements with their reasons, the constructs that no `WorkloadMonitoring` watches, and the
 * parts that no check reads, such as a nested stack at a URL. It also lists what each imported VPC lacks, which is a
 * warning too: subnets in two zones, flow logs, endpoints and an empty default security group.
 *
 * Acknowledge an accepted finding on its resource. An acknowledgement on an app or a stage, or on a construct with
 * several findings of the same rule, is itself a finding:
 *
 *     Validations.of(resource).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: '…' });
 *
 * @example
 * const app = new App();
 * ComplianceChecks.of(app).enforce();
 */
export class ComplianceChecks {
  /** Returns the checks of an app, or of a stage or stack whose mode differs from that of its app. */
  public static of(scope: IConstruct): ComplianceChecks {
    return new ComplianceChecks(scope);
  }

  private constructor(private readonly scope: IConstruct) {
    checkFactory('ComplianceChecks.of', { scope });
    if (Stage.isStage(scope) || Stack.isStack(scope)) return;
    refuse('ComplianceChecks.of', {
      prop: 'scope', given: scope, allowed: 'an App, a Stage or a Stack', change: 'use the stack of the construct',
    });
  }

  /**
   * Makes the synthesis fail on any finding that is not a warning of CloudFormation Validate.
   *
   * Call it directly after `new App()`. It throws if the app has children, because a context value enables
   * CloudFormation Validate, and the context cannot change after that. If `cdk.json` contains the value, a later call
   * is accepted. A second call on the same app is refused, and a call for a stage or a stack is refused too.
   */
  public enforce(options: ComplianceCheckOptions = {}): void {
    checkArguments(this.scope, 'ComplianceChecks.enforce', { options });
    const app = this.requireApp('enforce');
    this.setValidateFlag(app, 'enforce', true);
    this.register(app, 'enforce', options);
    failSynthesisOnFindings(app);
  }

  /**
   * Reports all findings as warnings, so that the synthesis succeeds. Use it for an app that cannot use `enforce`
   * yet.
   *
   * The `cdk.json` of a new project makes the findings of CloudFormation Validate errors. This call makes them
   * warnings, and is then refused if the app has children. A second call on the same app is refused, and a
   * call for a stage or a stack is refused too.
   */
  public report(options: ComplianceCheckOptions = {}): void {
    checkArguments(this.scope, 'ComplianceChecks.report', { options });
    const app = this.requireApp('report');
    this.setValidateFlag(app, 'report', false);
    this.register(app, 'report', options);
  }

  /**
   * Reports the findings of a stack, or of all stacks of a stage, as warnings. Use it for a legacy stack in an app
   * that enforces the checks.
   *
   * The report contains the mode and the reason of each stack. The call is a relaxation: it raises a warning. It is
   * refused for an app, which has `report`, and a second call on the same scope is refused too. If the app has no
   * checks, the synthesis fails.
   */
  public reportOnly(options: RelaxationOptions): void {
    checkArguments(this.scope, 'ComplianceChecks.reportOnly', { options });
    if (App.isApp(this.scope)) {
      refuseUse(
        this.scope, 'ComplianceChecks.reportOnly is for a stack or a stage of an app that enforces the checks',
        'use ComplianceChecks.of(app).report()',
      );
    }
    if (isReportOnly(this.scope)) {
      refuseUse(this.scope, 'ComplianceChecks.reportOnly must be called once', 'remove the other calls');
    }
    relax(this.scope, {
      id: 'report-only-checks',
      what: 'findings of the compliance checks do not stop the synthesis',
      reason: options.reason,
    });
    markReportOnly(this.scope, options.reason);
    const scope = this.scope as IConstruct;
    scope.node.addValidation({
      validate: () => isRegistered(scope.node.root) ? [] : [
        `[${scope.node.path}] ComplianceChecks.reportOnly needs the checks of the app. `
          + 'Call ComplianceChecks.of(app).enforce() directly after new App().',
      ],
    });
  }

  private requireApp(method: string): App {
    if (App.isApp(this.scope)) return this.scope;
    return refuseUse(
      this.scope, `ComplianceChecks.${method} is for an app, because it checks all stacks`,
      `call ComplianceChecks.of(app).${method}(), and reportOnly for a stack or a stage with another mode`,
    );
  }

  private setValidateFlag(app: App, method: string, value: boolean) {
    if ((app.node.tryGetContext(VALIDATE_FLAG) === true) === value) return;
    if (app.node.children.length > 0) {
      refuseUse(
        app,
        `ComplianceChecks.${method} must be called directly after new App(), `
          + `but ${app.node.children[0].node.path} already exists`,
        `move the call, or set "${VALIDATE_FLAG}": ${value} in the context of cdk.json`,
      );
    }
    app.node.setContext(VALIDATE_FLAG, value);
  }

  private register(app: App, mode: 'enforce' | 'report', options: ComplianceCheckOptions) {
    if (isRegistered(app)) {
      refuseUse(
        app, 'ComplianceChecks must be used once for each app, with either enforce or report', 'remove the other calls',
      );
    }
    const { baseline: file, excludedStacks = [], additionalPacks = [] } = options;
    for (const [index, { stackName, reason }] of excludedStacks.entries()) {
      const prop = `excludedStacks[${index}]`;
      requireText(app, `${prop}.stackName`, stackName, 'name the stack');
      requireText(app, `${prop}.reason`, reason, 'state why the checks do not apply to the stack');
    }
    const baseline = readBaseline(app, file);
    const modes = new StackModes(app, mode, excludedStacks);
    const known = new Map(baseline.map((finding) => [keyOf(finding.id, finding.path), finding]));
    const judgement = new Judgement(modes, known, file !== undefined && writesBaseline(app));
    (app as Registered)[REGISTERED] = true;
    app.node.addValidation({ validate: () => modes.problems() });
    const importedVpcs = warnAboutImportedVpcs(app);

    const packs = [RulePack.HIPAA_SECURITY, ...additionalPacks];
    const plugins = [...[...new Set(packs)].map((pack) => packPlugin(pack, app)), new TemplateChecks()]
      .map((plugin) => new Recorded(plugin));
    const validate = process.env.CDK_VALIDATION === 'false' ? [] : [CloudFormationValidatePlugin.PLUGIN_NAME];
    const checks = [...validate, ...plugins.map((plugin) => plugin.name)];
    const input: ReportInput = {
      mode,
      checks,
      modes,
      judgement,
      baseline: { file, findings: baseline },
      dropped: () => plugins.flatMap((plugin) => plugin.dropped),
      importedVpcs,
      notJudged: [],
    };
    const acknowledgements = new Collected(new AcknowledgementChecks(plugins), input);
    Validations.of(app).addPlugins(...[...plugins, acknowledgements].map((plugin) => new Judged(plugin, judgement)));
    judgeValidate(app, judgement);
    reportAfterSynthesis(app, input);
  }
}

type Registered = IConstruct & { [REGISTERED]?: boolean };

const isRegistered = (root: IConstruct) => (root as Registered)[REGISTERED] === true;

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
