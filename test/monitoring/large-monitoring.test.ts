import * as fs from 'fs';
import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { SecureFargateService, SecureLoadBalancer, ServiceCluster, ServiceIngress, WebEndpoint, WorkloadMonitoring }
  from '../../src';
import { newApp, someVpc } from '../support/app';

const ENV = { account: '111122223333', region: 'us-east-1' };

/** One `WorkloadMonitoring` that watches this many web services, which are in other stacks. */
function watching(count: number): { app: App; watch: Stack } {
  const app = newApp();
  const stack = new Stack(app, 'Main', { env: ENV });
  const vpc = someVpc(stack);
  const certificate = acm.Certificate.fromCertificateArn(
    stack, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');
  const entrance = new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) });
  const { cluster, encryptionKey } = new ServiceCluster(stack, 'Cluster', { vpc });
  const watch = new Stack(app, 'Watch', { env: ENV });
  const monitoring = new WorkloadMonitoring(watch, 'Monitoring', { email: 'oncall@example.com' });
  for (let index = 0; index < count; index++) {
    const part = app.node.tryFindChild(`Part${Math.floor(index / 20)}`) as Stack | undefined
      ?? new Stack(app, `Part${Math.floor(index / 20)}`, { env: ENV });
    monitoring.watch(new SecureFargateService(part, `Api${index}`, {
      vpc,
      cluster,
      encryptionKey,
      containerPort: 8080,
      image: ContainerImage.fromRegistry('nginx:1.28'),
      ingress: ServiceIngress.loadBalancer(entrance, { path: `/a${index}`, priority: index + 1 }),
    }));
  }
  return { app, watch };
}

const sizeOf = ({ app, watch }: ReturnType<typeof watching>) =>
  fs.statSync(app.synth().getStackArtifact(watch.artifactId).templateFullPath).size;

test('a watched web service adds about 20 KB to the template, as its page states', () => {
  const perService = (sizeOf(watching(6)) - sizeOf(watching(1))) / 5;
  expect(Math.round(perService / 1_000)).toBe(20);
});

test('one monitoring of 45 services has a warning with the parts that are largest', () => {
  const { app, watch } = watching(45);
  app.synth();
  expect(JSON.stringify(watch.node.metadata)).toContain('The stack has a template of');
});

test('one monitoring of 60 services is refused, because CloudFormation accepts 1 MB', () => {
  expect(() => watching(60).app.synth()).toThrow('and CloudFormation accepts 1 MB');
});
