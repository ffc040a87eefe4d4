import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { ALARM_IDS } from './alarm-ids';
import { metricNamespaceOf } from '../blocks/metric-namespace';
import { checkFactory } from '../core/check-props';
import { FROM_FACTORY, markChoice } from '../core/choice';
import { refuse, requireText, Situation } from '../core/refusal';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { requireAlarmDescription } from '../monitoring/plan-checks';

/**
 * Errors in five minutes above which the alarm fires: the threshold of the alarm on 5XX responses, each of which logs
 * one.
 */
export const DEFAULT_APPLICATION_ERRORS = 10;
/**
 * Failed logins in five minutes above which the alarm fires: four people who forgot their password, five attempts each.
 */
export const DEFAULT_FAILED_LOGINS = 20;
/**
 * The maximum number of metric filters of a log group.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
export const MOST_LOG_METRICS = 100;

/**
 * The maximum length of a filter pattern, in characters.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
 */
const LONGEST_PATTERN = 1024;
const METRIC_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/** The values of the field `level` with which common logging libraries mark an error. */
const ERROR_LEVELS = ['error', 'ERROR', 'fatal', 'FATAL', 'critical', 'CRITICAL', 'panic'];
const ERROR_LEVEL_NUMBER = 50;
const PERIOD_MINUTES = 5;

/** Properties of `LogMetric.applicationErrors` and `LogMetric.failedLogins`. */
export interface LogMetricOptions {
  /**
   * The number of matching lines in five minutes above which the alarm fires: an integer of 0 or more.
   * @default - 10 application errors, 20 failed logins
   */
  readonly threshold?: number;
  /**
   * The pattern of the lines to count. A blank pattern and a pattern of more than 1,024 characters are refused.
   * @default - JSON lines whose `level` is an error or worse, or whose `event` is `login_failed`
   */
  readonly pattern?: logs.IFilterPattern;
}

/** Properties of `LogMetric.matching`. */
export interface MatchingLogMetricOptions {
  /**
   * The pattern of the lines to count. A blank pattern, which would count every line, and a pattern of more than 1,024
   * characters are refused.
   */
  readonly pattern: logs.IFilterPattern;
  /** The number of matching lines in five minutes above which the alarm fires: an integer of 0 or more. */
  readonly threshold: number;
  /**
   * The alarm's description: what happened, and what the person on call does first. A blank string and one of more than
   * 1,024 characters are refused.
   */
  readonly description: string;
}

/** The metric and the alarm that a `LogMetric` creates for one service. */
export interface LogMetricInPlace {
  readonly metric: cloudwatch.Metric;
  readonly alarm: AlarmDefinition;
}

/**
 * A metric that counts matching lines of a service's log, with an alarm.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 *
 * services.addService(this, 'Worker', {
 *   image: images.image('1.4.2'),
 *   logMetrics: [LogMetric.applicationErrors({ threshold: 5 })],
 * });
 */
export class LogMetric {
  /**
   * Counts errors.
   *
   * An error is a JSON line whose `level` is `error`, `fatal`, `critical` (also in uppercase) or `panic`, as most
   * structured loggers write it, or a number from 50 on, as pino writes it.
   */
  public static applicationErrors(options: LogMetricOptions = {}): LogMetric {
    checkFactory('LogMetric.applicationErrors', { options });
    const { threshold = DEFAULT_APPLICATION_ERRORS, pattern } = options;
    return new LogMetric(
      FROM_FACTORY,
      'ApplicationErrors',
      threshold,
      () => pattern ?? errorPattern(),
      (log) =>
        `The program logged more than ${shown(threshold)} errors in five minutes. First read the errors in the log ` +
        `group ${log}. If they began with a deployment, deploy the previous version.`,
    );
  }

  /**
   * Counts failed logins: JSON lines whose `event` is `login_failed`. Log-in monitoring: 45 CFR 164.308(a)(5)(ii)(C).
   */
  public static failedLogins(options: LogMetricOptions = {}): LogMetric {
    checkFactory('LogMetric.failedLogins', { options });
    const { threshold = DEFAULT_FAILED_LOGINS, pattern } = options;
    return new LogMetric(
      FROM_FACTORY,
      'FailedLogins',
      threshold,
      () => pattern ?? logs.FilterPattern.stringValue('$.event', '=', 'login_failed'),
      (log) =>
        `More than ${shown(threshold)} logins failed in five minutes. First check in the log group ${log} whether ` +
        'they belong to one account or come from one address. Lock the account, or block the address in the web ' +
        "firewall that receives the requests first (the site's firewall if a site forwards to the API). If all " +
        'accounts are affected, check what the last deployment changed in the login.',
    );
  }

