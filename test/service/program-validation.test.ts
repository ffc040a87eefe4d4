import { CfnParameter, Duration, Fn } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { someService } from './fargate-fixtures';
import { ALARM_IDS } from '../../src/service/alarm-ids';
import { LogMetric } from '../../src/service/log-metric';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newStack } from '../support/app';

const create = (props: Partial<SecureFargateServiceProps>, stack = newStack()) => () => someService(stack, props);

describe('image names', () => {
  const image = (name: string) => create({ image: ecs.ContainerImage.fromRegistry(name) });

  test.each([
    'NGINX:1 2', 'NGINX:1', 'clinic/API:1', 'nginx:', 'nginx:1:2', 'nginx: 1', ' nginx:1', '',
    'https://example.com/a:1', 'nginx@sha256:12', '-nginx:1', 'a//b:1', `nginx:${'1'.repeat(129)}`,
    `${'a/'.repeat(130)}b:1`,
  ])("'%s' is refused", (name) => {
    expect(image(name)).toThrow(new Error(
      '[Stack/Api] image must be a name that Docker can parse: [registry/]repository[:tag][@digest], with a repository '
        + `in small letters, got '${name}'. Correct the name, such as 'public.ecr.aws/clinic/api:1.2.3'.`));
  });

  test.each([
    'nginx:1.28', 'library/nginx:1', 'public.ecr.aws/clinic/api:1.2.3', 'localhost:5000/api:v1',
    'Registry.example/a_b:1',
    `nginx@sha256:${'0f'.repeat(32)}`, `ghcr.io/a/b__c--d:1@sha256:${'0f'.repeat(32)}`,
    '111122223333.dkr.ecr.us-east-1.amazonaws.com/api:V1.2_3',
  ])("'%s' is accepted", (name) => {
    expect(image(name)).not.toThrow();
  });

  test('a name with a token is accepted', () => {
    const stack = newStack();
    const tag = new CfnParameter(stack, 'Tag').valueAsString;
    expect(create({ image: ecs.ContainerImage.fromRegistry(`nginx:${tag}`) }, stack)).not.toThrow();
  });
});

describe('certificateBundlePath', () => {
  test.each(['', ' ', 'bundle.pem', '/etc/ssl/', '/', '/a b.pem'])("'%s' is refused", (certificateBundlePath) => {
    expect(create({ certificateBundlePath })).toThrow(new Error(
      '[Stack/Api] certificateBundlePath must be the absolute path of a file in the image, such as '
        + `'/etc/ssl/rds-global-bundle.pem', got '${certificateBundlePath}'. `
        + 'Correct the path, or leave certificateBundlePath out.'));
  });

  test('an absolute path is accepted', () => {
    expect(create({ certificateBundlePath: '/etc/ssl/rds.pem' })).not.toThrow();
  });
});

describe('healthCheck', () => {
  const command = ['CMD-SHELL', 'true'];
  const check = (healthCheck: Partial<ecs.HealthCheck>) => create({ healthCheck: { command, ...healthCheck } });

  test.each([
    [['CMD']], [['CMD-SHELL']], [['NONE']], [['NONE', 'true']], [['CMD', '']], [['CMD-SHELL', ' ']], [['']], [[]],
    [['CMD-SHELL', 'curl', 'http://localhost']],
  ])('the command %j is refused', (words: string[]) => {
    expect(check({ command: words })).toThrow(new Error(
      '[Stack/Api] healthCheck.command must be CMD with a program and its arguments, or CMD-SHELL with one text, got '
        + `[${words.map((word) => `'${word}'`).join(', ')}]. Use a command such as `
        + "['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1']."));
  });

  test.each<[Partial<ecs.HealthCheck>, string]>([
    [{ retries: 0 }, 'healthCheck.retries must be an integer from 1 to 10, got 0.'],
    [{ retries: 99 }, 'healthCheck.retries must be an integer from 1 to 10, got 99.'],
    [{ retries: 1.5 }, 'healthCheck.retries must be an integer from 1 to 10, got 1.5.'],
    [{ interval: Duration.seconds(4) }, 'healthCheck.interval must be from 5 to 300 whole seconds, got 4 seconds.'],
    [{ interval: Duration.minutes(6) }, 'healthCheck.interval must be from 5 to 300 whole seconds, got 6 minutes.'],
    [{ timeout: Duration.seconds(1) }, 'healthCheck.timeout must be from 2 to 60 whole seconds, got 1 second.'],
    [{ timeout: Duration.seconds(61) }, 'healthCheck.timeout must be from 2 to 60 whole seconds, got '],
    [{ startPeriod: Duration.minutes(6) }, 'healthCheck.startPeriod must be from 0 to 300 whole seconds, got 6 min'],
    [
      { interval: Duration.seconds(10), timeout: Duration.seconds(20) },
      'healthCheck.timeout must be at most healthCheck.interval, which is 10 seconds, got 20 seconds. '
        + 'Use a shorter timeout or a longer interval.',
    ],
  ])('%j is refused', (healthCheck, text) => {
    expect(check(healthCheck)).toThrow(`[Stack/Api] ${text}`);
  });

  test.each<[Partial<ecs.HealthCheck>]>([
    [{ command: ['curl -f http://localhost'] }], [{ command: ['curl', '-f', 'http://localhost'] }],
    [{ command: ['CMD', '/bin/check'] }], [{ retries: 10, startPeriod: Duration.seconds(0) }],
    [{ interval: Duration.seconds(5), timeout: Duration.seconds(2), retries: 1, startPeriod: Duration.minutes(5) }],
    [{ command: Fn.split(',', 'CMD,true') }],
  ])('%j is accepted', (healthCheck) => {
    expect(check(healthCheck)).not.toThrow();
  });
});

describe('names of log metrics', () => {
  const pattern = logs.FilterPattern.allTerms('error');
  const metric = (name: string) => LogMetric.matching(name, { pattern, threshold: 1, description: 'Read the log.' });

  test.each(ALARM_IDS)('%s, the name of another alarm, is refused', (name) => {
    expect(create({ logMetrics: [metric(name)] })).toThrow(new Error(
      '[Stack/Api] names in logMetrics must be other names than those of the alarms of a service '
        + `(${ALARM_IDS.join(', ')}), got '${name}'. Rename the metric.`));
  });

  test('the list has every alarm and notification of a service with load balancer and rotated secret', () => {
    const stack = newStack();
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1', zoneName: 'example.com',
    });
    const service = someService(stack, {
      containerPort: 8080,
      ingress: ServiceIngress.https({ domainName: 'api.example.com', hostedZone }),
      responseTimeTarget: Duration.seconds(1),
      restartOnRotation: [new secretsmanager.Secret(stack, 'Secret')],
    });
    const { alarms, notifications = [] } = service.monitoringPlan();
    const ids = [...alarms.map(({ id }) => id), ...notifications.flatMap(({ _ids }) => _ids)];
    expect(ids.sort()).toEqual([...ALARM_IDS].sort());
  });
});
