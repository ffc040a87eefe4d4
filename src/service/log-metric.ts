import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { AlarmDefinition } from '../monitoring/monitored';
import { metricNamespaceOf } from '../blocks/metric-namespace';
import { refuse, requireText, Situation } from '../core/refusal';

/** How many errors five minutes may log: as many as the alarm on answers with 5XX lets pass, of which each logs one. */
export const DEFAULT_APPLICATION_ERRORS = 10;
/** How many logins may fail in five minutes: four people who have forgotten their password, with five attempts each. */
export const DEFAULT_FAILED_LOGINS = 20;
/** How many metric filters one log group takes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
export const MOST_LOG_METRICS = 100;

/** How long a pattern may be: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
const LONGEST_PATTERN = 1024;
const METRIC_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/** The words and the number by which the usual logging libraries call an error in the field `level`. */
const ERROR_LEVELS = ['error', 'ERROR', 'fatal', 'FATAL', 'critical', 'CRITICAL', 'panic'];
const ERROR_LEVEL_NUMBER = 50;
const PERIOD_MINUTES = 5;

/** What may be changed about a metric that is known by name. */
export interface LogMetricOptions {
  /**
   * How many lines of five minutes may match before somebody is told: 0 or more.
   * @default - 10 application errors, 20 failed logins
   */
  readonly threshold?: number;
  /**
   * Which lines count. A blank pattern, and one of more than 1,024 characters, is refused.
   * @default - lines of JSON: those whose `level` says error or worse, and those whose `event` is `login_failed`
   */
  readonly pattern?: logs.IFilterPattern;
}

/** A metric of your own on what the service logs. */
export interface MatchingLogMetricOptions {
  /** Which lines count. A blank pattern, which would count every line, and one of more than 1,024 characters, is refused. */
  readonly pattern: logs.IFilterPattern;
  /** How many lines of five minutes may match before somebody is told: 0 or more. */
  readonly threshold: number;
  /** What happened and what to do first: what the person on call reads. A blank one is refused. */
  readonly description: string;
}

/** A log metric at work on the log of one service. */
export interface LogMetricInPlace {
  readonly metric: cloudwatch.Metric;
  readonly alarm: AlarmDefinition;
}

/** What the log of a service tells beyond what AWS measures: lines of one kind are counted, and too many of them in five minutes are an alarm. */
export class LogMetric {
  /**
   * Errors: lines of JSON whose `level` is `error`, `fatal`, `critical` (also in capitals) or `panic`, as structured loggers of most languages
   * write it, or a number from 50 on, as pino does.
   */
  public static applicationErrors(options: LogMetricOptions = {}): LogMetric {
    const { threshold = DEFAULT_APPLICATION_ERRORS, pattern } = options;
    return new LogMetric('ApplicationErrors', threshold, () => pattern ?? errorPattern(),
      (log) => `The program has logged more than ${shown(threshold)} errors in five minutes. First read them in its log, ${log}; if they began with a deployment, `
        + 'deploy the previous version.');
  }

  /** Failed logins: lines of JSON whose `event` is `login_failed`. Log-in monitoring: 45 CFR 164.308(a)(5)(ii)(C). */
  public static failedLogins(options: LogMetricOptions = {}): LogMetric {
    const { threshold = DEFAULT_FAILED_LOGINS, pattern } = options;
    return new LogMetric('FailedLogins', threshold, () => pattern ?? logs.FilterPattern.stringValue('$.event', '=', 'login_failed'),
      (log) => `More than ${shown(threshold)} logins have failed in five minutes. First see in the log, ${log}, whether they are of one account or from one address: `
        + 'lock the account, block the address in the web firewall that clients meet first (the site\'s, where the API stands behind one). If they are of everybody, look at what the last deployment changed about logging in.');
  }

  /**
   * Lines that match a pattern of your own.
   * @param name the name of metric and alarm in PascalCase, at most 64 letters and digits
   * @param options which lines, how many, and what to do then
   */
  public static matching(name: string, options: MatchingLogMetricOptions): LogMetric {
    return new LogMetric(name, options.threshold, () => options.pattern, () => options.description);
  }

  /** @internal Refuses what CloudWatch would not take, and two metrics of one name. */
  public static _validate(scope: IConstruct, metrics: LogMetric[]): void {
    if (metrics.length > MOST_LOG_METRICS) {
      refuse(scope, {
        prop: 'logMetrics',
        given: new Situation(`${metrics.length} metrics`),
        allowed: `at most ${MOST_LOG_METRICS}, which is what one log group takes`,
        change: 'count several kinds of lines with one pattern',
      });
    }
    const names = metrics.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) refuse(scope, { prop: 'logMetrics', given: [twice, twice], allowed: 'each name once', change: 'rename one of the two' });
    for (const metric of metrics) metric.validate(scope);
  }

  private constructor(
    private readonly name: string, private readonly threshold: number,
    private readonly pattern: () => logs.IFilterPattern, private readonly description: (log: string) => string,
  ) {}

  /** @internal Counts the lines of a log group. `scope` holds the filters of one service. */
  public _place(scope: Construct, logGroup: logs.ILogGroup): LogMetricInPlace {
    const filter = new logs.MetricFilter(scope, this.name, {
      logGroup,
      filterPattern: this.pattern(),
      metricNamespace: metricNamespaceOf(scope.node.scope!),
      metricName: this.name,
      metricValue: '1',
      // Lines that do not match count zero, so that the metric has a line to draw. A log without any line still publishes nothing.
      defaultValue: 0,
      unit: cloudwatch.Unit.COUNT,
    });
    const metric = filter.metric({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.SUM, label: this.name });
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
        prop: 'logMetrics',
        given: Token.isUnresolved(name) ? name : new Situation(`named '${name}'`),
        allowed: 'a name in PascalCase of at most 64 letters and digits',
        change: 'rename the metric',
      });
    }
    if (!Token.isUnresolved(threshold) && !(Number.isFinite(threshold) && threshold >= 0)) {
      refuse(scope, { prop: `logMetrics '${name}' threshold`, given: threshold, allowed: 'a number from 0 on', change: 'pass how many lines of five minutes may match' });
    }
    const pattern = this.pattern().logPatternString;
    requireText(scope, `logMetrics '${name}' pattern`, pattern, 'say which lines count');
    requireText(scope, `logMetrics '${name}' description`, this.description(''), 'say what the person on call does first');
    if (Token.isUnresolved(pattern) || pattern.length <= LONGEST_PATTERN) return;
    refuse(scope, {
      prop: `logMetrics '${name}' pattern`,
      given: new Situation(`${pattern.length} characters long`),
      allowed: `at most ${LONGEST_PATTERN} characters`,
      change: 'have the program write a field that says it, and match that',
    });
  }
}

/** A number that may be known only at deployment, inside of a sentence. */
function shown(threshold: number): string {
  return Token.isUnresolved(threshold) ? Tokenization.stringifyNumber(threshold) : String(threshold);
}

function errorPattern(): logs.IFilterPattern {
  return logs.FilterPattern.any(
    ...ERROR_LEVELS.map((level) => logs.FilterPattern.stringValue('$.level', '=', level)),
    logs.FilterPattern.numberValue('$.level', '>=', ERROR_LEVEL_NUMBER),
  );
}
