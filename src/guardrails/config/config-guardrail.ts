import { Aws, CustomResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AdoptedRecording } from './adopted-recording';
import { ConfigRecording } from './config-recording';
import { defineConformancePack } from './conformance-pack';
import { RecorderProperties } from './contract';
import { emptyAfterWriters } from '../../blocks/empty-after-writers';
import { configDelivery, encryptionKeyFor } from '../../blocks/encryption-key';
import { HandlerFunction } from '../../blocks/handler-function';
import { logBucket } from '../../blocks/log-bucket';
import { acknowledge } from '../../core/acknowledge';
import { requireDays } from '../../core/refusal';
import { GuardrailMode } from '../guardrail';
import { createServiceLinkedRoleStatement, GuardrailContext, pinLogicalId, switchProperties } from '../switches';

/**
 * The timeout of the function, in minutes. It waits up to 31 seconds for IAM and S3, and some seconds for the recorder.
 */
const FUNCTION_TIMEOUT_MINUTES = 5;
/**
 * The time that CloudFormation waits, in minutes: three attempts of the function, and the pauses of 1 and 2 minutes of
 * Lambda.
 */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** The ARN of the recorder that the handler creates for this stack, as cdk-nag writes it. */
const OWN_RECORDER = 'arn:<AWS::Partition>:config:<AWS::Region>:<AWS::AccountId>:configuration-recorder/'
  + 'cdk-hipaa-{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}/*';

/** The settings of AWS Config and of the HIPAA conformance pack: 45 CFR 164.308(a)(8). */
export interface ConfigOptions {
  /**
   * Which resource types AWS Config records, and how often. Refused when the recorder is adopted.
   * @default ConfigRecording.continuous()
   */
  readonly recording?: ConfigRecording;
  /**
   * Which resource types the adopted recorder must record. Refused unless the recorder is adopted.
   * @default AdoptedRecording.everything() - the deployment fails if the recorder leaves out a type
   */
  readonly adoptedRecording?: AdoptedRecording;
  /**
   * The time for which the bucket retains the configuration history: 1 to 36,500 whole days. Refused when the recorder
   * is adopted.
   * @default - six years (2192 days), as HIPAA requires for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * The parameters of the rules of the HIPAA conformance pack. An empty value leaves out the parameter. An unknown
   * rule, an unknown parameter, and more than 1,024 characters for one rule are refused.
   * @default - the values of the AWS pack
   */
  readonly ruleParameters?: { [rule: string]: { [parameter: string]: string } };
  /**
   * The rules that the conformance pack leaves out, each with its reason. An unknown rule and a blank reason are
   * refused. The pack also leaves out the rules that AWS does not offer in the region of the stack.
   * @default - none: of the 130 rules, the pack has all rules that the region offers
   */
  readonly excludedRules?: { [rule: string]: string };
}

/** The context of AWS Config. */
interface ConfigContext extends GuardrailContext {
  /** The key that the user passed, for the configuration history. */
  readonly givenKey?: kms.IKey;
}

/** The resources of AWS Config. */
export interface ConfigInPlace {
  readonly handler?: HandlerFunction;
  readonly bucket?: s3.Bucket;
  readonly conformancePack?: config.CfnConformancePack;
}

/**
 * Sets up AWS Config and creates the HIPAA conformance pack.
 *
 * It creates a recorder and a delivery channel unless the region has them, or requires a running recorder. A region has
 * one recorder and one channel. A handler creates them, because the CloudFormation types fail if they exist.
 */
export function defineConfig(
  scope: Construct,
  context: ConfigContext,
  modes: { readonly recorder: GuardrailMode; readonly pack: GuardrailMode },
  options: ConfigOptions = {},
): ConfigInPlace {
  if (modes.recorder === 'skip') return {};
  const { recorder, ...rest } = modes.recorder === 'create'
    ? new OwnRecorder(options).define(scope, context)
    : adoptRecorder(scope, context, options);
  if (modes.pack === 'skip') return rest;
  const conformancePack = defineConformancePack(recorder.node.scope as Construct, options);
  // AWS Config refuses rules without a running recorder.
  conformancePack.node.addDependency(recorder);
  context.check.add({ ConformancePack: conformancePack.conformancePackName });
  context.check.addReads([readStatement('config:DescribeConformancePackStatus')]);
  return { ...rest, conformancePack };
}

function adoptRecorder(
  guardrails: Construct, context: ConfigContext, options: ConfigOptions,
): ConfigInPlace & { readonly recorder: CustomResource } {
  const scope = new Construct(guardrails, 'Config');
  const handler = defineHandler(scope, [readStatement(...READS)], context.encryptionKey());
  const properties = (options.adoptedRecording ?? AdoptedRecording.everything())._bind(guardrails);
  return { handler, recorder: defineRecorder(scope, context, handler, 'adopt', properties) };
}

class OwnRecorder {
  constructor(private readonly options: ConfigOptions) {}

