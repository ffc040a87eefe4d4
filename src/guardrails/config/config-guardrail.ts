import { Aws, CustomResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ConfigRecording } from './config-recording';
import { ConformancePack } from './conformance-pack';
import { pinLogicalId, GuardrailContext, mayCreateServiceLinkedRole, policyOf } from '../switches';
import { acknowledge } from '../../core/acknowledge';
import { emptyAfterWriters } from '../../blocks/empty-after-writers';
import { configDelivery, encryptionKeyFor } from '../../blocks/encryption-key';
import { HandlerFunction } from '../../blocks/handler-function';
import { logBucket } from '../../blocks/log-bucket';
import { refuse } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** How long the function may take, in minutes. It waits half a minute at most for IAM and S3, and for the recorder some seconds. */
const FUNCTION_TIMEOUT_MINUTES = 5;
/** How long CloudFormation waits for an answer, in minutes: three attempts of the function, and Lambda's pauses of one and two minutes between them. */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** The recorders that the handler makes for this stack, as cdk-nag writes them. */
const OWN_RECORDER = 'arn:<AWS::Partition>:config:<AWS::Region>:<AWS::AccountId>:configuration-recorder/cdk-hipaa-{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}/*';

/** A recorder of this account and region. */
export interface ConfigGuardrailOptions {
  /**
   * What is recorded, and how often.
   * @default ConfigRecording.continuous()
   */
  readonly recording?: ConfigRecording;
  /**
   * How long the history of configurations is kept in the bucket: whole days, one at least.
   * @default - six years (2192 days), as HIPAA asks for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * The rules that what is recorded is judged by.
   * @default ConformancePack.hipaaSecurity()
   */
  readonly conformancePack?: ConformancePack;
}

/** A recorder that is there already. */
export interface AdoptedConfigOptions {
  /**
   * The rules that what is recorded is judged by.
   * @default ConformancePack.hipaaSecurity()
   */
  readonly conformancePack?: ConformancePack;
}

/** Where Config is set up. */
interface ConfigContext extends GuardrailContext {
  /** The key that the user gave, for what is recorded. */
  readonly givenKey?: kms.IKey;
}

/** What was made for Config. */
export interface ConfigInPlace {
  readonly handler?: HandlerFunction;
  readonly bucket?: s3.Bucket;
  readonly conformancePack?: config.CfnConformancePack;
}

/**
 * How AWS Config comes to record what resources there are and how they were configured, and to judge them by the rules of the HIPAA
 * conformance pack (evaluation, 45 CFR 164.308(a)(8)).
 *
 * There is one recorder and one channel in a region. A function of the stack makes them: CloudFormation's own types fail where there is one already.
 */
export abstract class ConfigGuardrail {
  /**
   * Makes a recorder and a channel where there is none, and leaves alone what is there and records. When the stack is deleted, what it
   * made itself goes with it.
   */
  public static create(options: ConfigGuardrailOptions = {}): ConfigGuardrail {
    return new OwnRecorder(options);
  }

  /**
   * Relies on the recorder of the organization, of Control Tower or of another stack: the deployment fails unless it records, and
   * nothing about it is ever changed. The conformance pack is this stack's own all the same.
   */
  public static adopt(options: AdoptedConfigOptions = {}): ConfigGuardrail {
    return new AdoptedRecorder(options);
  }

  /** Does without AWS Config. */
  public static skip(options: RelaxationOptions): ConfigGuardrail {
    return new NoRecorder(options.reason);
  }

  /**
   * Sets the guardrail up.
   * @internal
   */
  public abstract _bind(scope: Construct, context: ConfigContext): ConfigInPlace;
}

class NoRecorder extends ConfigGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): ConfigInPlace {
    relax(scope, { id: 'config-skipped', what: 'AWS Config records and judges nothing for this stack', reason: this.reason });
    return {};
  }
}

class AdoptedRecorder extends ConfigGuardrail {
  constructor(private readonly options: AdoptedConfigOptions) {
    super();
  }

  public _bind(guardrails: Construct, context: ConfigContext): ConfigInPlace {
    const scope = new Construct(guardrails, 'Config');
    const handler = defineHandler(scope, [mayLook()], context.encryptionKey());
    const recorder = defineRecorder(scope, handler, { Mode: 'adopt' });
    return { handler, conformancePack: definePack(scope, this.options.conformancePack, recorder) };
  }
}

class OwnRecorder extends ConfigGuardrail {
  constructor(private readonly options: ConfigGuardrailOptions) {
    super();
  }

  public _bind(guardrails: Construct, context: ConfigContext): ConfigInPlace {
    this.validate(guardrails);
    const scope = new Construct(guardrails, 'Config');
    const encryptionKey = encryptionKeyFor(scope, context.givenKey, { description: 'AWS Config: the history of configurations', users: [configDelivery] });
    const bucket = this.defineBucket(scope, encryptionKey);
    const handler = defineHandler(scope, [mayLook(), ...mayRecord(), ...mayUseServiceLinkedRole(scope)], context.encryptionKey());
    acknowledge(policyOf(handler), {
      rules: [`AwsSolutions-IAM5[Resource::${OWN_RECORDER}]`],
      reason: 'AWS Config ends the ARN of a recorder in an id that it chooses itself, when the recorder is made: the name before it, which carries the id of this stack, is what is known.',
    });
    const recorder = defineRecorder(scope, handler, {
      Mode: 'create',
      ...(this.options.recording ?? ConfigRecording.continuous())._bind(guardrails),
      BucketName: bucket.bucketName,
      KeyArn: encryptionKey.keyArn,
    });
    recorder.node.addDependency(bucket.policy!);
    emptyAfterWriters(bucket, recorder);
    return { handler, bucket, conformancePack: definePack(scope, this.options.conformancePack, recorder) };
  }

