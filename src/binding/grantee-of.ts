import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { ServiceBindingContext } from './service-binding';
import { refuseUse } from '../core/refusal';

/** Returns the service that uses a resource as a grantee. Refuses a construct of the app that has no role. */
export function granteeOf(resource: IConstruct, { service }: ServiceBindingContext): iam.IGrantable {
  const { grantPrincipal } = service as Construct & Partial<iam.IGrantable>;
  if (grantPrincipal) return { grantPrincipal };
  return refuseUse(resource, `${service.node.path} must be an iam.IGrantable to use this resource, which grants it `
    + 'permissions', 'implement iam.IGrantable in the service, or grant the actions to its role yourself');
}