  /**
   * Counts lines that match your own pattern.
   * @param name the name of the metric and of the alarm in PascalCase, at most 64 letters and digits
   * @param options the pattern, the threshold, and the description of the alarm
   */
  public static matching(name: string, options: MatchingLogMetricOptions): LogMetric {
    checkFactory('LogMetric.matching', { name, options });
    return new LogMetric(FROM_FACTORY, name, options.threshold, () => options.pattern, () => options.description);
  }

  /** @internal Refuses metrics that CloudWatch does not accept, duplicate names, and the names of other alarms. */
  public static _validate(scope: IConstruct, metrics: LogMetric[]): void {
    if (metrics.length > MOST_LOG_METRICS) {
      refuse(scope, {
        prop: 'logMetrics',
        given: new Situation(`${metrics.length} metrics`),
        allowed: `a list of at most ${MOST_LOG_METRICS} metrics, the limit of a log group`,
        change: 'count several kinds of lines with one pattern',
      });
    }
    const names = metrics.map(({ name }) => name);
    const duplicate = names.find((name, index) => names.indexOf(name) !== index);
    if (duplicate !== undefined) {
      const [given, allowed] = [new Situation(`'${duplicate}' twice`), 'metrics with different names'];
      refuse(scope, { prop: 'logMetrics', given, allowed, change: 'rename one of the two' });
    }
    const taken = names.find((name) => ALARM_IDS.includes(name));
    if (taken !== undefined) {
      refuse(scope, {
        prop: 'names in logMetrics',
        given: taken,
        allowed: `other names than those of the alarms of a service (${ALARM_IDS.join(', ')})`,
        change: 'rename the metric',
      });
    }
    for (const metric of metrics) metric.validate(scope);
  }

  /** @internal */
  public readonly _choiceClass: string;

  private constructor(
    created: typeof FROM_FACTORY,
    private readonly name: string, private readonly threshold: number,
    private readonly pattern: () => logs.IFilterPattern, private readonly description: (log: string) => string,
  ) {
    this._choiceClass = markChoice(this, 'LogMetric', created === FROM_FACTORY);
  }

  /** @internal Creates the metric filter on a log group. `scope` contains the filters of one service. */
  public _place(scope: Construct, logGroup: logs.ILogGroup): LogMetricInPlace {
    const filter = new logs.MetricFilter(scope, this.name, {
      logGroup,
      filterPattern: this.pattern(),
      metricNamespace: metricNamespaceOf(scope.node.scope!),
      metricName: this.name,
      metricValue: '1',
      // Lines that do not match count as zero, so that the graph has a line. An empty log publishes nothing.
      defaultValue: 0,
      unit: cloudwatch.Unit.COUNT,
    });
    const metric = filter.metric({
      period: Duration.minutes(PERIOD_MINUTES),
      statistic: cloudwatch.Stats.SUM,
      label: this.name,
    });
    return {
      metric,
      alarm: {
        id: this.name,
        metric,
        threshold: this.threshold,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: this.description(logGroup.logGroupName),
      },
    };
  }

  private validate(scope: IConstruct): void {
    const { name, threshold } = this;
    if (Token.isUnresolved(name) || !METRIC_NAME.test(name)) {
      refuse(scope, {
        prop: 'names in logMetrics',
        given: name,
        allowed: 'PascalCase of at most 64 letters and digits',
        change: 'rename the metric',
      });
    }
    if (!Token.isUnresolved(threshold) && !(Number.isInteger(threshold) && threshold >= 0)) {
      refuse(scope, {
        prop: `threshold of logMetrics '${name}'`,
        given: threshold,
        allowed: 'an integer of at least 0',
        change: 'pass the number of matching lines in five minutes above which the alarm fires',
      });
    }
    const pattern = this.pattern().logPatternString;
    requireText(scope, `pattern of logMetrics '${name}'`, pattern, 'pass the pattern of the lines to count');
    requireAlarmDescription(scope, `description of logMetrics '${name}'`, this.description(''));
    if (Token.isUnresolved(pattern) || pattern.length <= LONGEST_PATTERN) return;
    refuse(scope, {
      prop: `pattern of logMetrics '${name}'`,
      given: new Situation(`${pattern.length} characters`),
      allowed: `at most ${LONGEST_PATTERN} characters`,
      change: 'write a field to the log that identifies the lines, and match that field',
    });
  }
}

/** Formats a number for a sentence. A token becomes its value at deployment. */
function shown(threshold: number): string {
  return Token.isUnresolved(threshold) ? Tokenization.stringifyNumber(threshold) : String(threshold);
}

function errorPattern(): logs.IFilterPattern {
  return logs.FilterPattern.any(
    ...ERROR_LEVELS.map((level) => logs.FilterPattern.stringValue('$.level', '=', level)),
    logs.FilterPattern.numberValue('$.level', '>=', ERROR_LEVEL_NUMBER),
  );
}
