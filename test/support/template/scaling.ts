import { Template } from 'aws-cdk-lib/assertions';
import { attribute, only, propertiesOf, ref } from './reading';
import { CLUSTER, SCALABLE, SCALING } from './types';

export const COOLDOWNS = { DisableScaleIn: false, ScaleInCooldown: 300, ScaleOutCooldown: 60 };

/** A target of the scaling is the number of tasks of a service. */
export function scalesService(template: Template, target: string, service: string) {
  const { ResourceId, ScalableDimension, ServiceNamespace } = propertiesOf(template, SCALABLE, target);
  expect({ ResourceId, ScalableDimension, ServiceNamespace }).toEqual({
    ResourceId: { 'Fn::Join': ['', ['service/', ref(only(template, CLUSTER)), '/', attribute(service, 'Name')]] },
    ScalableDimension: 'ecs:service:DesiredCount',
    ServiceNamespace: 'ecs',
  });
}

/** A policy keeps a metric of the service near a value, in both directions. */
export function tracks(template: Template, target: string, rule: object) {
  const id = only(template, SCALING, {
    ScalingTargetId: ref(target), TargetTrackingScalingPolicyConfiguration: rule,
  });
  const { PolicyType, TargetTrackingScalingPolicyConfiguration } = propertiesOf(template, SCALING, id);
  expect({ PolicyType, TargetTrackingScalingPolicyConfiguration }).toEqual({
    PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration: { ...COOLDOWNS, ...rule },
  });
}
