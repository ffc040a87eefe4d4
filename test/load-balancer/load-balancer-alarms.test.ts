import * as route53 from 'aws-cdk-lib/aws-route53';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { newStack, someVpc } from '../support/app';
import { above, alarmRows, below, DAY, of, quiet, unknown } from '../support/template/alarms';

test('the alarms of a load balancer and of its firewall have these fields', () => {
  const stack = newStack({ env: { region: 'us-east-1' } });
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z0EXAMPLE0000000000',
    zoneName: 'example.com',
  });
  const loadBalancer = new SecureLoadBalancer(stack, 'Entrance', {
    vpc: someVpc(stack),
    endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone }),
  });
  const metric = of('AWS/ApplicationELB', { LoadBalancer: 'Entrance.LoadBalancerFullName' });
  expect(alarmRows(stack, loadBalancer)).toEqual({
    LoadBalancerErrors: { metrics: metric('HTTPCode_ELB_5XX_Count', 'Sum'), ...above(10), ...quiet },
    SlowResponses: { metrics: metric('TargetResponseTime', 'Average'), ...above(1, 3), ...quiet },
    RejectedConnections: { metrics: metric('RejectedConnectionCount', 'Sum'), ...above(0), ...quiet },
    // ACM reports the days to expiry twice a day until the certificate expires.
    CertificateExpiry: {
      metrics: of('AWS/CertificateManager', { CertificateArn: 'EntranceCertificate' })('DaysToExpiry', 'Minimum', DAY),
      ...below(30),
      ...unknown,
    },
    BlockedSurge: {
      metrics: of('AWS/WAFV2', { Rule: 'ALL', Region: 'us-east-1', WebACL: 'StackEntranceFirewall' })(
        'BlockedRequests',
        'Sum',
      ),
      ...above(1000),
      ...quiet,
    },
  });
});
