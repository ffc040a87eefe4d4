import { Template } from 'aws-cdk-lib/assertions';
import { readable } from './alarms';
import { ref } from './reading';

const FILTER = 'AWS::Logs::MetricFilter';

/** The only filter with this metric counts the lines of a log group that match a pattern. */
export function countsLines(template: Template, metric: string, pattern: string, group: string, more = {}) {
  const filters = Object.values(template.findResources(FILTER)).map(({ Properties }) => Properties)
    .filter(({ MetricTransformations: [{ MetricName }] }) => MetricName === metric);
  expect(filters).toEqual([{
    FilterPattern: pattern,
    LogGroupName: ref(group),
    MetricTransformations: [{
      ...more, MetricName: metric, MetricValue: '1', MetricNamespace: expect.anything(), Unit: 'Count',
    }],
  }]);
  const [{ MetricTransformations: [{ MetricNamespace }] }] = filters;
  return readable(MetricNamespace);
}
