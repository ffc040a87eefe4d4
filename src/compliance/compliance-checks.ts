import { App, CloudFormationValidatePlugin, IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ComplianceReport, removeStaleReport } from './compliance-report';
import { failSynthesisOnFindings } from './fail-synthesis';
import { ReportOnly } from './report-only';
import { RulePack, packPlugin } from './rule-pack';
import { TemplateChecks } from './template-checks';
import { refuse, Situation } from '../core/refusal';

/** The feature flag that turns the findings of CloudFormation Validate from warnings into errors. */
const VALIDATE_FLAG = '@aws-cdk/core:validateAgainstDefaultRules';
const REGISTERED = Symbol.for('cdk-hipaa.compliance.registered');

/** Which checks run beside the ones that always do. */
export interface ComplianceCheckOptions {
  /**
   * Further rule packs of cdk-nag.
   * @default - none beside the HIPAA Security pack
   */
  readonly additionalPacks?: RulePack[];
}

/**
 * The checks that judge every stack of an app when it is synthesised, whoever wrote the stack.
 *
 * They are cdk-nag's HIPAA Security pack, aws-cdk-lib's CloudFormation Validate (property names and values against the
 * resource schemas, engine versions and instance classes against what AWS offers), and the checks of this library for
 * what those two cannot see: containers that run as root, plaintext secrets, queues and topics without a key of your
 * own, distributions that answer over HTTP, policies of generic resources, data that goes with its stack.
 *
 * Every synthesis also writes `compliance-report.json` into the cloud assembly: what was checked, what was relaxed and acknowledged, each
 * with its reason, and what nobody watches.
 *
 * An accepted finding is acknowledged on its one resource:
 * `Validations.of(resource).acknowledge({ id: 'cdk-hipaa::QueueWithoutOwnKey', reason: '…' })`.
 */
export class ComplianceChecks {
  /** The checks of an app. */
  public static of(app: App): ComplianceChecks {
    return new ComplianceChecks(app);
  }

  private constructor(private readonly app: App) {}

  /**
   * Synthesis fails on any finding.
   *
   * Refused once the app has children, since CloudFormation Validate is set by context, which is then closed; the same
   * line in `cdk.json` lifts that. Refused a second time on the same app.
   */
  public enforce(options: ComplianceCheckOptions = {}): void {
    this.setValidateFlag('enforce', true);
    this.register('enforce', options, (plugin) => plugin);
    failSynthesisOnFindings(this.app);
  }

  /**
   * Synthesis succeeds, and lists what it found as warnings. For apps on their way to `enforce`.
   *
   * Where `cdk.json` makes errors of the findings of CloudFormation Validate, as that of a new project does, this makes them
   * warnings again. In that case it is refused once the app has children. Refused a second time on the same app.
   */
  public report(options: ComplianceCheckOptions = {}): void {
    this.setValidateFlag('report', false);
    this.register('report', options, (plugin) => new ReportOnly(plugin));
  }

  private setValidateFlag(method: string, value: boolean) {
    if ((this.app.node.tryGetContext(VALIDATE_FLAG) === true) === value) return;
    if (this.app.node.children.length > 0) {
      refuse(this.app, {
        prop: `ComplianceChecks.${method}`,
        given: new Situation(`called after ${this.app.node.children[0].node.path} was made`),
        allowed: 'right after new App(), before anything is made in it',
        change: `move the call up, or set "${VALIDATE_FLAG}": ${value} in the context of cdk.json`,
      });
    }
    this.app.node.setContext(VALIDATE_FLAG, value);
  }

  private register(mode: string, options: ComplianceCheckOptions, wrap: (plugin: IPolicyValidationPlugin) => IPolicyValidationPlugin) {
    const marked = this.app as IConstruct & { [REGISTERED]?: boolean };
    if (marked[REGISTERED]) {
      refuse(this.app, {
        prop: 'ComplianceChecks',
        given: new Situation('put on this app a second time'),
        allowed: 'one call of enforce or report',
        change: 'remove one of the calls',
      });
    }
    marked[REGISTERED] = true;
    const packs = [RulePack.HIPAA_SECURITY, ...options.additionalPacks ?? []];
    const plugins = [...[...new Set(packs)].map((pack) => packPlugin(pack, this.app)), new TemplateChecks()].map(wrap);
    this.app.node.addValidation({ validate: () => removeStaleReport(this.app.outdir) });
    const checks = [...process.env.CDK_VALIDATION === 'false' ? [] : [CloudFormationValidatePlugin.PLUGIN_NAME], ...plugins.map((plugin) => plugin.name)];
    Validations.of(this.app).addPlugins(...plugins, new ComplianceReport(mode, checks));
  }
}
