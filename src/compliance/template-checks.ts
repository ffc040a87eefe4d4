import {
  IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolatingResource,
  PolicyViolation,
} from 'aws-cdk-lib';
import { Rule, Violation } from './rule';
import { accessRules } from './rules/access';
import { alarmRules } from './rules/alarms';
import { containerRules } from './rules/containers';
import { dataRules } from './rules/data';
import { encryptionRules } from './rules/encryption';
import { secretRules } from './rules/secrets';
import { storeRules } from './rules/stores';
import { transportRules } from './rules/transport';
import { computedOnce, OUTPUT, PARAMETER, TemplateResource, templateResources } from './template';
import { variantsOf } from './variants';

/** The namespace of the library's rules. */
export const TEMPLATE_CHECKS = 'cdk-hipaa';

/** The attributes of a resource beside its properties. */
const ATTRIBUTES = /^(DeletionPolicy|UpdateReplacePolicy|Metadata(\..*)?)$/;
/** The characters with a meaning in the ID of an acknowledgement: brackets and the end of a namespace. */
const NOT_IN_A_NAME = /[()[\]{}:\s]+/g;

/** All rules of the library. */
export const RULES: Rule[] = [
  ...containerRules,
  ...secretRules,
  ...accessRules,
  ...transportRules,
  ...dataRules,
  ...encryptionRules,
  ...storeRules,
  ...alarmRules,
];

/** The checks of the library. They read the synthesized template, which includes overrides and generic resources. */
export class TemplateChecks implements IPolicyValidationPlugin {
  public readonly name = TEMPLATE_CHECKS;
  public readonly ruleIds = RULES.map((rule) => rule.id);

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const formsOf = computedOnce(variantsOf);
    const resources = templateResources(context);
    const violations = RULES.flatMap((rule) =>
      violationsOf(rule, resources, rule.readsFunctions ? (resource) => [resource] : formsOf));
    return { success: violations.length === 0, violations };
  }
}

/** One violation for each part that the rule names. An acknowledgement covers one ID on one resource. */
function violationsOf(
  rule: Rule, resources: TemplateResource[], formsOf: (resource: TemplateResource) => TemplateResource[],
): PolicyViolation[] {
  const byName = new Map<string, { part?: string; resources: PolicyViolatingResource[] }>();
  for (const resource of resources.filter(({ type }) => rule.types === undefined || rule.types.includes(type))) {
    for (const [part, locations] of partsOf(formsOf(resource).flatMap((form) => rule.violations(form)))) {
      const name = part === undefined ? rule.id : `${rule.id}[${part}]`;
      const found = byName.get(name) ?? { part, resources: [] };
      byName.set(name, found);
      found.resources.push(violatingResource(resource, locations));
    }
  }
  return [...byName].map(([ruleName, { part, resources: violatingResources }]) => ({
    ruleName,
    description: `${rule.problem}${part === undefined ? '' : `: ${part}`} (${rule.source})`,
    fix: rule.fix,
    severity: 'error',
    violatingResources,
  }));
}

function partsOf(violations: Array<string | Violation>): Map<string | undefined, string[]> {
  const parts = new Map<string | undefined, string[]>();
  for (const violation of violations) {
    const { part, location } = typeof violation === 'string' ? { part: undefined, location: violation } : violation;
    const name = part?.replace(NOT_IN_A_NAME, '-');
    parts.set(name, [...new Set([...parts.get(name) ?? [], location])]);
  }
  return parts;
}

function violatingResource(resource: TemplateResource, locations: string[]): PolicyViolatingResource {
  const isElement = [PARAMETER, OUTPUT].includes(resource.type);
  return {
    locations: locations.map((location) =>
      isElement || ATTRIBUTES.test(location) ? location : `Properties.${location}`),
    // A resource of an included template has no construct, so its finding has only a logical ID.
    ...resource.construct && { constructPath: resource.construct.node.path },
    resourceLogicalId: resource.logicalId,
    templatePath: resource.templatePath,
  };
}
