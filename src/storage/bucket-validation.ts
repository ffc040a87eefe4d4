import { IConstruct } from 'constructs';
import { requireOrigins } from './browser-origins';
import { requireLifecycle } from './object-lifecycle';
import { PhiBucketProps } from './phi-bucket-props';
import { requireReplica } from './replication';
import { refuse, refuseUse, requireDistinct, Situation } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';

/** Refuses what cannot be deployed, and restrictions that contradict one another. */
export function validateBucket(scope: IConstruct, props: PhiBucketProps): void {
  const { browserOrigins, vpcEndpoints } = props;
  requireLifecycle(scope, props);
  requireOrigins(scope, browserOrigins);
  props.malwareScan?._validate(scope);
  if (props.replicaBucket) requireReplica(scope, props.replicaBucket);
  if (vpcEndpoints === undefined) return;
  if (vpcEndpoints.length === 0) {
    refuse(scope, {
      prop: 'vpcEndpoints',
      given: new Situation('an empty list'),
      allowed: 'a list with at least one endpoint',
      change: 'pass the S3 endpoint of the VPC, or leave vpcEndpoints out',
    });
  }
  requireDistinct(scope, 'vpcEndpoints', vpcEndpoints);
  if (browserOrigins) {
    refuseUse(scope,
      'vpcEndpoints and browserOrigins must not be used together, because the browsers of users do not use an endpoint',
      'remove vpcEndpoints, or let a service read and write the objects');
  }
  vpcEndpoints.forEach((endpoint, index) => requireRegionOf(scope, `vpcEndpoints[${index}]`, 'an endpoint', endpoint));
}
