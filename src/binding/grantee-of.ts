import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ServiceBindingContext } from './service-binding';

/** Returns the service as a grantee, or undefined if it has no role: a construct of the user. */
export function granteeOf({ service }: ServiceBindingContext): iam.IGrantable | undefined {
  const { grantPrincipal } = service as Construct & Partial<iam.IGrantable>;
  return grantPrincipal && { grantPrincipal };
}
