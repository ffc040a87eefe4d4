import { Template } from 'aws-cdk-lib/assertions';
import {
  BUCKET, CLOSED_TO_THE_PUBLIC, container, CONTAINER_PORT, LISTENER, LISTENER_RULE, loadBalancer, service, storage,
  TARGET_GROUP,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { firewallBlocks, firewallIsAttached } from '../../../support/template/firewall';
import { all, only, propertiesOf, ref, rotatingKeys, storesTakeTlsAlone } from '../../../support/template/reading';

const https = (template: Template) => only(template, LISTENER, { Port: 443, Protocol: 'HTTPS' });

/** The listener has the certificate of the parameter, and TLS 1.2 or newer. */
export function certificate(template: Template) {
  const { Certificates, SslPolicy } = propertiesOf(template, LISTENER, https(template));
  expect(Certificates).toEqual([{ CertificateArn: PARAMETERS.certificateArn }]);
  expect(SslPolicy).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
  template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
}

/** The internet-facing load balancer serves HTTPS, and HTTP only redirects. All requests go to the API. */
export function loadBalancerWithHttps(template: Template) {
  const { Type, Scheme } = loadBalancer(template);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
  certificate(template);
  expect(propertiesOf(template, LISTENER, only(template, LISTENER, { Port: 80 })).DefaultActions).toMatchObject([
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443' } },
  ]);
  expect(propertiesOf(template, LISTENER_RULE, only(template, LISTENER_RULE))).toMatchObject({
    ListenerArn: ref(https(template)),
    Actions: [{ Type: 'forward', TargetGroupArn: ref(only(template, TARGET_GROUP)) }],
  });
}

/** The load balancer ends the TLS of the client, and opens another connection with TLS to the task. */
export function tlsEndsAtTheLoadBalancer(template: Template) {
  loadBalancerWithHttps(template);
  const targets = only(template, TARGET_GROUP, {
    Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS', HealthCheckPath: '/healthz',
  });
  expect(service(template, 'Api').LoadBalancers).toEqual([{
    ContainerName: container(template, 'Api').Name, ContainerPort: CONTAINER_PORT, TargetGroupArn: ref(targets),
  }]);
}

export function firewall(template: Template) {
  firewallBlocks(template);
  firewallIsAttached(template);
}

/** The bucket that the load balancer writes its access log to. */
const logBucket = (template: Template): string => {
  const attributes: Array<{ Key: string; Value: string & { Ref: string } }> =
    loadBalancer(template).LoadBalancerAttributes;
  const value = (key: string) => attributes.find(({ Key }) => Key === key)?.Value;
  expect([value('access_logs.s3.enabled'), value('connection_logs.s3.enabled')]).toEqual(['true', 'true']);
  return value('access_logs.s3.bucket')!.Ref;
};

/** A bucket for the logs of the load balancer, and one for the documents of the API. Both are private and encrypted. */
export function buckets(template: Template) {
  expect(logBucket(template)).not.toBe(storage(template));
  for (const { Properties } of all(template, BUCKET)) {
    expect(Properties.PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  }
  const [{ ServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }] =
    propertiesOf(template, BUCKET, storage(template)).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(SSEAlgorithm).toBe('aws:kms');
  expect(rotatingKeys(template)).toContainEqual(KMSMasterKeyID);
  storesTakeTlsAlone(template);
}

/** Old log files move to a cheaper class, and are deleted after six years. Documents of jobs are deleted earlier. */
export function logLifecycle(template: Template) {
  const rules = (id: string) => propertiesOf(template, BUCKET, id).LifecycleConfiguration.Rules;
  expect(rules(logBucket(template))).toContainEqual(expect.objectContaining({
    Status: 'Enabled', ExpirationInDays: 2192, Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
  }));
  expect(rules(storage(template)))
    .toContainEqual(expect.objectContaining({ Status: 'Enabled', Prefix: 'jobs/', ExpirationInDays: 90 }));
}
