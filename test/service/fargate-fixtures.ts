import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { propertiesOf, someVpc, templateOf } from '../support/app';

export const IMAGE = 'public.ecr.aws/clinic/api:1.2.3';

/** A service with the required props and the given ones. */
export function someService(
  scope: Construct,
  props: Partial<SecureFargateServiceProps> = {},
  id = 'Api',
): SecureFargateService {
  return new SecureFargateService(scope, id, {
    vpc: props.vpc ?? (props.cluster ? undefined : someVpc(scope)),
    image: ecs.ContainerImage.fromRegistry(IMAGE),
    ...props,
  });
}

/** A listener of an existing load balancer, imported. */
export function someListener(scope: Construct, id = 'Existing', name = 'app/main/1/2'): elbv2.IApplicationListener {
  const { region } = Stack.of(scope);
  const at = Token.isUnresolved(region) ? 'us-east-1' : region;
  return elbv2.ApplicationListener.fromApplicationListenerAttributes(scope, id, {
    listenerArn: `arn:aws:elasticloadbalancing:${at}:111122223333:listener/${name}`,
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(scope, `${id}SecurityGroup`, 'sg-12345678', {
      allowAllOutbound: false,
    }),
    defaultPort: 443,
  });
}

type Properties = ReturnType<typeof propertiesOf>[string];

/** The properties of the only resource of a type. */
export function onlyOne(scope: Construct, type: string): Properties {
  const all = Object.values(propertiesOf(templateOf(Stack.of(scope)), type));
  expect(all).toHaveLength(1);
  return all[0];
}

/** The definition of the container. */
export function containerOf(scope: Construct): Properties {
  return onlyOne(scope, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0];
}
