import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  ComplianceGuardrails, ContentSecurityPolicy, DatabaseProxy, EncryptedDatabaseInstance, FirewallRule, HipaaVpc,
  LogMetric, MalwareScan, NetworkAlarms, PhiBucket, RelaxationOptions, ScheduledTask, ServiceIngress, SsmBastion,
  StaticSiteCdn, WebFirewall,
} from '../src';
import { IMAGE, someService } from './service/fargate-fixtures';
import { newStack, someVpc } from './support/app';
import { sample } from './support/samples';

const LONG = 'x'.repeat(1_025);
const TOO_LONG = 'must be at most 1024 bytes, the maximum length of a key, got 1025 bytes. Shorten the prefix.';
const twice = (shown: string) => `must be a list of different values, got ${shown} twice. Remove one of the two.`;
const NO_PROGRAM = "command must be a program and its arguments, got []. Pass the program first, as in ['alembic', "
  + "'upgrade', 'head'].";
const reason: RelaxationOptions = { reason: 'a test' };

const bucket = (props: object) => () => new PhiBucket(newStack(), 'It', props);
const network = (props: object) => () => new HipaaVpc(newStack(), 'It', props);
const firewall = (props: object) => () => new WebFirewall(newStack(), 'It', props);
const site = (policy: string) => () =>
  new StaticSiteCdn(newStack(), 'It', { contentSecurityPolicy: ContentSecurityPolicy.custom(policy, reason) });
const bastion = (props: object) => {
  const stack = newStack();
  return new SsmBastion(stack, 'It', { vpc: someVpc(stack), ...props });
};
const service = (props: object) => () => someService(newStack(), props);
const task = (command: string[]) => () => {
  const stack = newStack();
  const image = ecs.ContainerImage.fromRegistry(IMAGE);
  const schedule = scheduler.ScheduleExpression.rate(Duration.hours(6));
  new ScheduledTask(stack, 'It', { vpc: someVpc(stack), image, schedule, command });
};
const matching = (props: object) => service({
  logMetrics: [LogMetric.matching('Fax', {
    pattern: sample('logs.IFilterPattern', newStack()) as never, threshold: 1, description: 'Call.', ...props,
  })],
});

