import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { DRIFT_DIMENSION, DRIFT_METRIC, DRIFT_NAMESPACE } from './contract';
import { AFTER_DEPLOYMENT } from '../../blocks/deployment-events';
import { MAX_INPUT_LENGTH } from '../../blocks/event-sizes';
import { HandlerFunction } from '../../blocks/handler-function';
import { estimatedLength } from '../../blocks/text-size';
import { acknowledge, reportedText } from '../../core/acknowledge';
import { refuseUse } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { Guardrail } from '../guardrail';
import { GuardrailContext } from '../switches';

/** The timeout of the function, in minutes. About 40 calls usually take some seconds; throttled calls take longer. */
const TIMEOUT_MINUTES = 5;
/** The memory of the function, in MiB, for the clients of nine services. */
const MEMORY_MEBIBYTES = 512;
/** The time between two checks, in days. Deployments of the stack start further checks. */
const INTERVAL_DAYS = 1;
/** The number of intervals without a check after which the alarm fires. A period can begin just after a check. */
const MISSED_INTERVALS = 2;
/** The period of the metric of differences, in hours. The state of an alarm stays until the next check. */
const PERIOD_HOURS = 1;

/**
 * Publishes differences from the required state of the guardrails, daily and after deployments.
 *
 * A custom resource runs only when a property changes, so nothing else reports that a guardrail was switched off. The
 * role of the check allows no change.
 */
export class DriftCheck extends Construct {
  private readonly handler: HandlerFunction;
  private readonly rule: events.Rule;

  constructor(scope: Construct, id: string, context: GuardrailContext, private readonly guardrails: Guardrail[]) {
    super(scope, id);
    this.handler = this.defineFunction(context);
    this.rule = this.defineRule(context);
  }

  /** The alarms on differences, on a check that failed, and on a check that did not run. */
  public alarms(): AlarmDefinition[] {
    const period = Duration.minutes(5);
    return [...this.guardrails.map((guardrail) => this.driftAlarm(guardrail)), {
      id: 'DriftCheckFailed',
      metric: this.handler.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period }),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'The check of the guardrails could not read a guardrail, or failed. First read the error in the log '
        + `group ${this.handler.logGroup.logGroupName}: it names the guardrail and the call. A policy of the `
        + 'organization may deny the call. Delete the message in the dead-letter queue of the function afterwards.',
    }, this.silentAlarm()];
  }

  /** The number of differences of each guardrail, and the checks. */
  public widgets(): cloudwatch.IWidget[] {
    const period = Duration.days(INTERVAL_DAYS);
    return [
      new cloudwatch.GraphWidget({
        title: 'Differences of the guardrails',
        left: this.guardrails.map((guardrail) => this.differences(guardrail, guardrail)),
      }),
      new cloudwatch.GraphWidget({
        title: 'DriftCheck: calls and errors',
        left: [this.handler.function.metricInvocations({ period }), this.handler.function.metricErrors({ period })],
      }),
    ];
  }

  private driftAlarm(guardrail: Guardrail): AlarmDefinition {
    return {
      id: `${pascalCase(guardrail)}Drift`,
      metric: this.differences(guardrail),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The guardrail ${guardrail} differs from what its stack requires, or cannot deliver. First read the `
        + `field differences of its last line in the log group ${this.handler.logGroup.logGroupName}. Then restore the `
        + 'setting in the console of the service, because a deployment does not correct it, and find who changed it in '
        + 'the events of the trail. The alarm ends at the next check, after a day or a deployment.',
    };
  }

  /**
   * The alarm on a check that did not run. FILL gives a day without data the value 0; otherwise the alarm would
   * evaluate more days.
   */
  private silentAlarm(): AlarmDefinition {
    const period = Duration.days(INTERVAL_DAYS);
    return {
      id: 'DriftCheckSilent',
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(checks, 0)',
        usingMetrics: { checks: this.handler.function.metricInvocations({ period }) },
        label: 'Checks of the guardrails',
        period,
      }),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: MISSED_INTERVALS,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      createdAfter: [this.rule],
      description: `The check of the guardrails has not run for ${MISSED_INTERVALS * INTERVAL_DAYS} days, so it `
        + `reports no difference. First enable the rule ${this.rule.ruleName} in the EventBridge console, and check `
        + 'that its target is the function of the check. If the rule or the function is missing, revert the drift of '
        + 'the stack with a drift-aware change set.',
    };
  }

  private differences(guardrail: Guardrail, label?: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: DRIFT_NAMESPACE,
      metricName: DRIFT_METRIC,
      dimensionsMap: { [DRIFT_DIMENSION]: guardrail },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.hours(PERIOD_HOURS),
      label,
    });
  }

  private defineFunction({ check, encryptionKey }: GuardrailContext): HandlerFunction {
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'guardrails/drift/check-guardrails',
      description: 'Compares the guardrails with their required state',
      timeout: Duration.minutes(TIMEOUT_MINUTES),
      memorySize: MEMORY_MEBIBYTES,
      statements: check.statements,
      encryptionKey: encryptionKey(),
      outsideVpcReason: 'The check of the guardrails reads settings through the public APIs of nine services once a '
        + 'day. Endpoints for all of them in a VPC would be billed by the hour.',
      noReservedConcurrencyReason: 'The check of the guardrails runs once a day and after deployments, and two checks '
        + 'at once do no harm. A reservation would take concurrency from other functions.',
    });
    const patterns = check.statements.flatMap(({ resources }) => resources)
      .filter((resource) => /\/\*$/.test(resource));
    acknowledge(handler.policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'The check of the guardrails only reads, and most of its actions have no resource type, because they '
        + 'describe the account (Service Authorization Reference).',
    }, {
      rules: patterns.map((resource) => `AwsSolutions-IAM5[Resource::${reportedText(this, resource)}]`),
      reason: 'The check of the guardrails must find the detector, the recorder or the trail of another owner, whose '
        + 'name is not known at synthesis.',
    });
    return handler;
  }

  private defineRule({ check }: GuardrailContext): events.Rule {
    const input = check.inputFor(Aws.STACK_ID);
    const length = estimatedLength(this, input);
    if (length > MAX_INPUT_LENGTH) {
      refuseUse(this.node.scope!, `the input of the check must have at most ${MAX_INPUT_LENGTH} characters, got about `
        + `${length}`, 'exclude fewer types in config.recording, or adopt with fewer types in config.adoptedRecording');
    }
    return new events.Rule(this, 'Rule', {
      description: 'Compares the guardrails with their required state every day and after each deployment',
      schedule: events.Schedule.rate(Duration.days(INTERVAL_DAYS)),
      eventPattern: AFTER_DEPLOYMENT,
      targets: [new targets.LambdaFunction(this.handler.function, {
        event: events.RuleTargetInput.fromObject(input),
      })],
    });
  }
}

/** `GUARD_DUTY` → `GuardDuty`. */
function pascalCase(name: string): string {
  return name.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join('');
}
