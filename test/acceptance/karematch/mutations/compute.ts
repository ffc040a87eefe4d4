import { add, container, edit, Mutation, named, production, set } from './changes';
import * as type from '../proof/parts';
import { COMPUTE } from '../statements/components';

/** An environment variable or a secret of the container, by its name. */
const byName = (list: Array<{ readonly Name: string; Value?: string; ValueFrom?: unknown }>, name: string) =>
  list.find(({ Name }) => Name === name)!;

/** Changes to the service, each with the row that it must fail. */
export const COMPUTE_CHANGES: Mutation[] = [
  production(
    COMPUTE,
    'ECS Cluster: karematch-cluster',
    'a fixed name',
    set(type.CLUSTER, { ClusterName: 'karematch-cluster' }),
  ),
  production(
    COMPUTE,
    'ECS Cluster: No EC2 instances to manage',
    'a capacity provider',
    add('AWS::ECS::ClusterCapacityProviderAssociations', {}),
  ),
  production(
    COMPUTE,
    'ECS Service: karematch-backend-service',
    'a fixed name',
    set(type.SERVICE, { ServiceName: 'karematch-backend-service' }),
  ),
  production(
    COMPUTE,
    'ECS Service: Desired count: 2 tasks (configurable)',
    'a fixed count in the service',
    set(type.SERVICE, { DesiredCount: 2 }),
  ),
  production(
    COMPUTE,
    'ECS Service: Launch type: Fargate',
    'spot capacity',
    set(type.SERVICE, { CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT' }] }),
  ),
  production(
    COMPUTE,
    'ECS Service: Network mode: awsvpc (each task gets own ENI)',
    'the bridge mode',
    set(type.TASK, { NetworkMode: 'bridge' }),
  ),
  production(
    COMPUTE,
    'ECS Service: Deployment: Rolling update (100% minimum healthy, 200% maximum)',
    'no healthy task during a deployment',
    edit(type.SERVICE, (service) => (service.DeploymentConfiguration.MinimumHealthyPercent = 0)),
  ),
  production(
    COMPUTE,
    'ECS Service: Circuit breaker: Enabled (auto-rollback on failed deployments)',
    'no rollback',
    edit(type.SERVICE, (service) => (service.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback = false)),
  ),
  production(COMPUTE, 'Task Definition: CPU: 512 units (0.5 vCPU)', '256 units', set(type.TASK, { Cpu: '256' })),
  production(
    COMPUTE,
    'Task Definition: Memory: 1024 MB (1 GB)',
    'less memory for the container',
    container((app) => (app.Memory = 512)),
  ),
  production(
    COMPUTE,
    'Task Definition: Container: Node.js 20 application',
    'another command',
    container((app) => (app.Command = ['sh'])),
  ),
  production(
    COMPUTE,
    'Task Definition: Health check: GET /health every 30s',
    'a check in the container',
    container((app) => (app.HealthCheck = { Command: ['CMD', 'true'] })),
  ),
  production(
    COMPUTE,
    'Task Definition: Logging: CloudWatch Logs',
    'another region',
    container((app) => (app.LogConfiguration.Options['awslogs-region'] = 'eu-west-1')),
  ),
  production(
    COMPUTE,
    'Auto Scaling: Target CPU: 70%',
    'another target',
    edit(
      type.SCALING,
      (policy) => (policy.TargetTrackingScalingPolicyConfiguration.TargetValue = 75),
      named('ApiServiceTaskCountTargetCpu'),
    ),
  ),
  production(
    COMPUTE,
    'Auto Scaling: Target Memory: 80%',
    'no scale-in',
    edit(type.SCALING, (policy) => (policy.TargetTrackingScalingPolicyConfiguration.DisableScaleIn = true)),
  ),
  production(COMPUTE, 'Auto Scaling: Min tasks: 1', 'no tasks', set(type.SCALABLE, { MinCapacity: 0 })),
  production(COMPUTE, 'Auto Scaling: Max tasks: 4', '40 tasks', set(type.SCALABLE, { MaxCapacity: 40 })),
  production(
    COMPUTE,
    'Secrets Injection: DATABASE_URL loaded from AWS Secrets Manager',
    'a plain-text variable',
    container((app) => app.Environment.push({ Name: 'DATABASE_URL', Value: 'x' })),
  ),
  production(
    COMPUTE,
    'Secrets Injection: DATABASE_URL loaded from AWS Secrets Manager',
    'the password of another database',
    container((app) => (app.Secrets.at(-1).ValueFrom = 'arn:other')),
  ),
  production(
    COMPUTE,
    'Secrets Injection: ENCRYPTION_KEY loaded from AWS Secrets Manager',
    'the session keys instead',
    container(({ Secrets }) => {
      byName(Secrets, 'ENCRYPTION_KEYS').ValueFrom = byName(Secrets, 'SESSION_SECRET').ValueFrom;
    }),
  ),
  production(
    COMPUTE,
    'Secrets Injection: SESSION_SECRET loaded from AWS Secrets Manager',
    'rotated as another type of secret',
    edit(
      type.FUNCTION,
      ({ Environment }) => {
        const parts: unknown[] = Environment.Variables.ROTATED['Fn::Join'][1];
        const shape = parts.findIndex((part) => String(part).includes('signingKeys'));
        parts[shape] = String(parts[shape]).replace('signingKeys', 'single');
      },
      named('SecretsRotationFunction'),
    ),
  ),
  production(
    COMPUTE,
    'Environment variables: NODE_ENV',
    'another value',
    container(({ Environment }) => (byName(Environment, 'NODE_ENV').Value = 'test')),
  ),
  production(
    COMPUTE,
    'Environment variables: PORT',
    'another value',
    container(({ Environment }) => (byName(Environment, 'PORT').Value = '80')),
  ),
  production(
    COMPUTE,
    'Environment variables: AWS_REGION',
    'another value',
    container(({ Environment }) => (byName(Environment, 'AWS_REGION').Value = 'eu-west-1')),
  ),
  production(
    COMPUTE,
    'Environment variables: AWS_SECRET_NAME',
    'a plain-text variable',
    container((app) => app.Environment.push({ Name: 'AWS_SECRET_NAME', Value: 'x' })),
  ),
  production(
    COMPUTE,
    'Environment variables: AWS_SECRET_NAME',
    'no restart after rotations',
    set('AWS::Events::Rule', { State: 'DISABLED' }, named('ApiRollerNewValue')),
  ),
  production(
    COMPUTE,
    'ECS Cluster: Serverless container orchestration',
    'EC2 instances',
    set(type.SERVICE, { LaunchType: 'EC2' }),
  ),
  production(
    COMPUTE,
    'Task Definition: Logging: /aws/ecs/karematch',
    'a fixed name',
    set(type.LOG_GROUP, { LogGroupName: '/aws/ecs/karematch' }, named('ApiLog')),
  ),
];
