import * as path from 'path';
import {
  App, CfnElement, CloudFormationValidatePlugin, IPolicyValidationContext, IPolicyValidationPlugin,
  PolicyValidationPluginReport, PolicyViolatingResource, PolicyViolation, Stack,
} from 'aws-cdk-lib';
import { AcknowledgementChecks } from './acknowledgements';
import { KnownFinding } from './baseline';
import { StackModes } from './scoped-modes';
import { StackTemplate, stackTemplates } from './template';
import { aroundSynthesis } from '../core/around-synthesis';

/** How a finding is treated. */
type Treatment = 'fail' | 'report' | 'known' | 'excluded';

/** Identifies a finding in the validation report and in the baseline. */
export const keyOf = (id: string, at: string) => `${id} ${at}`;

/** Decides whether a finding stops the synthesis, by the mode of its stack and the baseline. */
export class Judgement {
  /** The findings that would stop the synthesis without the baseline, with their numbers of places. */
  public readonly failing = new Map<string, KnownFinding>();
  /** The keys of the findings that the baseline contains. */
  public readonly known = new Set<string>();
  /** The numbers of findings in excluded stacks, by the path of the stack. */
  public readonly excluded = new Map<string, number>();

  constructor(
    private readonly modes: StackModes,
    private readonly baseline: ReadonlyMap<string, KnownFinding>,
    /** Whether this synthesis writes the baseline, and so accepts every finding. */
    public readonly writes: boolean,
  ) {}

  /** Deletes the findings of an earlier synthesis. */
  public reset(): void {
    this.failing.clear();
    this.known.clear();
    this.excluded.clear();
  }

  /** Returns a report without the findings of excluded stacks. Known findings are warnings. */
  public apply(
    plugin: string, report: PolicyValidationPluginReport, context: IPolicyValidationContext,
  ): PolicyValidationPluginReport {
    const locate = locator(context);
    const places = new Map<string, number>();
    const found = report.violations.map((violation) => ({
      violation,
      id: `${plugin.replace(/ /g, '-')}::${violation.ruleName}`,
      resources: violation.violatingResources.map((resource) => ({ resource, ...locate(resource) })),
    }));
    for (const { id, violation, resources } of found) {
      if (!isError(violation)) continue;
      for (const { resource, at } of resources) {
        places.set(keyOf(id, at), (places.get(keyOf(id, at)) ?? 0) + Math.max(1, resource.locations.length));
      }
    }
    const violations = found.flatMap(({ id, violation, resources }) => {
      const treated = resources.map((each) => ({
        ...each, treatment: this.treatment(plugin, id, violation, each, places.get(keyOf(id, each.at)) ?? 1),
      }));
      return (['fail', 'known', 'report'] as const).flatMap((treatment) => {
        const violatingResources = treated.filter((each) => each.treatment === treatment)
          .map(({ resource }) => resource);
        return violatingResources.length === 0 ? [] : [{ ...severityAs(violation, treatment), violatingResources }];
      });
    });
    // A plugin can fail without a finding.
    const broken = !report.success && report.violations.length === 0;
    return { ...report, success: !broken && !violations.some(isError), violations };
  }

  private treatment(
    plugin: string, id: string, violation: PolicyViolation, { at, stack }: Located, count: number,
  ): Treatment {
    const { mode, reason } = this.modes.of(stack);
    if (mode === 'excluded') {
      const outermost = stack!.node.scopes.find(Stack.isStack)!.node.path;
      this.excluded.set(outermost, (this.excluded.get(outermost) ?? 0) + 1);
      return 'excluded';
    }
    if (!isError(violation)) return mode === 'report' ? 'report' : 'fail';
    // An acknowledgement of the whole app would cover new findings, which a baseline must not do.
    if (plugin !== AcknowledgementChecks.NAME) {
      const key = keyOf(id, at);
      // A stack in report-only mode does not stop the synthesis, so its findings need no baseline.
      if (reason === undefined) this.failing.set(key, { id, path: at, count });
      if (this.writes || count <= (this.baseline.get(key)?.count ?? 0)) {
        this.known.add(key);
        return 'known';
      }
    }
    return mode === 'report' ? 'report' : 'fail';
  }
}

const isError = ({ severity }: PolicyViolation) =>
  severity === undefined || !['warning', 'info', 'informational', 'debug'].includes(severity);

function severityAs(violation: PolicyViolation, treatment: Treatment): PolicyViolation {
  if (treatment === 'fail') return violation;
  const known = treatment === 'known' ? ' (in the baseline)' : '';
  return { ...violation, severity: 'warning', description: `${violation.description}${known}` };
}

/** The stack of a finding, and the path that identifies it. */
interface Located {
  readonly stack?: Stack;
  readonly at: string;
}

/** Returns a function that finds the stack and the path of a finding. */
function locator(context: IPolicyValidationContext): (resource: PolicyViolatingResource) => Located {
  let templates: Map<string, StackTemplate> | undefined;
  // Reads the templates only if a finding has no construct, which is rare.
  const templateAt = (file: string) => {
    templates ??= new Map(stackTemplates(context).map((template) => [path.resolve(template.templatePath), template]));
    return templates.get(path.resolve(file));
  };
  return ({ constructPath, templatePath, resourceLogicalId }) => {
    const construct = constructPath === undefined ? undefined : constructAt(context, constructPath);
    if (construct) {
      const stack = construct.node.scopes.filter(Stack.isStack).pop();
      return { stack, at: construct.node.path };
    }
    const template = templatePath === undefined ? undefined : templateAt(templatePath);
    const resource = template?.resources.find(({ logicalId }) => logicalId === resourceLogicalId);
    const element = resource?.construct as CfnElement | undefined;
    return {
      stack: template?.stack,
      at: element?.node.path ?? constructPath ?? resourceLogicalId ?? '',
    };
  };
}

function constructAt({ appConstruct }: IPolicyValidationContext, at: string) {
  return at.split('/').filter((id) => id !== '').reduce<typeof appConstruct | undefined>(
    (construct, id) => construct?.node.tryFindChild(id), appConstruct);
}

/** Runs another plugin, and treats its findings by the modes of their stacks and by the baseline. */
export class Judged implements IPolicyValidationPlugin {
  public readonly name: string;
  public readonly version?: string;
  public readonly ruleIds?: string[];

  constructor(private readonly plugin: IPolicyValidationPlugin, private readonly judgement: Judgement) {
    this.name = plugin.name;
    this.version = plugin.version;
    this.ruleIds = plugin.ruleIds;
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    return this.judgement.apply(this.name, this.plugin.validate(context), context);
  }
}

/**
 * Treats the findings of CloudFormation Validate in the same way.
 *
 * aws-cdk-lib adds this plugin itself, and accepts only one, which can be that of the user. Therefore its method is
 * replaced during the synthesis of this app.
 */
export function judgeValidate(app: App, judgement: Judgement): void {
  aroundSynthesis(app, (synthesize) => (options) => {
    const { prototype } = CloudFormationValidatePlugin;
    const { validate } = prototype;
    prototype.validate = function (context) {
      const report = validate.call(this, context);
      if (context.appConstruct !== app) return report;
      return judgement.apply(CloudFormationValidatePlugin.PLUGIN_NAME, report, context);
    };
    try {
      return synthesize(options);
    } finally {
      prototype.validate = validate;
    }
  });
}
