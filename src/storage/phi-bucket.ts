import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accessLogBucket, logAccess } from './access-logs';
import { corsRules } from './browser-origins';
import { EncryptedBucket, grantBucketAccess } from './bucket-grants';
import { bucketPlan, REQUEST_METRICS } from './bucket-monitoring';
import { encryptionStatements, endpointStatement } from './bucket-policy';
import { validateBucket } from './bucket-validation';
import { defineScan, MalwareScan, Scanner, scanStatements } from './malware-scan';
import { bindBucket, NarrowedBucket } from './narrowed-bucket';
import { lifecycleRules } from './object-lifecycle';
import { ObjectLock } from './object-lock';
import { PhiBucketProps } from './phi-bucket-props';
import { replicate, Replication } from './replication';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../binding/service-binding';
import { describeEmptier, emptyAfterWriters } from '../blocks/empty-after-writers';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { acknowledge } from '../core/acknowledge';
import { checkArguments, checkProps } from '../core/check-props';
import { protectionOf } from '../core/data-protection';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/**
 * A private S3 bucket for protected health information, encrypted with a customer managed key.
 *
 * All versions of an object are retained for 90 days after it is replaced or deleted, each request is logged, and the
 * bucket sends events to the default event bus. A service in whose `uses` the bucket is can list, read, write and
 * delete objects; `readOnly()` and `writeOnly()` narrow this. Its environment variable `<ID>_BUCKET_NAME` contains the
 * name, such as `REPORTS_BUCKET_NAME`.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const reports = new PhiBucket(this, 'Reports');
 * new SecureFargateService(this, 'Api', { vpc: network, image: images.image('1.4.2'), uses: [reports] });
 */
export class PhiBucket extends Construct implements IMonitored, IServiceBindable {
  /** The bucket. */
  public readonly bucket: s3.Bucket;
  /** The key of the objects. */
  public readonly encryptionKey: kms.IKey;
  /** The bucket of the server access logs. */
  public readonly accessLogBucket: s3.IBucket;
  private readonly replication?: Replication;

  /** Creates an empty bucket, with its key and log bucket unless they are given. */
  constructor(scope: Construct, id: string, private readonly props: PhiBucketProps = {}) {
    super(scope, id);
    checkProps(this, 'PhiBucketProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    validateBucket(this, props);
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, { description: `Objects of ${this.node.path}` });
    if (props.malwareScan && !props.encryptionKey) this.keepKeyOfScannedBucket();
    this.accessLogBucket = accessLogBucket(this, props.accessLogBucket);
    this.bucket = this.defineBucket(props);
    logAccess(this, this.bucket, this.accessLogBucket);
    const scanner = props.malwareScan && this.scan(props.malwareScan);
    this.protect(scanner);
    this.replication = props.replicaBucket && replicate(this, this.target, props.replicaBucket);
    if (!this.replication) this.acknowledgeNoReplica();
  }

  /** Returns the bucket for `uses` of a service that lists and reads objects. */
  public readOnly(): IServiceBindable {
    return this.narrowed('ReadOnly', 'read');
  }

  /** Returns the bucket for `uses` of a service that uploads objects, and neither reads nor deletes them. */
  public writeOnly(): IServiceBindable {
    return this.narrowed('WriteOnly', 'write');
  }