  public define(guardrails: Construct, context: ConfigContext): ConfigInPlace & { readonly recorder: CustomResource } {
    this.validate(guardrails);
    const scope = new Construct(guardrails, 'Config');
    const encryptionKey = encryptionKeyFor(scope, context.givenKey, {
      description: 'AWS Config: configuration history',
      users: [configDelivery],
    });
    const bucket = this.defineBucket(scope, encryptionKey);
    const statements = [readStatement(...READS), ...recordStatements(), ...serviceLinkedRoleStatements(scope)];
    const handler = defineHandler(scope, statements, context.encryptionKey());
    acknowledge(handler.policy, {
      rules: [`AwsSolutions-IAM5[Resource::${OWN_RECORDER}]`],
      reason: 'AWS Config generates the last part of the ARN of a recorder when it creates the recorder. The name '
        + 'before it contains the ID of this stack, so the wildcard covers only the recorder of this stack.',
    });
    const recorder = defineRecorder(scope, context, handler, 'create', {
      ...(this.options.recording ?? ConfigRecording.continuous())._bind(guardrails),
      BucketName: bucket.bucketName,
      KeyArn: encryptionKey.keyArn,
    });
    recorder.node.addDependency(bucket.policy!);
    emptyAfterWriters(bucket, recorder);
    return { handler, bucket, recorder };
  }

  /**
   * Creates the bucket, which has Object Lock without a default retention.
   *
   * AWS Config cannot write to a bucket with a default retention.
   */
  private defineBucket(scope: Construct, encryptionKey: kms.IKey): s3.Bucket {
    const bucket = logBucket(scope, 'Bucket', {
      holds: `the configuration history of ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention: this.options.retention,
    });
    const service = [new iam.ServicePrincipal('config.amazonaws.com')];
    const ofAccount = { 'aws:SourceAccount': Stack.of(scope).account };
    const add = (sid: string, actions: string[], resource: string, conditions: object) => {
      bucket.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          principals: service,
          actions,
          resources: [resource],
          conditions: { StringEquals: { ...ofAccount, ...conditions } },
        }),
      );
    };
    // https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
    add('ConfigLooks', ['s3:GetBucketAcl', 's3:ListBucket'], bucket.bucketArn, {});
    add('ConfigWrites', ['s3:PutObject'], bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/Config/*`), {
      's3:x-amz-acl': 'bucket-owner-full-control',
    });
    return bucket;
  }

  private validate(scope: Construct): void {
    requireDays(scope, 'config.retention', this.options.retention, 1);
  }
}

function defineHandler(scope: Construct, statements: iam.PolicyStatement[], encryptionKey: kms.IKey): HandlerFunction {
  const handler = new HandlerFunction(scope, 'Recorder', {
    handler: 'guardrails/config/record-config',
    description: 'Enables the AWS Config recorder for this account and region',
    timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
    statements,
    encryptionKey,
    outsideVpcReason: 'The function runs only while its stack is deployed and calls only the public APIs of AWS '
      + 'Config, IAM and CloudFormation. It uses no resource in a VPC.',
    noReservedConcurrencyReason: 'Only CloudFormation calls the function of the AWS Config recorder, once per '
      + 'deployment. A reservation would take concurrency from other functions permanently.',
  });
  acknowledge(handler.policy, {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'The actions for delivery channels have no resource type, and the function must find the recorder of the '
      + 'region under any name (Service Authorization Reference, AWS Config).',
  });
  pinLogicalId(handler.function, 'ComplianceGuardrailsConfigFunction');
  return handler;
}

/**
 * Creates the custom resource of the recorder. Its logical ID does not depend on the path of the construct:
 * CloudFormation would create a resource with a new ID, and the deletion of the old one would stop the recorder.
 */
function defineRecorder(
  scope: Construct, { check }: ConfigContext, handler: HandlerFunction, mode: GuardrailMode, given: RecorderProperties,
): CustomResource {
  const properties = { ...switchProperties(mode, false), ...given };
  const recorder = new CustomResource(scope, 'Resource', {
    resourceType: 'Custom::ConfigRecorder',
    serviceToken: handler.function.functionArn,
    serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
    properties,
  });
  pinLogicalId(recorder, 'ComplianceGuardrailsConfigRecorder');
  check.addSwitch('config', recorder.ref, properties);
  check.addReads([readStatement(...READS, 'config:DescribeDeliveryChannelStatus')]);
  return recorder;
}

/** The actions that read the recorder and the channel. */
const READS = [
  'config:DescribeConfigurationRecorderStatus',
  'config:DescribeConfigurationRecorders',
  'config:DescribeDeliveryChannels',
];

function readStatement(...actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: ['*'] });
}

/** Allows changes of the recorder with the name of this stack. Delivery channels have no resource type in IAM. */
function recordStatements(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: [
        'config:DeleteConfigurationRecorder',
        'config:PutConfigurationRecorder',
        'config:StartConfigurationRecorder',
        'config:StopConfigurationRecorder',
      ],
      resources: [
        `arn:${Aws.PARTITION}:config:${Aws.REGION}:${Aws.ACCOUNT_ID}:configuration-recorder/` +
          `cdk-hipaa-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}/*`,
      ],
    }),
    new iam.PolicyStatement({
      actions: ['config:DeleteDeliveryChannel', 'config:PutDeliveryChannel'],
      resources: ['*'],
    }),
  ];
}

/**
 * Allows the service-linked role of AWS Config.
 * https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html
 */
function serviceLinkedRoleStatements(scope: Construct): iam.PolicyStatement[] {
  const service = 'config.amazonaws.com';
  const create = createServiceLinkedRoleStatement(scope, [service, 'AWSServiceRoleForConfig']);
  const pass = new iam.PolicyStatement({
    actions: ['iam:PassRole'],
    resources: create.resources,
    conditions: { StringEquals: { 'iam:PassedToService': service } },
  });
  return [create, pass];
}
