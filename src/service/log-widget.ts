import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';

/** The number of log lines on the dashboard, and the size of their widget. */
const LOG_LINES = 50;
const LOG_WIDTH = 24;
const LOG_HEIGHT = 8;

/** The latest log lines. A viewer needs permission to query the log group in addition to the dashboard. */
export function recentLogLines(logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: 'Recent log lines',
    logGroupNames: [logGroup.logGroupName],
    queryLines: ['fields @timestamp, @message', 'sort @timestamp desc', `limit ${LOG_LINES}`],
    region: Stack.of(logGroup).region,
    width: LOG_WIDTH,
    height: LOG_HEIGHT,
  });
}