  /** Grants a service full use of the objects, and returns the variable with the name of the bucket. */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return bindBucket(this, this.target, 'full', context);
  }

  /** Allows a principal of this account to list and read objects, in a managed policy. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'PhiBucket.grantRead', { grantee });
    return grantBucketAccess(grantee, this.target, 'read');
  }

  /** Allows a principal of this account to upload objects, in a managed policy. */
  public grantWrite(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'PhiBucket.grantWrite', { grantee });
    return grantBucketAccess(grantee, this.target, 'write');
  }

  /** Allows a principal of this account to list, read, upload and delete objects, in a managed policy. */
  public grantReadWrite(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'PhiBucket.grantReadWrite', { grantee });
    return grantBucketAccess(grantee, this.target, 'full');
  }

  /**
   * Returns the alarms, widgets and notifications of the bucket.
   *
   * Alarms fire on failed replications and, with `requestMetrics`, on 4XX and 5XX responses. With `malwareScan`,
   * notifications report malware, objects that were not scanned, and a scan that stopped.
   */
  public monitoringPlan(): MonitoringPlan {
    const { malwareScan, requestMetrics = false } = this.props;
    return bucketPlan({
      path: this.node.path,
      bucket: this.bucket,
      replication: this.replication,
      scans: malwareScan !== undefined,
      hasRequestMetrics: requestMetrics,
    });
  }

  /** A rollback keeps the bucket, whose object needs the key. */
  private keepKeyOfScannedBucket(): void {
    this.encryptionKey.applyRemovalPolicy(protectionOf(this)._rollbackRemovalPolicy);
  }

  private get target(): EncryptedBucket {
    return { bucket: this.bucket, encryptionKey: this.encryptionKey };
  }

  private narrowed(id: string, access: 'read' | 'write'): IServiceBindable {
    return this.node.tryFindChild(id) as NarrowedBucket | undefined
      ?? new NarrowedBucket(this, id, this.target, access);
  }

  private defineBucket(props: PhiBucketProps): s3.Bucket {
    const { removalPolicy, isDisposable, _rollbackRemovalPolicy } = protectionOf(this);
    const bucket = new s3.Bucket(this, 'Bucket', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      publicReadAccess: false,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      lifecycleRules: lifecycleRules(props),
      cors: corsRules(props.browserOrigins),
      metrics: props.requestMetrics ? [{ id: REQUEST_METRICS }] : undefined,
      // GuardDuty writes an object when the scan is created. A rollback cannot delete a bucket with an object.
      removalPolicy: props.malwareScan ? _rollbackRemovalPolicy : removalPolicy,
      autoDeleteObjects: isDisposable,
    });
    describeEmptier(bucket);
    // A bucket with objects survives its stack, and then needs its policy (aws-cdk #27125).
    bucket.policy!.applyRemovalPolicy(_rollbackRemovalPolicy);
    this.configure(bucket.node.defaultChild as s3.CfnBucket, props.objectLock ?? ObjectLock.legalHoldsOnly());
    return bucket;
  }

  /** Sets the properties for which the props of the L2 add a custom resource, or refuse tokens. */
  private configure(resource: s3.CfnBucket, objectLock: ObjectLock): void {
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    const defaultRetention = objectLock._retention(this);
    if (!defaultRetention) return;
    resource.objectLockConfiguration = { objectLockEnabled: 'Enabled', rule: { defaultRetention } };
  }

  private scan(malwareScan: MalwareScan): Scanner {
    const scanner = defineScan(this, this.target, malwareScan);
    for (const statement of scanStatements(this.bucket, malwareScan, scanner.role)) {
      this.bucket.addToResourcePolicy(statement);
    }
    scanner.plan.node.addDependency(this.bucket.policy!);
    emptyAfterWriters(this.bucket, scanner.plan);
    return scanner;
  }

  private protect(scanner: Scanner | undefined): void {
    const { isDisposable } = protectionOf(this);
    const { vpcEndpoints: endpoints } = this.props;
    const statements = [
      ...encryptionStatements(this.bucket, this.encryptionKey),
      ...endpoints ? [endpointStatement(this.bucket, { endpoints, scanRole: scanner?.role, isDisposable })] : [],
    ];
    for (const statement of statements) this.bucket.addToResourcePolicy(statement);
  }

  private acknowledgeNoReplica(): void {
    acknowledge(this.bucket, {
      rules: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
      reason: `S3 stores the objects of ${this.node.path} in at least three zones, and versions protect them against `
        + 'overwriting and deletion. A replica needs a bucket in another region or account, which the app can pass as '
        + 'replicaBucket if the recovery objectives require it.',
    });
  }
}
