import {
  about,
  balancerAttribute,
  development,
  edit,
  Mutation,
  named,
  open,
  production,
  remove,
  set,
  targetAttribute,
} from './changes';
import * as type from '../proof/parts';
import { LOAD_BALANCING } from '../statements/components';

/** Changes to the load balancer, each with the row that it must fail. */
export const LOAD_BALANCING_CHANGES: Mutation[] = [
  production(
    LOAD_BALANCING,
    'Application Load Balancer: karematch-alb',
    'a fixed name',
    set(type.LOAD_BALANCER, { Name: 'karematch-alb' }),
  ),
  production(
    LOAD_BALANCING,
    'Application Load Balancer: Scheme: Internet-facing',
    'an internal load balancer',
    set(type.LOAD_BALANCER, { Scheme: 'internal' }),
  ),
  production(
    LOAD_BALANCING,
    'Application Load Balancer: Security: Allows HTTPS (443) from internet',
    'an additional port',
    open('EntranceSecurityGroup', 8080, '0.0.0.0/0'),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: karematch-tg',
    'a fixed name',
    set(type.TARGET_GROUP, { Name: 'karematch-tg' }),
  ),
  production(LOAD_BALANCING, 'Target Group: Protocol: HTTP', 'HTTP', set(type.TARGET_GROUP, { Protocol: 'HTTP' })),
  production(
    LOAD_BALANCING,
    'Target Group: Port: 5000 (container port)',
    'a port that changes with the port of the container',
    set(type.TARGET_GROUP, { Port: 5000 }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Port: 5000 (container port)',
    'health checks at another port',
    set(type.TARGET_GROUP, { HealthCheckPort: '5001' }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Target type: IP (for Fargate)',
    'instances as targets',
    set(type.TARGET_GROUP, { TargetType: 'instance' }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Health check: GET /health every 30s',
    'another path',
    set(type.TARGET_GROUP, { HealthCheckPath: '/' }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Health check: GET /health every 30s',
    'client errors count as healthy',
    set(type.TARGET_GROUP, { Matcher: { HttpCode: '200-499' } }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Health check: Healthy threshold: 2 consecutive successes',
    'five successes',
    set(type.TARGET_GROUP, { HealthyThresholdCount: 5 }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Health check: Unhealthy threshold: 3 consecutive failures',
    'two failures',
    set(type.TARGET_GROUP, { UnhealthyThresholdCount: 2 }),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Stickiness: Enabled (24-hour cookie)',
    'one hour',
    targetAttribute('stickiness.lb_cookie.duration_seconds', '3600'),
  ),
  production(
    LOAD_BALANCING,
    'Target Group: Deregistration delay: 30 seconds',
    '300 seconds',
    targetAttribute('deregistration_delay.timeout_seconds', '300'),
  ),
  production(
    LOAD_BALANCING,
    'Listeners: HTTPS (443) - Primary (if certificate provided)',
    'no certificate',
    edit(type.LISTENER, (listener) => delete listener.Certificates),
  ),
  production(
    LOAD_BALANCING,
    'Listeners: HTTPS (443): SSL Policy: ELBSecurityPolicy-TLS-1-2-2017-01 (HIPAA-compliant)',
    'TLS 1.0',
    set(type.LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }),
  ),
  production(
    LOAD_BALANCING,
    'Listeners: HTTPS (443): Forward to target group',
    'some paths only',
    set(type.LISTENER_RULE, { Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }] }),
  ),
  production(
    LOAD_BALANCING,
    'Listeners: HTTP (80): If certificate exists: 301 redirect to HTTPS',
    'a temporary redirect',
    edit(
      type.LISTENER,
      ({ DefaultActions: [{ RedirectConfig }] }) => (RedirectConfig.StatusCode = 'HTTP_302'),
      ({ Port }) => Port === 80,
    ),
  ),
  development(
    LOAD_BALANCING,
    'Listeners: HTTP (80): Otherwise: Forward to target group',
    'no forwarding rule',
    remove(type.LISTENER_RULE),
  ),
  production(
    LOAD_BALANCING,
    'Access Logs: Enabled (S3 bucket) for audit trail',
    'off',
    balancerAttribute('access_logs.s3.enabled', 'false'),
  ),
  production(
    LOAD_BALANCING,
    'Access Logs: Enabled (S3 bucket) for audit trail',
    'no permission to write the logs',
    edit(type.BUCKET_POLICY, ({ PolicyDocument }) => PolicyDocument.Statement.pop(), named('EntranceAccessLogs')),
  ),
  production(
    LOAD_BALANCING,
    'Application Load Balancer: Subnets: Public subnets across 2 AZs',
    'in one zone',
    edit(type.LOAD_BALANCER, ({ Subnets }) => Subnets.pop()),
  ),
  production(
    LOAD_BALANCING,
    'Application Load Balancer: Security: Allows HTTP (80) from internet',
    'no rule for port 80',
    remove('AWS::EC2::SecurityGroupIngress', about('FromInternetTo80')),
  ),
  production(
    LOAD_BALANCING,
    'Listeners: HTTP (80) - Redirect to HTTPS or forward (development)',
    'no redirect',
    remove(type.LISTENER, ({ Port }) => Port === 80),
  ),
  development(
    LOAD_BALANCING,
    'Listeners: HTTP (80) - Redirect to HTTPS or forward (development)',
    'another port in development',
    set(type.LISTENER, { Port: 8080 }),
  ),
];
