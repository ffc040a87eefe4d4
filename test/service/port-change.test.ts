import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { CfnParameter } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { someListener, someService } from './fargate-fixtures';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newStack, someVpc, templateOf } from '../support/app';
import { Dependencies, DependencyTemplate } from '../support/dependencies';

const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const REPLACED = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE, ResourceImpact.WILL_DESTROY];

/** The ingress of a service, by the kind of its listener. */
const INGRESSES: Array<[string, (scope: Construct) => ServiceIngress]> = [
  ['an imported listener', (scope) => ServiceIngress.listener(someListener(scope))],
  ['an imported listener and HTTPS to the container', (scope) =>
    ServiceIngress.listener(someListener(scope), { containerProtocol: elbv2.ApplicationProtocol.HTTPS })],
  ['a load balancer', (scope) => ServiceIngress.loadBalancer(
    new SecureLoadBalancer(scope, 'Entrance', {
      vpc: someVpc(scope), endpoint: WebEndpoint.plainHttp({ reason: 'a test' }),
    }),
  )],
  ['a load balancer of its own', (scope) => ServiceIngress.https({
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
      hostedZoneId: 'Z1', zoneName: 'example.com',
    }),
  })],
];

type Port = number | 'token';

function templateWith(port: Port, ingress: (scope: Construct) => ServiceIngress): DependencyTemplate {
  const stack = newStack();
  const containerPort = port === 'token' ? new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber : port;
  someService(stack, { vpc: someVpc(new Construct(stack, 'Own')), containerPort, ingress: ingress(stack) });
  return templateOf(stack).toJSON() as DependencyTemplate;
}

/** The types of the resources that an update replaces or removes. A replaced resource is removed at the end. */
function replaced(from: Port, to: Port, ingress: (scope: Construct) => ServiceIngress): string[] {
  const { resources } = fullDiff(templateWith(from, ingress), templateWith(to, ingress));
  const impacts: Record<string, ResourceImpact> = {};
  resources.forEachDifference((id, change) => impacts[id] = change.changeImpact);
  const types = Object.keys(impacts).filter((id) => REPLACED.includes(impacts[id])).map((id) => resources.get(id));
  return [...new Set(types.map(({ oldResourceType, newResourceType }) => oldResourceType ?? newResourceType!))].sort();
}

describe.each(INGRESSES)('a changed container port, with %s,', (_name, ingress) => {
  test.each<[Port, Port]>([[3000, 8080], [8080, 443], [80, 81], [8080, 'token']])(
    'from %s to %s, replaces only the rules of the port and the task definition, which has revisions', (from, to) => {
      expect(replaced(from, to, ingress)).toEqual([
        'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress', 'AWS::ECS::TaskDefinition',
      ]);
    },
  );

  test('opens the new port before the tasks listen on it, and closes the old one after them', () => {
    const [before, after] = [3000, 8080].map((port) => templateWith(port, ingress));
    const dependencies = new Dependencies(after);
    const [service] = dependencies.ofType('AWS::ECS::Service');
    const opened = Object.keys(after.Resources).filter((id) => !(id in before.Resources));
    expect(opened.map((id) => after.Resources[id].Type).sort()).toEqual([
      'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress',
    ]);
    expect(opened.filter((id) => !dependencies.goesBefore(service, id))).toEqual([]);
  });
});

test('the target group has a constant port and checks each task at its own port', () => {
  const template = templateWith(8080, (scope) => ServiceIngress.listener(someListener(scope)));
  const [group] = Object.values(template.Resources).filter(({ Type }) => Type === TARGET_GROUP);
  expect(group.Properties.Port).toBe(80);
  expect(group.Properties).not.toHaveProperty('HealthCheckPort');
});
