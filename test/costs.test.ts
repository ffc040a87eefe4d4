import { Counter } from '../scripts/costs/costs';

/** A counter of resources, each with its properties. */
const counterOf = (...resources: Array<[type: string, properties: object]>) => new Counter([{
  Resources: Object.fromEntries(resources.map(([Type, Properties], index) => [`R${index}`, { Type, Properties }])),
}]);
const stat = (Id: string) => ({ Id, MetricStat: {} });
const tracking = (specification: object): [string, object] => ['AWS::ApplicationAutoScaling::ScalingPolicy', {
  TargetTrackingScalingPolicyConfiguration: { TargetValue: 70, ...specification },
}];

describe('the alarms that are in no template', () => {
  test('are two for each policy with a predefined metric', () => {
    const cpu = tracking({ PredefinedMetricSpecification: {} });
    expect(counterOf(cpu, cpu).trackingMetrics).toBe(4);
  });

  test('read each metric of an expression', () => {
    const Metrics = [stat('a'), stat('b'), stat('c'), { Id: 'd', Expression: 'a + b + c' }];
    expect(counterOf(tracking({ CustomizedMetricSpecification: { Metrics } })).trackingMetrics).toBe(6);
    expect(counterOf(tracking({ CustomizedMetricSpecification: { MetricName: 'Jobs' } })).trackingMetrics).toBe(2);
  });

  test('are two for the managed scaling of a capacity provider', () => {
    const provider = (Status: string): [string, object] =>
      ['AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { ManagedScaling: { Status } } }];
    expect(counterOf(provider('ENABLED'), provider('DISABLED')).trackingMetrics).toBe(2);
  });

  test('do not exist for step scaling, whose alarms are in the template', () => {
    const step: [string, object] =
      ['AWS::ApplicationAutoScaling::ScalingPolicy', { StepScalingPolicyConfiguration: {} }];
    expect(counterOf(step).trackingMetrics).toBe(0);
  });
});

test('an external secret has two custom metrics, and a generated one has none', () => {
  const secret = (properties: object): [string, object] => ['AWS::SecretsManager::Secret', properties];
  expect(counterOf(secret({ SecretString: 'not-entered-yet' }), secret({ GenerateSecretString: {} }))
    .externalSecretMetrics).toBe(2);
});
