import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { contextStatements, requireContextKeys, withContext } from './context-keys';
import { fieldKeyPlan } from './field-key-monitoring';
import { granteeOf } from '../binding/grantee-of';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../binding/service-binding';
import { variableName } from '../binding/variable-name';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { managedGrantee } from '../blocks/managed-grantee';
import { checkArguments, checkProps } from '../core/check-props';
import { protectionOf } from '../core/data-protection';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/**
 * The operations of KMS clients and of the AWS Encryption SDK.
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/use-kms-keyring.html
 */
const ENCRYPT = ['kms:Encrypt', 'kms:GenerateDataKey'];
const DECRYPT = ['kms:Decrypt'];

/** The props of `FieldEncryptionKey`. */
export interface FieldEncryptionKeyProps {
  /**
   * The keys that the encryption context of each request contains, such as `table` and `column`: 1 to 8 names.
   *
   * The program chooses the values. Their texts are in CloudTrail, so they must not contain PHI. A new name makes
   * fields unreadable that were encrypted without it. Names that are tokens, that differ only in their case, or that
   * start with `aws` are refused.
   */
  readonly contextKeys: string[];
}

/**
 * A KMS key with which an application encrypts PHI fields, such as the symptoms in a row.
 *
 * KMS binds a ciphertext to its encryption context: a field that is copied to another row does not decrypt there. The
 * key policy denies requests without the context, for all principals. A service in whose `uses` the key is can encrypt
 * and decrypt; `encryptOnly()` and `decryptOnly()` narrow this. Its environment variable `<ID>_KEY_ARN` contains the
 * ARN, such as `FIELDS_KEY_ARN`.
 *
 * The key rotates yearly, and KMS still decrypts with the earlier key material. The key is retained, and its policy
 * denies its deletion, because that makes all fields unreadable.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const fields = new FieldEncryptionKey(this, 'Fields', { contextKeys: ['table', 'column'] });
 * new SecureFargateService(this, 'Api', { vpc: network, image: images.image('1.4.2'), uses: [fields] });
 */
export class FieldEncryptionKey extends Construct implements IMonitored, IServiceBindable {
  /** The key. Its policy denies the use by AWS services, which have an encryption context of their own. */
  public readonly key: kms.Key;
  private readonly contextKeys: string[];

  /** Creates the key. */
  constructor(scope: Construct, id: string, props: FieldEncryptionKeyProps) {
    super(scope, id);
    checkProps(this, 'FieldEncryptionKeyProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    requireContextKeys(this, props.contextKeys);
    this.contextKeys = [...props.contextKeys].sort();
    this.key = this.defineKey();
  }

  /** Returns the key for `uses` of a service that encrypts fields, and cannot decrypt them. */
  public encryptOnly(): IServiceBindable {
    return this.narrowed('EncryptOnly', ENCRYPT);
  }

  /** Returns the key for `uses` of a service that decrypts fields, and cannot encrypt them. */
  public decryptOnly(): IServiceBindable {
    return this.narrowed('DecryptOnly', DECRYPT);
  }

  /** Allows a service to encrypt and decrypt, and returns the variable with the ARN of the key. */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return this._bind([...ENCRYPT, ...DECRYPT], context);
  }

  /** Allows a principal of this account to encrypt with the context, in a managed policy. */
  public grantEncrypt(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'FieldEncryptionKey.grantEncrypt', { grantee });
    return this.grant(grantee, ENCRYPT);
  }

  /** Allows a principal of this account to decrypt with the context, in a managed policy. */
  public grantDecrypt(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'FieldEncryptionKey.grantDecrypt', { grantee });
    return this.grant(grantee, DECRYPT);
  }

  /**
   * Returns a notification of each request to disable or delete the key, or to change its policy.
   *
   * EventBridge receives these events from CloudTrail, so the account needs a trail, as `ComplianceGuardrails` creates.
   */
  public monitoringPlan(): MonitoringPlan {
    return fieldKeyPlan(this.node.path, this.key);
  }

  /**
   * Grants actions to a service.
   * @internal
   */
  public _bind(actions: string[], context: ServiceBindingContext): ServiceBinding {
    this.grant(granteeOf(this, context), actions);
    return { environment: { [variableName(this, 'KEY_ARN')]: this.key.keyArn }, waitFor: [this] };
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee: managedGrantee(grantee),
      actions,
      resourceArns: [this.key.keyArn],
      conditions: withContext(this.contextKeys),
    });
  }

  private narrowed(id: string, actions: string[]): IServiceBindable {
    return this.node.tryFindChild(id) as NarrowedKey | undefined ?? new NarrowedKey(this, id, actions);
  }

  private defineKey(): kms.Key {
    const { isDisposable, _rollbackRemovalPolicy } = protectionOf(this);
    const key = encryptionKeyFor(this, undefined, { description: `PHI fields of ${this.node.path}` }) as kms.Key;
    for (const statement of contextStatements(this.contextKeys)) key.addToResourcePolicy(statement);
    if (!isDisposable) key.addToResourcePolicy(denyDeletion());
    // A rollback cannot delete a key whose policy denies it.
    key.applyRemovalPolicy(_rollbackRemovalPolicy);
    return key;
  }
}

/** A deletion requires a change of the key policy first, which sends a notification of its own. */
function denyDeletion(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'DenyDeletion',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['kms:ScheduleKeyDeletion'],
    resources: ['*'],
  });
}

/** A key that a service uses with a part of the permissions. */
class NarrowedKey extends Construct implements IServiceBindable {
  constructor(private readonly owner: FieldEncryptionKey & IConstruct, id: string, private readonly actions: string[]) {
    super(owner, id);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return this.owner._bind(this.actions, context);
  }
}
