import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { EU, site, US, WEB_ACL_ARN } from './some-cdn';
import { unwatched } from '../../src/core/monitored-mark';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { newApp, newStack, propertiesOf } from '../support/app';

const certificateOf = (stack: Stack) =>
  acm.Certificate.fromCertificateArn(stack, 'SomeCertificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');

/** The alarms of a monitored site, by logical ID. */
function alarmsOf(stack: Stack): ReturnType<typeof propertiesOf> {
  const subject = site({ endpoint: WebEndpoint.certificate(certificateOf(stack), 'www.example.com') }, stack);
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(subject);
  return propertiesOf(Template.fromStack(stack), 'AWS::CloudWatch::Alarm');
}

describe('the monitoring plan of a site', () => {
  const stack = newStack({ env: US });
  const alarms = alarmsOf(stack);
  const nameOf = ({ MetricName, Metrics }: (typeof alarms)[string]) =>
    MetricName ?? Metrics[0].MetricStat.Metric.MetricName;
  const alarm = (metric: string) => Object.values(alarms).find((properties) => nameOf(properties) === metric)!;

  test('describes the first step of the response', () => {
    expect(alarm('5xxErrorRate').AlarmDescription).toContain('First look in the access log for the paths '
      + '(cs-uri-stem, sc-status)');
    expect(alarm('5xxErrorRate').AlarmDescription).toContain('A bucket policy or key policy that denies access '
      + 'causes 403, not 5XX.');
    expect(alarm('DaysToExpiry').AlarmDescription).toContain('First check that the hosted zone contains the CNAME '
      + 'records that validate it.');
  });

  test('includes the alarms of the created firewall', () => {
    expect(alarm('BlockedRequests')).toBeDefined();
    expect(Object.keys(alarms)).toHaveLength(3);
    expect(unwatched(stack)).toEqual([]);
  });

  test('shows requests and errors from us-east-1', () => {
    const widgets = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
    expect(widgets).toContain('Requests to the site');
    expect(widgets).toContain('4xxErrorRate');
  });
});

test('the plan has no certificate alarm without a domain and no alarms of a given firewall', () => {
  const { alarms } = site({ firewall: WebFirewall.fromWebAclArn(WEB_ACL_ARN) }).monitoringPlan();
  expect(alarms.map(({ id }) => id)).toEqual(['ServerErrors']);
});

test('a site without monitoring is reported, and its firewall is not', () => {
  const stack = newStack();
  const subject = site({}, stack);
  expect(unwatched(stack)).toEqual([subject]);
});

describe('a site in another region', () => {
  const europe = (app: App) => {
    const stack = new Stack(app, 'Europe', { env: EU });
    const endpoint = WebEndpoint.certificate(certificateOf(stack), 'www.example.com');
    return site({ endpoint, firewall: WebFirewall.fromWebAclArn(WEB_ACL_ARN) }, stack);
  };

  test('cannot be monitored there, because CloudFront publishes no metrics there', () => {
    const subject = europe(newApp());
    const monitoring = new WorkloadMonitoring(Stack.of(subject), 'Monitoring', { email: 'oncall@example.com' });
    expect(() => monitoring.watch(subject)).toThrow(
      new Error(
        "[Europe/Site] metric of alarm 'ServerErrors' must be a metric of eu-west-1, the region of " +
          'Europe/Monitoring, got a metric of us-east-1. Watch this construct with a ' +
          'WorkloadMonitoring in a stack of us-east-1.',
      ),
    );
  });

  test('can be monitored from us-east-1 with an output and without a function in either stack', () => {
    const app = newApp();
    const subject = europe(app);
    const watch = new Stack(app, 'Watch', { env: US });
    new WorkloadMonitoring(watch, 'Monitoring', { email: 'oncall@example.com' }).watch(subject);
    const template = Template.fromStack(watch);
    const [{ Metrics }] = Object.values(propertiesOf(template, 'AWS::CloudWatch::Alarm'));
    expect(Metrics[0].MetricStat.Metric.Dimensions[0].Value).toEqual({
      'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Europe', Region: 'eu-west-1' }),
    });
    expect(watch.dependencies).toEqual([Stack.of(subject)]);
    for (const stack of [template, Template.fromStack(Stack.of(subject))]) {
      stack.resourceCountIs('AWS::Lambda::Function', 0);
    }
  });

  test('cannot be monitored from us-east-1 in a nested stack, which would need a function in both stacks', () => {
    const app = newApp();
    const parent = new Stack(app, 'Europe', { env: { account: '111122223333', region: 'eu-west-1' } });
    const subject = new StaticSiteCdn(new NestedStack(parent, 'Web'), 'Site', {
      firewall: WebFirewall.fromWebAclArn('arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/1'),
    });
    const monitoring = new WorkloadMonitoring(new Stack(app, 'Watch', { env: US }), 'Monitoring', {
      email: 'oncall@example.com',
    });
    expect(() => monitoring.watch(subject)).toThrow(new Error(
      '[Europe/Web/Site] a site in a nested stack of eu-west-1 cannot be watched, because a stack of us-east-1 cannot '
        + 'read the ID of its distribution without a function of aws-cdk-lib in both stacks. '
        + 'Create the site in a top-level stack.'));
  });

  test('can be monitored in a nested stack of us-east-1', () => {
    const app = newApp();
    const parent = new Stack(app, 'Edge', { env: US });
    const subject = new StaticSiteCdn(new NestedStack(parent, 'Web'), 'Site');
    const watch = new Stack(app, 'Watch', { env: US });
    new WorkloadMonitoring(watch, 'Monitoring', { email: 'oncall@example.com' }).watch(subject);
    app.synth();
    expect(propertiesOf(Template.fromStack(watch), 'AWS::CloudWatch::Alarm')).not.toEqual({});
  });
});
