import {
  CfnResource, IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation, Stack,
  Stage, Validations,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DroppedFinding, droppedBy, RulePack } from './rule-pack';
import { isAcknowledgedByLibrary } from '../core/acknowledge';

/** An acknowledgement of a rule on a construct. */
export interface Acknowledged {
  readonly construct: IConstruct;
  /** The ID with its namespace: `HIPAA.Security::HIPAA.Security-X`. */
  readonly id: string;
  readonly reason: string;
}

/** The author of an acknowledgement: a construct of cdk-hipaa, aws-cdk-lib itself, or the app. */
export type AcknowledgedBy = 'library' | 'aws-cdk-lib' | 'app';

/**
 * How the reasons of aws-cdk-lib begin. It acknowledges findings of CloudFormation Validate on its own constructs, and
 * its acknowledgements have no other mark. `test/compliance/acknowledgements.test.ts` compares the list with its code.
 */
export const REASONS_OF_AWS_CDK_LIB = [
  'We are intentionally creating a duplicate resource',
  'AWS::EC2::FlowLog DestinationOptions accepts properties in camelCase',
  'An empty list of resources to replicate tags is historically supported',
  'Duplicate domain names in subjectAlternativeNames exist for historical reasons',
  'SSM parameter is typed as String instead of',
  'Literal AZs in template are the result of accessing stack.availabilityZones',
  'accessControl is deprecated, but we are still using it',
  'LifecycleRule.objectSizeLessThan and LifecycleRule.objectSizeGreaterThan are numbers',
  'action is deprecated, but still in use',
  'elasticSearchConfig is deprecated, but still in use',
  'The AMI ID is resolved from a synth-time lookup',
];

/**
 * A rule of a pack without the name of the pack. cdk-nag drops its findings, on the construct and everything below,
 * before they can be counted.
 */
const UNQUALIFIED = /^(?:annotation::)?((?:HIPAA\.Security|AwsSolutions|NIST\.800\.53\.R5)-.*)$/i;

/** The rule of an acknowledgement that does not name the pack, or undefined. */
export const unqualifiedRule = (id: string) => UNQUALIFIED.exec(id)?.[1];

/** Returns the acknowledgements below a root. */
export function acknowledgementsIn(root: IConstruct): Acknowledged[] {
  return root.node.findAll().flatMap((construct) => construct.node.metadata
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.entries(entry.data as Record<string, string>))
    .map(([id, reason]) => ({ construct, id, reason })));
}

/** Returns who made an acknowledgement. */
export function acknowledgedBy({ construct, id, reason }: Acknowledged): AcknowledgedBy {
  if (isAcknowledgedByLibrary(construct, id, reason)) return 'library';
  const isOfValidate = id.startsWith('CloudFormation-Validate::');
  return isOfValidate && REASONS_OF_AWS_CDK_LIB.some((start) => reason.startsWith(start)) ? 'aws-cdk-lib' : 'app';
}

/** Whether an acknowledgement concerns a check that ran, or no rule pack at all. */
export function concernsRun(id: string, checks: string[]): boolean {
  const rule = id.replace(/^Annotation::/, '');
  const pack = Object.values(RulePack).find((name) => rule.startsWith(`${name}::`) || rule.startsWith(`${name}-`));
  return pack === undefined || checks.includes(pack);
}

/** Wraps a plugin, and keeps its findings before aws-cdk-lib applies the acknowledgements. */
export class Recorded implements IPolicyValidationPlugin {
  public readonly name: string;
  public readonly version?: string;
  public readonly ruleIds?: string[];
  /** The paths of the findings, by qualified ID. */
  public readonly findings = new Map<string, string[]>();

  constructor(private readonly plugin: IPolicyValidationPlugin) {
    this.name = plugin.name;
    this.version = plugin.version;
    this.ruleIds = plugin.ruleIds;
  }

