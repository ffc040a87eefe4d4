import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../support/app';

/** A metric of an alarm, or an expression with metrics. */
interface MetricQuery {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly MetricName: string } };
}

/** The monitoring plan of a network, with its alarms and widgets created, and the properties of each alarm. */
function watched(props?: HipaaVpcProps) {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', props);
  const plan = network.monitoringPlan();
  plan.alarms.forEach((rule) => new cloudwatch.Alarm(stack, rule.id, {
    metric: rule.metric,
    threshold: rule.threshold,
    evaluationPeriods: rule.evaluationPeriods ?? 1,
    comparisonOperator: rule.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: rule.missingData,
    alarmDescription: rule.description,
  }));
  new cloudwatch.Dashboard(stack, 'Dashboard', { widgets: [plan.widgets] });
  const template: Template = templateOf(stack);
  const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm');
  const alarm = (id: string) => Object.entries(alarms).find(([logicalId]) => logicalId.startsWith(id))![1];
  return { stack, network, plan, template, alarm };
}

describe('a network with NAT gateways', () => {
  const { plan, template, alarm } = watched();

  test('watches each gateway and the flow logs', () => {
    expect(plan.title).toBe('Network Stack/Network');
    expect(plan.alarms.map(({ id }) => id)).toEqual([
      'NatGateway1PortAllocation',
      'NatGateway1DroppedPackets',
      'NatGateway2PortAllocation',
      'NatGateway2DroppedPackets',
      'FlowLogSilent',
    ]);
  });

  test('has an alarm that fires at once when a gateway cannot allocate a port', () => {
    expect(alarm('NatGateway1PortAllocation')).toMatchObject({
      Namespace: 'AWS/NATGateway',
      MetricName: 'ErrorPortAllocation',
      Dimensions: [
        { Name: 'NatGatewayId', Value: { 'Fn::GetAtt': ['NetworkPublicSubnet1NATGateway0ECE21B7', 'NatGatewayId'] } },
      ],
      Statistic: 'Sum',
      Period: 300,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('has an alarm that fires when a gateway drops more than 0.01 % of packets for 15 minutes', () => {
    const properties = alarm('NatGateway2DroppedPackets');
    expect(properties).toMatchObject({ Threshold: 0.01, EvaluationPeriods: 3, TreatMissingData: 'notBreaching' });
    expect(
      properties.Metrics.map((metric: MetricQuery) => metric.Expression ?? metric.MetricStat?.Metric.MetricName),
    ).toEqual([
      '100 * dropped / (sent + received)',
      'PacketsDropCount',
      'PacketsInFromSource',
      'PacketsInFromDestination',
    ]);
  });

  test('has an alarm that fires when the flow logs stop', () => {
    const { Metrics, ...properties } = alarm('FlowLogSilent');
    const compared = Metrics.find(({ Expression }: MetricQuery) => Expression);
    // An alarm on the metric alone would evaluate three hours before it treats missing data as breaching.
    expect(compared).toMatchObject({ Expression: 'FILL(records, 0)' });
    expect(Metrics.find(({ Id }: { Id: string }) => Id === 'records').MetricStat).toMatchObject({
      Metric: {
        Namespace: 'AWS/Logs',
        MetricName: 'IncomingLogEvents',
        Dimensions: [{ Name: 'LogGroupName', Value: { Ref: 'NetworkFlowLogGroup4F8CEEEF' } }],
      },
      Period: 3600,
    });
    expect(properties).toMatchObject({
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('describes the first step in each alarm', () => {
    for (const { description } of plan.alarms) {
      expect(description).toMatch(/First (find|look)/);
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  });

  test('shows traffic, connections and flow logs on the dashboard', () => {
    const body = JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'));
    expect(plan.widgets).toHaveLength(3);
    for (const metric of ['BytesOutToDestination', 'ActiveConnectionCount', 'IncomingLogEvents']) {
      expect(body).toContain(metric);
    }
  });
});

test('one gateway has one pair of alarms', () => {
  expect(watched({ nat: NatStrategy.regional(), maxAzs: 3 }).plan.alarms.map(({ id }) => id))
    .toEqual(['NatGateway1PortAllocation', 'NatGateway1DroppedPackets', 'FlowLogSilent']);
});

test('without gateways, only the flow logs are watched', () => {
  const { plan } = watched({ nat: NatStrategy.none() });
  expect(plan.alarms.map(({ id }) => id)).toEqual(['FlowLogSilent']);
  expect(plan.widgets).toHaveLength(1);
});

test('flow logs in a bucket publish no metric for an alarm', () => {
  const { plan } = watched({ nat: NatStrategy.none(), flowLogs: FlowLogStorage.bucket() });
  expect(plan.alarms).toEqual([]);
  expect(plan.widgets).toEqual([]);
});

test('the network declares that it can be watched', () => {
  const { network } = watched();
  expect(network.node.metadata.map(({ type }) => type)).toContain('cdk-hipaa:watchable');
});
