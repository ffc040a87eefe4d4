import { RulePack } from './rule-pack';

/** A stack whose findings are not listed, such as the stack of a deployment pipeline. */
export interface ExcludedStack {
  /** The name of the stack, or its path in the construct tree. A name that no stack has is refused at synthesis. */
  readonly stackName: string;
  /** The reason why the checks do not apply to the stack. The report quotes it. A blank string is refused. */
  readonly reason: string;
}

/** The options of the compliance checks. */
export interface ComplianceCheckOptions {
  /**
   * The rule packs of cdk-nag that run in addition to the HIPAA Security pack.
   * @default - none
   */
  readonly additionalPacks?: RulePack[];

  /**
   * A file with known findings, relative to the working directory. Known findings are warnings, and new findings are
   * errors.
   *
   * The file names each finding by its ID and the path of its construct. The report lists known findings separately,
   * and entries without a finding as stale. Write the file with `cdk synth -c cdk-hipaa:writeBaseline=true`. A file
   * that does not exist or is not a baseline is refused.
   * @default - no finding is known
   */
  readonly baseline?: string;

  /**
   * Stacks of tools without PHI, such as a deployment pipeline. The report contains the reason and the number of
   * findings of each stack.
   *
   * The support stacks that aws-cdk-lib generates for an excluded pipeline in other regions and accounts are excluded
   * too.
   * @default - every stack is checked
   */
  readonly excludedStacks?: ExcludedStack[];
}
