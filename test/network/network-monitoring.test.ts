import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../support/app';


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
  const { plan, template } = watched();

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
