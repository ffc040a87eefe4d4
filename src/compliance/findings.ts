import * as fs from 'fs';

/** A finding of the validation report of aws-cdk-lib. */
export interface RawFinding {
  /** The name of the plugin. */
  readonly check: string;
  /** The ID with its namespace, as an acknowledgement needs it. */
  readonly id: string;
  /** The path of the construct, or an empty string for a resource without a construct. */
  readonly path: string;
  readonly severity: string;
  readonly description: string;
  readonly fix?: string;
  readonly logicalId?: string;
  /** The template, relative to the cloud assembly. */
  readonly template?: string;
  readonly properties?: string[];
  /** The acknowledgement that suppressed the finding. */
  readonly acknowledgedId?: string;
  readonly acknowledgedAt?: string;
}

interface Report {
  readonly pluginReports: Array<{
    readonly pluginName: string;
    readonly conclusion: string;
    readonly metadata?: { readonly error?: string };
    readonly violations: RawViolation[];
    readonly suppressedViolations?: RawViolation[];
  }>;
}

interface RawViolation {
  readonly ruleName: string;
  readonly description: string;
  readonly suggestedFix?: string;
  readonly severity?: string;
  readonly customSeverity?: string;
  readonly acknowledgedId?: string;
  readonly acknowledgedAt?: string;
  readonly violatingConstructs: Array<{
    readonly constructPath?: string;
    readonly cloudFormationResource?: {
      readonly logicalId: string;
      readonly templatePath: string;
      readonly propertyPaths?: string[];
    };
  }>;
}

/** Reads the findings of a validation report, open and acknowledged, one for each rule and resource. */
export function findingsIn(file: string): RawFinding[] {
  const { pluginReports } = JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  return pluginReports.flatMap(({ pluginName, conclusion, metadata, violations, suppressedViolations = [] }) => {
    const found = [...violations, ...suppressedViolations].flatMap((violation) => each(pluginName, violation));
    if (conclusion !== 'failure' || found.length > 0) return found;
    const description = metadata?.error ?? 'The check failed without a finding';
    return [{ check: pluginName, id: `${pluginName}::CheckFailed`, path: '', severity: 'error', description }];
  });
}

function each(check: string, violation: RawViolation): RawFinding[] {
  const { ruleName, description, suggestedFix: fix, acknowledgedId, acknowledgedAt = '' } = violation;
  // aws-cdk-lib replaces the spaces of a namespace, and leaves out the path of the app, which is empty.
  const id = /^[^[]*::/.test(ruleName) ? ruleName : `${check.replace(/ /g, '-')}::${ruleName}`;
  return violation.violatingConstructs.map(({ constructPath, cloudFormationResource: resource }) => ({
    check,
    id,
    path: constructPath || (resource?.logicalId ?? ''),
    severity: violation.customSeverity ?? violation.severity ?? 'error',
    description,
    fix,
    logicalId: resource?.logicalId,
    template: resource?.templatePath,
    properties: resource?.propertyPaths,
    ...acknowledgedId === undefined ? {} : { acknowledgedId, acknowledgedAt },
  }));
}
