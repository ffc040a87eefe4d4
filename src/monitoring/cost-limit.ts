import { Token } from 'aws-cdk-lib';

/** The smallest amount of money in USD: a cent. */
const LEAST = 0.01;
/**
 * The largest limit, which a number still holds with its cents.
 *
 * AWS Budgets documents no maximum, but accepts only digits and a point. A smaller or much larger number has an
 * exponent in a template: `1e-9`, `1e+30`.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Spend.html
 */
const MOST = 1_000_000_000_000;

/** The allowed limits, as they continue "must be …". */
export const COST_LIMITS = `a number from ${LEAST} to ${MOST}`;

/** Whether a limit is an amount in USD that AWS Budgets accepts. A token passes. */
export function isCostLimit(limit: number): boolean {
  return Token.isUnresolved(limit) || (limit >= LEAST && limit <= MOST);
}
