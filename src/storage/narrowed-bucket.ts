import { Construct, IConstruct } from 'constructs';
import { BucketAccess, EncryptedBucket, grantBucketAccess } from './bucket-grants';
import { granteeOf } from '../binding/grantee-of';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../binding/service-binding';
import { variableName } from '../binding/variable-name';

/** A bucket that a service uses with a part of the permissions. */
export class NarrowedBucket extends Construct implements IServiceBindable {
  constructor(
    private readonly owner: Construct, id: string, private readonly target: EncryptedBucket,
    private readonly access: BucketAccess,
  ) {
    super(owner, id);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return bindBucket(this.owner, this.target, this.access, context);
  }
}

/** Grants a service access, and returns the variable with the name of the bucket. */
export function bindBucket(
  owner: IConstruct, target: EncryptedBucket, access: BucketAccess, context: ServiceBindingContext,
): ServiceBinding {
  grantBucketAccess(granteeOf(owner, context), target, access);
  return {
    environment: { [variableName(owner, 'BUCKET_NAME')]: target.bucket.bucketName },
    waitFor: [owner],
  };
}
