import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import { containerOf, onlyOne, someService } from './fargate-fixtures';
import { ScalingPolicy } from '../../src/service/scaling-policy';
import { newStack, propertiesOf, templateOf } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

function targets(): Record<string, number> {
  return Object.fromEntries(
    Object.values(propertiesOf(templateOf(stack), 'AWS::ApplicationAutoScaling::ScalingPolicy')).map((policy) => [
      policy.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType,
      policy.TargetTrackingScalingPolicyConfiguration.TargetValue,
    ]),
  );
}

test('a service scales between two and four tasks by default and has no desired count', () => {
  someService(stack);
  expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
    MinCapacity: 2,
    MaxCapacity: 4,
  });
  expect(onlyOne(stack, 'AWS::ECS::Service')).not.toHaveProperty('DesiredCount');
  expect(targets()).toEqual({ ECSServiceAverageCPUUtilization: 70, ECSServiceAverageMemoryUtilization: 80 });
});

test('a range sets the capacity and its targets', () => {
  someService(stack, { scaling: ScalingPolicy.between({ min: 1, max: 9, cpu: 50, memory: 60 }) });
  expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
    MinCapacity: 1,
    MaxCapacity: 9,
  });
  expect(targets()).toEqual({ ECSServiceAverageCPUUtilization: 50, ECSServiceAverageMemoryUtilization: 60 });
});

test('the scaling target is a public field, for example for scaling on a schedule', () => {
  const { scaling } = someService(stack);
  const schedule = appscaling.Schedule.cron({ hour: '7', minute: '0' });
  scaling!.scaleOnSchedule('Morning', { schedule, minCapacity: 3 });
  expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget').ScheduledActions).toMatchObject([
    { ScheduledActionName: 'Morning', ScalableTargetAction: { MinCapacity: 3 } },
  ]);
});

test('a constant number of tasks has no scaling target', () => {
  expect(someService(stack, { scaling: ScalingPolicy.constant(3) }).scaling).toBeUndefined();
});

test('scaling adds tasks quickly and removes them slowly', () => {
  someService(stack);
  templateOf(stack).allResourcesProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    TargetTrackingScalingPolicyConfiguration: { ScaleOutCooldown: 60, ScaleInCooldown: 300, DisableScaleIn: false },
  });
});

test('a constant count is the desired count of the service, without scaling', () => {
  someService(stack, { scaling: ScalingPolicy.constant(3) });
  expect(onlyOne(stack, 'AWS::ECS::Service').DesiredCount).toBe(3);
  templateOf(stack).resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0);
});

test('scaling accepts tokens', () => {
  const least = new CfnParameter(stack, 'Least', { type: 'Number' }).valueAsNumber;
  someService(stack, { scaling: ScalingPolicy.between({ min: least, max: 4 }) });
  expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget').MinCapacity).toEqual({ Ref: 'Least' });
  expect(containerOf(stack).Name).toBe('app');
});

test.each([
  [
    ScalingPolicy.between({ min: 0, max: 2 }),
    '[Stack/Api] scaling.min must be an integer from 1 to 5000, got 0. Use an integer in this range.',
  ],
  [
    ScalingPolicy.between({ min: 1, max: 5001 }),
    '[Stack/Api] scaling.max must be an integer from 1 to 5000, got 5001. Use an integer in this range.',
  ],
  [
    ScalingPolicy.between({ min: 3, max: 2 }),
    '[Stack/Api] scaling.min must be at most scaling.max (2), got 3. Swap the two, or raise scaling.max.',
  ],
  [
    ScalingPolicy.between({ min: 1, max: 2, cpu: 0 }),
    '[Stack/Api] scaling.cpu must be an integer from 1 to 100, got 0. Use a percentage in this range.',
  ],
  [
    ScalingPolicy.between({ min: 1, max: 2, memory: 101 }),
    '[Stack/Api] scaling.memory must be an integer from 1 to 100, got 101. Use a percentage in this range.',
  ],
  [
    ScalingPolicy.constant(0),
    '[Stack/Api] scaling must be an integer from 1 to 5000, got 0. Use a number of tasks in this range.',
  ],
])('scaling refuses invalid values (%#)', (scaling, sentence) => {
  expect(() => someService(stack, { scaling })).toThrow(new Error(sentence));
});
