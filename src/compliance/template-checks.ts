import { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { Rule } from './rule';
import { accessRules } from './rules/access';
import { containerRules } from './rules/containers';
import { dataRules } from './rules/data';
import { transportRules } from './rules/transport';
import { TemplateResource, templateResources } from './template';

/** The namespace of this library's own rules. */
export const TEMPLATE_CHECKS = 'cdk-hipaa';

/** All checks of this library's own. */
export const RULES: Rule[] = [...containerRules, ...accessRules, ...transportRules, ...dataRules];

/** This library's own checks. They read the synthesised template, where nothing is generic and no override is hidden. */
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
  const locations = rule.types.includes(resource.type) ? rule.violations(resource) : [];
  if (locations.length === 0) return [];
  return [{
    locations: locations.map((location) => `Properties.${location}`),
    // A path is exact where a construct is known; a logical id serves for what came from an included template.
    ...resource.construct
      ? { constructPath: resource.construct.node.path }
      : { resourceLogicalId: resource.logicalId, templatePath: resource.templatePath },
  }];
}
