import { Template } from 'aws-cdk-lib/assertions';
import {
  BUCKET, BUCKET_POLICY, CLOSED_TO_THE_PUBLIC, container, CONTAINER_PORT, LISTENER, service, storage, TARGET_GROUP,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { denialsOfPhiBucket, keepsLogFiles } from '../../../support/template/buckets';
import { firewallBlocks, firewallIsAttached, firewallLogs } from '../../../support/template/firewall';
import {
  forwardsEverything, httpsListener, redirectsToHttps, servesTheInternet, TLS_POLICY,
} from '../../../support/template/load-balancer';
import { all, only, propertiesOf, ref, rotatingKeys, storesTakeTlsAlone } from '../../../support/template/reading';

/** The listener has the certificate of the parameter, and TLS 1.2 or newer. */
export function certificate(template: Template) {
  const { Certificates, SslPolicy } = propertiesOf(template, LISTENER, httpsListener(template));
  expect(Certificates).toEqual([{ CertificateArn: PARAMETERS.certificateArn }]);
  expect(SslPolicy).toBe(TLS_POLICY);
  template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
}

/** The internet-facing load balancer serves HTTPS, and HTTP only redirects. All requests go to the API. */
export function loadBalancerWithHttps(template: Template) {
  servesTheInternet(template);
  certificate(template);
  redirectsToHttps(template);
  forwardsEverything(template);
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
  firewallLogs(template);
}

/** A bucket for the logs of the load balancer, and one for the documents of the API. Both are private and encrypted. */
export function buckets(template: Template) {
  expect(servesTheInternet(template)).not.toBe(storage(template));
  for (const { Properties } of all(template, BUCKET)) {
    expect(Properties.PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  }
  const [{ ServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }] =
    propertiesOf(template, BUCKET, storage(template)).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(SSEAlgorithm).toBe('aws:kms');
  expect(rotatingKeys(template)).toContainEqual(KMSMasterKeyID);
  const policy = only(template, BUCKET_POLICY, { Bucket: ref(storage(template)) });
  expect(propertiesOf(template, BUCKET_POLICY, policy).PolicyDocument.Statement)
    .toEqual(denialsOfPhiBucket(storage(template), KMSMasterKeyID));
  storesTakeTlsAlone(template);
}

/** Old log files move to a cheaper class, and are deleted after six years. Documents of jobs are deleted earlier. */
export function logLifecycle(template: Template) {
  keepsLogFiles(template, servesTheInternet(template));
  expect(propertiesOf(template, BUCKET, storage(template)).LifecycleConfiguration.Rules).toEqual([
    {
      Id: 'NoncurrentVersions',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
    { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
    { Id: 'Objects1', Status: 'Enabled', Prefix: 'jobs/', ExpirationInDays: 90 },
  ]);
}
