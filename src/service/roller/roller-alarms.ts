import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ROLL_FAILED_METRIC, ROLL_NAMESPACE, SERVICE_DIMENSION } from './roll-metric';
import { CHECK_MINUTES } from './roll-request';
import { HandlerFunction } from '../../blocks/handler-function';
import { inChunks } from '../../blocks/text-size';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/**
 * The maximum number of metrics in the expression of an alarm.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
 */
const MOST_METRICS = 10;
const PERIOD_MINUTES = 5;
/**
 * The age of a request above which nothing reads the queue, in hours. The function answers a request at once, also if
 * it postpones the roll. Three attempts take less than 20 minutes, and the next requests of the service wait for them.
 */
const LONGEST_REQUEST_HOURS = 1;

/** The parts of a roller that the alarms of a service watch. */
export interface WatchedRoller {
  readonly service: ecs.BaseService;
  /** The rules of the service. */
  readonly rules: events.Rule[];
  readonly handler: HandlerFunction;
  readonly requests: sqs.Queue;
  readonly failed: sqs.Queue;
}

/** The alarms on replacing the tasks of a service after a rotation. */
export function rollerAlarms({ service, rules, handler, requests, failed }: WatchedRoller): AlarmDefinition[] {
  const period = Duration.minutes(PERIOD_MINUTES);
  const log = `the log of the function ${handler.function.functionName}`;
  return [
    {
      id: 'RollFailed',
      metric: new cloudwatch.Metric({
        namespace: ROLL_NAMESPACE,
        metricName: ROLL_FAILED_METRIC,
        dimensionsMap: { [SERVICE_DIMENSION]: service.serviceArn },
        statistic: 'Maximum',
        period: Duration.minutes(CHECK_MINUTES),
      }),
      threshold: 0,
      // Between two checks, the state remains.
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description:
        'After a rotation, the deployment that replaces the tasks failed, or waits for another deployment for more '
        + 'than three hours. The tasks have an old secret, and the roller does not try again. First read the events '
        + `of the service ${service.serviceName} and the stopped reason of its last tasks in the ECS console, and `
        + `${log}. Correct the cause, then run aws ecs update-service --force-new-deployment. The alarm ends within `
        + `${CHECK_MINUTES} minutes after a deployment succeeded. A newer rotation also starts a deployment.`,
    },
    {
      id: 'RollGivenUp',
      metric: failed.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        'The function that replaces the tasks after a rotation failed, so tasks can have old secrets. First read '
        + `${log}. Then force a new deployment of the service that it names, and purge the queue `
        + `${failed.queueName}: the alarm stays until the queue is empty. Services that share an encryption key share `
        + 'this queue.',
    },
    {
      id: 'RollOverdue',
      metric: requests.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      threshold: Duration.hours(LONGEST_REQUEST_HOURS).toSeconds(),
      // A queue without messages has no age.
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        `A request to replace the tasks has waited for more than ${LONGEST_REQUEST_HOURS} hour, so after a rotation `
        + 'they can have old secrets. First check that the function '
        + `${handler.function.functionName} exists, that its trigger for the queue ${requests.queueName} is enabled, `
        + 'and that its role can use the key of the queue. Then restore it with a drift-aware change set, and force a '
        + 'new deployment of the service. Services that share an encryption key share this queue.',
    },
    ...inChunks(rules, (some) => some.length <= MOST_METRICS).map((some, index) => ({
      id: index === 0 ? 'RollNotRequested' : `RollNotRequested${index + 1}`,
      metric: new cloudwatch.MathExpression({
        expression: 'SUM(METRICS())',
        label: 'failed requests',
        usingMetrics: Object.fromEntries(some.map((rule, number) => [`m${number}`, failedInvocations(rule, period)])),
        period,
      }),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        'EventBridge could not send a request to replace the tasks, so after a rotation they can have old '
        + 'secrets. First check that the queue exists, that its policy allows the rules, and that '
        + 'events.amazonaws.com can use its key. Then force a new deployment of the service.',
    })),
  ];
}

function failedInvocations(rule: events.Rule, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: 'Sum',
    period,
  });
}
