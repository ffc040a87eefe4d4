import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AgeWatch, MISSED_DAYS } from '../../blocks/age-watch';
import { LONGEST_MONTH_DAYS } from '../../blocks/rotation-window';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { functionAlarms } from '../../monitoring/function-alarms';
import { addLaterAlarms } from '../../monitoring/later-alarms';

/** The ID of the construct, beside that of the users: the IDs below it are those of the app. */
const ID = 'UsersAge';
/**
 * The days after the last possible rotation. If the rotation fails, `UsersErrors` fires on the day of the window. A
 * person has two more days to repair it before the rotation is overdue.
 */
const MARGIN_DAYS = 2;
const OVERDUE_DAYS = LONGEST_MONTH_DAYS + MARGIN_DAYS;
const MEASUREMENT_FAILED = 'The age of the passwords of database users could not be measured.';

/**
 * Measures the age of the passwords of database users.
 *
 * All of them rotate on the same schedule, so one metric and one alarm are enough.
 */
class PasswordAge extends AgeWatch {
  constructor(scope: Construct, encryptionKey: kms.IKey) {
    super(scope, ID, { what: 'the passwords of database users', dimension: 'FunctionName', encryptionKey });
  }

  /** The alarms on failures of the function, and on a rotation that is overdue or no longer measured. */
  public alarms(): AlarmDefinition[] {
    return [...functionAlarms('UsersAge', this.handler, MEASUREMENT_FAILED), {
      id: 'UsersRotationOverdue',
      metric: this.ageOrSilence(),
      threshold: OVERDUE_DAYS,
      evaluationPeriods: MISSED_DAYS,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      createdAfter: [this.rule],
      description: `The password of a database user is older than ${OVERDUE_DAYS} days, because its rotation did not `
        + `start or did not end, or no age was measured for ${MISSED_DAYS} days. The current logins remain valid. `
        + `First read AgeInDays of each secret in the log group ${this.handler.logGroup.logGroupName}. For an old `
        + 'secret, run aws secretsmanager rotate-secret, which also starts a canceled schedule again. If the last two '
        + `days have no lines, enable the rule ${this.rule.ruleName}, and check that its target is the function. The `
        + 'alarm ends at the next measurement, after a day or a deployment.',
    }];
  }

  /**
   * The highest age. FILL gives a day without a measurement an age that is too high. Otherwise, the alarm would
   * evaluate more days.
   */
  private ageOrSilence(): cloudwatch.MathExpression {
    const age = this.age(this.handler.function.functionName);
    return new cloudwatch.MathExpression({
      expression: `FILL(age, ${OVERDUE_DAYS + 1})`,
      usingMetrics: { age },
      label: 'Age of the oldest password (days)',
      period: Duration.days(1),
    });
  }
}

/** Measures the age of the secret of a user. Creates the function, and its alarms if the database is watched. */
export function watchPasswordAge(
  database: Construct, secret: secretsmanager.ISecret, encryptionKey: kms.IKey,
): void {
  const present = passwordAgeOf(database);
  const passwordAge = present ?? new PasswordAge(database, encryptionKey);
  passwordAge.add(secret);
  if (!present) addLaterAlarms(database, passwordAge.alarms());
}

/** The alarms on the age of the passwords of the users of a database, if a user has a password. */
export function passwordAgeAlarms(database: Construct): AlarmDefinition[] {
  return passwordAgeOf(database)?.alarms() ?? [];
}

function passwordAgeOf(database: Construct): PasswordAge | undefined {
  return database.node.tryFindChild(ID) as PasswordAge | undefined;
}
