import { someListener, someService } from './fargate-fixtures';
import { GeneratedSecret } from '../../src/secrets/generated-secret';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newStack } from '../support/app';
import { above, alarmRows, Measured, of, quiet, unchanged } from '../support/template/alarms';

describe('the alarms of a service with secrets that rotate', () => {
  const stack = newStack();
  const secrets = new RotatingSecrets(stack, 'Secrets', { secrets: { session: GeneratedSecret.signingKey() } });
  const service = someService(stack, {
    containerPort: 8080,
    ingress: ServiceIngress.listener(someListener(stack)),
    secrets: { SESSION: secrets.forContainer('session') },
  });
  const rows = alarmRows(stack, service);

  test('include RollFailed on the metric of the roller, whose state remains between two checks', () => {
    expect(rows.RollFailed).toEqual({
      metrics: of('CdkHipaa/Services', { Service: 'ApiService' })('RollFailed', 'Maximum', 900),
      ...above(0),
      ...unchanged,
    });
  });

  test('include RollGivenUp on the queue of failed requests', () => {
    expect(rows.RollGivenUp).toEqual({
      metrics: of('AWS/SQS', { QueueName: 'ApiRollerFailedRequests.QueueName' })(
        'ApproximateNumberOfMessagesVisible',
        'Maximum',
      ),
      ...above(0),
      ...quiet,
    });
  });

  test('include RollOverdue on the age of a request, which the function answers at once', () => {
    expect(rows.RollOverdue).toEqual({
      metrics: of('AWS/SQS', { QueueName: 'ApiRollerRequests.QueueName' })('ApproximateAgeOfOldestMessage', 'Maximum'),
      ...above(3_600),
      ...quiet,
    });
  });

  test('include RollNotRequested on the failed invocations of the two rules', () => {
    const failed = (rule: string) => of('AWS/Events', { RuleName: rule })('FailedInvocations', 'Sum').compared;
    expect(rows.RollNotRequested).toEqual({
      metrics: {
        compared: 'SUM(METRICS())',
        m0: failed('ApiRollerNewValue'),
        m1: failed('ApiRollerRotated'),
      },
      ...above(0),
      ...quiet,
    });
  });

  test('include alarms on targets with the ARN of the load balancer from the listener', () => {
    const { dimensions } = rows.NoHealthyTask.metrics.compared as Measured;
    expect(dimensions).toEqual({
      LoadBalancer: 'app/main/1', TargetGroup: 'ApiTargetGroupDF7C7F64.TargetGroupFullName',
    });
  });
});
