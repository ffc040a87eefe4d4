import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ExcludedStack } from './check-options';
import { jsiiNames } from '../core/describe-value';

const REPORT_ONLY = Symbol.for('cdk-hipaa.compliance.report-only');

type Marked = IConstruct & { [REPORT_ONLY]?: string };

/** The parts of a pipeline of aws-cdk-lib that name its stacks in other regions and accounts. The second is private. */
interface PipelineSupport {
  readonly crossRegionSupport: Record<string, { stack: Stack }>;
  readonly _crossAccountSupport?: Record<string, Stack>;
}
/** The IDs of these stacks. An action of a pipeline can also be in a stack of the app. */
const SUPPORT_STACK = /^cross-(region|account-support)-stack-/;

/** How the checks treat the findings of a stack. */
export interface StackMode {
  /** `enforce`: findings stop the synthesis. `report`: they are warnings. `excluded`: they are only counted. */
  readonly mode: 'enforce' | 'report' | 'excluded';
  /** The reason for a mode that the app does not have. */
  readonly reason?: string;
}

/** Marks a stack, or a stage with its stacks, as report-only. */
export function markReportOnly(scope: IConstruct, reason: string): void {
  (scope as Marked)[REPORT_ONLY] = reason;
}

/** Whether a scope itself is marked as report-only. */
export function isReportOnly(scope: IConstruct): boolean {
  return (scope as Marked)[REPORT_ONLY] !== undefined;
}

/** The modes of the stacks of an app. */
export class StackModes {
  constructor(
    private readonly root: IConstruct,
    private readonly appMode: 'enforce' | 'report',
    private readonly excluded: ExcludedStack[],
  ) {}

  /** The mode of a stack. A nested stack has the mode of its parent. Without a stack, the mode of the app. */
  public of(stack: Stack | undefined): StackMode {
    if (stack === undefined) return { mode: this.appMode };
    const exclusion = stack.node.scopes.filter(Stack.isStack).map((each) => this.exclusionOf(each))
      .find((found) => found !== undefined);
    if (exclusion) return { mode: 'excluded', reason: exclusion.reason };
    const reason = [...stack.node.scopes].reverse().map((each) => (each as Marked)[REPORT_ONLY])
      .find((found) => found !== undefined);
    return reason === undefined ? { mode: this.appMode } : { mode: 'report', reason };
  }

  /** Refuses an excluded stack that does not exist: its name has changed, or it is misspelt. */
  public problems(): string[] {
    const stacks = this.root.node.findAll().filter(Stack.isStack);
    return this.excluded.map((exclusion, index) => ({ exclusion, index }))
      .filter(({ exclusion }) => !stacks.some((stack) => isNamed(stack, exclusion)))
      .map(({ exclusion, index }) =>
        `[App] excludedStacks[${index}].stackName must be the name or path of a stack of the app, got `
          + `'${exclusion.stackName}'. Correct the name, or remove the entry.`);
  }

  private exclusionOf(stack: Stack): ExcludedStack | undefined {
    const own = this.excluded.find((exclusion) => isNamed(stack, exclusion));
    if (own || !SUPPORT_STACK.test(stack.node.id)) return own;
    const users = this.root.node.findAll().filter((each) => isSupportedBy(each, stack)).map((each) => Stack.of(each));
    return this.excluded.find((exclusion) => users.some((user) => isNamed(user, exclusion)));
  }
}

/** Whether a construct is a pipeline for which aws-cdk-lib has created a stack. */
function isSupportedBy(construct: IConstruct, stack: Stack): boolean {
  if (!jsiiNames(construct).includes('aws-cdk-lib.aws_codepipeline.Pipeline')) return false;
  const { crossRegionSupport, _crossAccountSupport } = construct as unknown as PipelineSupport;
  return Object.values(crossRegionSupport).some((support) => support.stack === stack)
    || Object.values(_crossAccountSupport ?? {}).includes(stack);
}

const isNamed = (stack: Stack, { stackName }: ExcludedStack) =>
  stack.stackName === stackName || stack.node.path === stackName;