  /** No default retention of object lock: Config refuses to write under one. */
  private defineBucket(scope: Construct, encryptionKey: kms.IKey): s3.Bucket {
    const bucket = logBucket(scope, 'Bucket', {
      holds: `what AWS Config has recorded for ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention: this.options.retention,
    });
    const service = [new iam.ServicePrincipal('config.amazonaws.com')];
    const ofAccount = { 'aws:SourceAccount': Stack.of(scope).account };
    const add = (sid: string, actions: string[], resource: string, conditions: object) => bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid, principals: service, actions, resources: [resource], conditions: { StringEquals: { ...ofAccount, ...conditions } },
    }));
    // https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
    add('ConfigLooks', ['s3:GetBucketAcl', 's3:ListBucket'], bucket.bucketArn, {});
    add('ConfigWrites', ['s3:PutObject'], bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/Config/*`), { 's3:x-amz-acl': 'bucket-owner-full-control' });
    return bucket;
  }

  private validate(scope: Construct): void {
    const { retention } = this.options;
    if (!retention || retention.isUnresolved()) return;
    const days = retention.toDays({ integral: false });
    if (Number.isInteger(days) && days >= 1) return;
    refuse(scope, { prop: 'ConfigGuardrail.create retention', given: retention, allowed: 'a number of whole days, one at least', change: 'say it as Duration.days(…)' });
  }
}

function defineHandler(scope: Construct, statements: iam.PolicyStatement[], encryptionKey: kms.IKey): HandlerFunction {
  const handler = new HandlerFunction(scope, 'Recorder', {
    handler: 'guardrails/config/record-config',
    description: 'Has AWS Config record this account and region',
    timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
    statements,
    encryptionKey,
    outsideVpcReason: 'The function that makes the recorder of AWS Config runs only while its stack is deployed and calls nothing but the public APIs of Config, IAM and '
      + 'CloudFormation: there is nothing for it in a VPC.',
    noReservedConcurrencyReason: 'The function that makes the recorder of AWS Config is called by CloudFormation alone, and once for a deployment: '
      + 'what is reserved for it would be missing elsewhere in between.',
  });
  acknowledge(policyOf(handler), {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'A channel of AWS Config is no resource of IAM, and the one recorder of a region is looked for whatever its name: these actions take no resource, or any '
      + '(Service Authorization Reference, AWS Config).',
  });
  pinLogicalId(handler.function, 'ComplianceGuardrailsConfigFunction');
  return handler;
}

/** What there is one of in a region is one resource under one id, wherever the construct stands: another id would stop the recorder that it has just made. */
function defineRecorder(scope: Construct, handler: HandlerFunction, properties: { [name: string]: unknown }): CustomResource {
  const recorder = new CustomResource(scope, 'Resource', {
    resourceType: 'Custom::ConfigRecorder',
    serviceToken: handler.function.functionArn,
    serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
    properties: { WhereOffered: 'false', ...properties },
  });
  pinLogicalId(recorder, 'ComplianceGuardrailsConfigRecorder');
  return recorder;
}

/** Rules are refused where nothing is recorded. */
function definePack(scope: Construct, pack: ConformancePack | undefined, recorder: CustomResource): config.CfnConformancePack | undefined {
  const made = (pack ?? ConformancePack.hipaaSecurity())._bind(scope);
  made?.node.addDependency(recorder);
  return made;
}

function mayLook(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['config:DescribeConfigurationRecorderStatus', 'config:DescribeConfigurationRecorders', 'config:DescribeDeliveryChannels'],
    resources: ['*'],
  });
}

/** The recorder of this stack's name and no other; a channel is no resource of IAM. */
function mayRecord(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['config:DeleteConfigurationRecorder', 'config:PutConfigurationRecorder', 'config:StartConfigurationRecorder', 'config:StopConfigurationRecorder'],
      resources: [`arn:${Aws.PARTITION}:config:${Aws.REGION}:${Aws.ACCOUNT_ID}:configuration-recorder/cdk-hipaa-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}/*`],
    }),
    new iam.PolicyStatement({ actions: ['config:DeleteDeliveryChannel', 'config:PutDeliveryChannel'], resources: ['*'] }),
  ];
}

/** The role that Config keeps for itself. https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html */
function mayUseServiceLinkedRole(scope: Construct): iam.PolicyStatement[] {
  const service = 'config.amazonaws.com';
  const create = mayCreateServiceLinkedRole(scope, [service, 'AWSServiceRoleForConfig']);
  const pass = new iam.PolicyStatement({ actions: ['iam:PassRole'], resources: create.resources, conditions: { StringEquals: { 'iam:PassedToService': service } } });
  return [create, pass];
}
