import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/**
 * PostgreSQL stops writes at about 2.1 billion transaction IDs. AWS recommends action at one billion.
 * https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/
 */
const MANY_TRANSACTION_IDS = 1_000_000_000;

/** The alarm on the transaction IDs of PostgreSQL, which vacuum must recycle. */
export function transactionIdsAlarm(metric: cloudwatch.Metric): AlarmDefinition {
  return {
    id: 'TransactionIds',
    metric,
    threshold: MANY_TRANSACTION_IDS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'Vacuum does not keep up, and PostgreSQL stops writes when the transaction IDs run out. First end '
      + 'the oldest open transactions and drop unused replication slots. Then vacuum the oldest tables.',
  };
}
