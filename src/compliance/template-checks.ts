import { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { Rule } from './rule';
import { accessRules } from './rules/access';
import { containerRules } from './rules/containers';
import { dataRules } from './rules/data';
import { transportRules } from './rules/transport';
import { TemplateResource, templateResources } from './template';

/** The namespace of the library's rules. */
export const TEMPLATE_CHECKS = 'cdk-hipaa';

/** All rules of the library. */
export const RULES: Rule[] = [...containerRules, ...accessRules, ...transportRules, ...dataRules];

/** The checks of the library. They read the synthesized template, which includes overrides and generic resources. */
export class TemplateChecks implements IPolicyValidationPlugin {
  public readonly name = TEMPLATE_CHECKS;
  public readonly ruleIds = RULES.map((rule) => rule.id);

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const resources = templateResources(context);
    const violations = RULES.map((rule) => ({
      ruleName: rule.id,
      description: `${rule.problem} (${rule.source})`,
      fix: rule.fix,
      severity: 'error',
      violatingResources: resources.flatMap((resource) => violationsOf(rule, resource)),
    })).filter((violation) => violation.violatingResources.length > 0);
    return { success: violations.length === 0, violations };
  }
}

function violationsOf(rule: Rule, resource: TemplateResource) {
  const locations = rule.types === undefined || rule.types.includes(resource.type) ? rule.violations(resource) : [];
  if (locations.length === 0) return [];
  return [{
    locations: locations.map((location) => `Properties.${location}`),
    // A resource of an included template has no construct, so its finding has a logical ID instead of a path.
    ...resource.construct
      ? { constructPath: resource.construct.node.path }
      : { resourceLogicalId: resource.logicalId, templatePath: resource.templatePath },
  }];
}