  /** The findings that the plugin left out because of an acknowledgement. */
  public get dropped(): DroppedFinding[] {
    return droppedBy(this.plugin);
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const report = this.plugin.validate(context);
    this.findings.clear();
    for (const { ruleName, violatingResources } of report.violations) {
      const id = `${this.name}::${ruleName}`;
      const paths = violatingResources.flatMap(({ constructPath }) => constructPath ?? []);
      this.findings.set(id, [...this.findings.get(id) ?? [], ...paths]);
    }
    return report;
  }
}

/**
 * Reports acknowledgements without a reason, and those that cover more than one resource.
 *
 * Nobody can acknowledge these findings. aws-cdk-lib applies an acknowledgement to everything below its construct. One
 * on an app, a stage or a stack covers every resource that is added later, so it is a finding even if it covers only
 * one today.
 */
export class AcknowledgementChecks implements IPolicyValidationPlugin {
  /** The name of the plugin. */
  public static readonly NAME = 'cdk-hipaa report';

  public readonly name = AcknowledgementChecks.NAME;
  public readonly ruleIds = [
    'AcknowledgementOfApp', 'AcknowledgementOfSeveralResources', 'AcknowledgementOfStack',
    'AcknowledgementWithoutReason',
  ];

  constructor(private readonly recorded: Recorded[]) {}

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const all = acknowledgementsIn(context.appConstruct)
      .filter(({ id }) => !id.startsWith('Annotation::') || UNQUALIFIED.test(id));
    const violations = all.flatMap((each) => [...withoutReason(each), ...this.ofSeveralResources(each)]);
    return { success: violations.length === 0, violations };
  }

  private ofSeveralResources(acknowledged: Acknowledged): PolicyViolation[] {
    const { construct, id } = acknowledged;
    if (CfnResource.isCfnResource(construct)) return [];
    const place = placeOf(acknowledged);
    if (place !== undefined) {
      const rule = place === 'a stack' ? 'AcknowledgementOfStack' : 'AcknowledgementOfApp';
      return [violation(rule, `${id} is acknowledged on ${place}, which covers every resource`, construct)];
    }
    if (UNQUALIFIED.test(id) && !CfnResource.isCfnResource(construct.node.defaultChild)) {
      return [violation(
        'AcknowledgementOfSeveralResources',
        `${id} is acknowledged without its pack on a construct that is not one resource`,
        construct,
      )];
    }
    const covered = this.coveredBy(acknowledged);
    return covered.length < 2 ? [] : [violation(
      'AcknowledgementOfSeveralResources',
      `${id} is acknowledged on a construct with ${covered.length} findings: ${covered.join(', ')}`,
      construct,
    )];
  }

  /** The paths of the resources below the construct that have the finding. */
  private coveredBy({ construct, id }: Acknowledged): string[] {
    const paths = this.recorded.flatMap(({ findings }) => findings.get(id) ?? []);
    return [...new Set(paths)].filter((path) => path.startsWith(`${construct.node.path}/`));
  }
}

/** The part of an app that covers resources which do not exist yet, or undefined for a construct. */
function placeOf(acknowledged: Acknowledged): string | undefined {
  const { construct } = acknowledged;
  if (Stage.isStage(construct)) return construct.node.scope ? 'a stage' : 'the app';
  // aws-cdk-lib itself acknowledges the literal zones of a stack on the stack.
  return Stack.isStack(construct) && acknowledgedBy(acknowledged) === 'app' ? 'a stack' : undefined;
}

/** Reports a reason without text. A user without a compiler can leave it out. */
function withoutReason({ construct, id, reason }: Acknowledged): PolicyViolation[] {
  if (typeof reason === 'string' && reason.trim() !== '') return [];
  return [violation(
    'AcknowledgementWithoutReason', `${id} is acknowledged without a reason`, construct,
    'State why the resource does not need the rule.',
  )];
}

function violation(
  ruleName: string, description: string, construct: IConstruct,
  fix = 'Acknowledge the finding on the resource that has it.',
): PolicyViolation {
  return {
    ruleName,
    description,
    fix,
    // aws-cdk-lib applies no acknowledgement to a fatal finding.
    severity: 'fatal',
    violatingResources: [{ constructPath: construct.node.path, locations: [] }],
  };
}
