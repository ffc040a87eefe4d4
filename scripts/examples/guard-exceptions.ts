/**
 * Findings of the Control Tower Guard rules that cannot be met, reviewed one by one.
 * A row is for one rule on resources whose path ends in one way, and says why the rule cannot be met there.
 */
const GUARD_EXCEPTIONS: Array<{ readonly rule: string; readonly path: RegExp; readonly reason: string }> = [
];

/** Why a finding is accepted, or undefined if it is not. */
export function guardException(rule: string, path: string): string | undefined {
  return GUARD_EXCEPTIONS.find((exception) => exception.rule === rule && exception.path.test(path))?.reason;
}