test.each<[string, string, () => unknown]>([
  ['a scanned prefix that is longer than a key', `[Stack/It] prefix of malwareScan ${TOO_LONG}`,
    bucket({ malwareScan: MalwareScan.prefixes(LONG) })],
  ['a prefix that is longer than a key', `[Stack/It] lifecycle[0].prefix ${TOO_LONG}`,
    bucket({ lifecycle: [{ prefix: LONG, expireAfter: Duration.days(9) }] })],
  ['a scanned prefix twice', `[Stack/It] malwareScan ${twice("'a/'")}`,
    bucket({ malwareScan: MalwareScan.prefixes('a/', 'a/') })],
  ['an origin twice', `[Stack/It] browserOrigins ${twice("'https://a.example'")}`,
    bucket({ browserOrigins: ['https://a.example', 'https://a.example'] })],
  ['an endpoint twice', `[Stack/It] vpcEndpoints ${twice('Stack/Endpoint')}`, () => {
    const stack = newStack();
    const endpoint = ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'Endpoint', 'vpce-1');
    new PhiBucket(stack, 'It', { vpcEndpoints: [endpoint, endpoint] });
  }],
  ['a secret of a proxy twice', `[Stack/It] proxy.secrets ${twice('Stack/Secret')}`, () => {
    const stack = newStack();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
    const proxy = DatabaseProxy.withPassword({ secrets: [secret, secret] });
    new EncryptedDatabaseInstance(stack, 'It', { vpc: someVpc(stack), engine, proxy });
  }],
  ['a certificate of a listener twice', `[Stack/Api] ingress.certificates ${twice('Stack/ICertificate')}`, () => {
    const stack = newStack();
    const certificate = sample('acm.ICertificate', stack) as never;
    const balancer = sample('elbv2.IApplicationLoadBalancer', stack) as never;
    const ingress = ServiceIngress.newListener(balancer, [certificate, certificate]);
    someService(stack, { containerPort: 8080, ingress });
  }],
  ['a package twice', `[Stack/It] packages ${twice("'jq'")}`, () => bastion({ packages: ['jq', 'jq'] })],
  ['an address range twice', `[Stack/It] allowedCidrs ${twice("'203.0.113.0/24'")}`,
    firewall({ allowedCidrs: ['203.0.113.0/24', '203.0.113.0/24'] })],
  ['a country twice', `[Stack/It] countries ${twice("'US'")}`,
    firewall({ rules: [FirewallRule.block('Own', { countries: ['US', 'US'] })] })],
  ['a package with a name of 256 characters',
    '[Stack/It] packages must be names of Amazon Linux packages, each of at most 255 characters, got '
      + `'${'x'.repeat(256)}'. Pass the name only, such as postgresql16.`,
    () => bastion({ packages: ['x'.repeat(256)] })],
  ['a host of 254 characters',
    `[Stack/It] host must be a host name or an address of at most 253 characters, got '${'x'.repeat(254)}'. `
      + 'Pass the host only.',
    () => bastion({ portForwarding: reason }).forwardCommand('x'.repeat(254), 5432, 5432)],
  ['a user of 33 characters',
    '[Stack/Api] user must be a user other than root, with an optional group other than root, each of at most 32 '
      + `characters, got '${'x'.repeat(33)}'. `
      + 'Name a user of the image, or use a number above 0.',
    service({ user: 'x'.repeat(33) })],
  ['a service without a program', `[Stack/Api] ${NO_PROGRAM}`, service({ command: [] })],
  ['a scheduled task without a program', `[Stack/It] ${NO_PROGRAM}`, task([])],
  ['a part of a policy without a directive',
    '[Stack/It] contentSecurityPolicy must be directives with semicolons between them, each of them a name and its '
      + "values, got '!!!'. Write, for example, default-src 'self'; object-src 'none'.",
    site("default-src 'self'; !!!")],
  ['a metric of a firewall with other text than letters',
    "[Stack/It] argument name of WebFirewall.metric must be a metric name of 1 to 255 letters, got 'Blocked requests'. "
      + "Pass a name such as 'BlockedRequests'.",
    () => new WebFirewall(newStack(), 'It').metric('Blocked requests')],
  ['a description of an alarm with 1,025 characters',
    "[Stack/Api] description of logMetrics 'Fax' must be at most 1024 characters, got 1025 characters. Keep the first "
      + 'step and move the rest to a runbook.',
    matching({ description: LONG })],
  ['a threshold of half a line',
    "[Stack/Api] threshold of logMetrics 'Fax' must be an integer of at least 0, got 0.5. Pass the number of matching "
      + 'lines in five minutes above which the alarm fires.',
    matching({ threshold: 0.5 })],
  ['half a record',
    '[Stack/It] alarms.rejectedRecords must be an integer of 0 or more, got 0.5. Pass the threshold per hour.',
    network({ alarms: NetworkAlarms.complete({ rejectedRecords: 0.5 }) })],
  ['a blank value of a rule of AWS Config',
    "[Stack/It/Config] config.ruleParameters['access-keys-rotated']['maxAccessKeyAge'] must be a non-blank string, got "
      + "' '. Write the value, or an empty one to remove it.",
    () => new ComplianceGuardrails(newStack(), 'It', {
      config: { ruleParameters: { 'access-keys-rotated': { maxAccessKeyAge: ' ' } } },
    })],
  ['a text of 301 characters, of which the error shows 300,',
    `[Stack/It] cidr must be an IPv4 block such as '10.0.0.0/16', got '${'x'.repeat(300)}…' (301 characters). `,
    network({ cidr: 'x'.repeat(301) })],
])('%s is refused', (_, message, create) => {
  expect(create).toThrow(message);
});

test('a custom policy can end with a semicolon', () => {
  expect(site("default-src 'self';")).not.toThrow();
});
