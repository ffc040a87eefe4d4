import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import * as cdk from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as config from 'aws-cdk-lib/aws-config';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { newStack, someVpc } from './app';
import { SUBJECTS, things } from './shapes';
import * as library from '../../src';
import { parameterTypes, propTypes } from '../../src/core/prop-type';
import { PROP_TYPES } from '../../src/core/prop-types';

/** A type in the notation of `src/core/prop-types.ts`, without the mark of an optional prop. */
export type TypeName = string;

const tables = PROP_TYPES as unknown as Record<string, Record<string, string>>;
const CLASSES = library as unknown as Record<string, Record<string, (...given: unknown[]) => unknown>>;

/** Values of the types of aws-cdk-lib that cannot be derived from the table. */
const SAMPLES: Record<TypeName, (scope: Construct) => unknown> = {
  'any': () => 'anything',
  'string': () => 'text',
  'number': () => 2,
  'boolean': () => true,
  'App': () => new App({ analyticsReporting: false }),
  'Construct': (scope) => scope,
  'IConstruct': (scope) => scope,
  'IDependable': (scope) => scope,
  'Duration': () => Duration.days(30),
  'Size': () => Size.gibibytes(50),
  'IWebFirewall': (scope) => new library.WebFirewall(scope, 'IWebFirewall'),
  'IMonitored': (scope) => new library.WebFirewall(scope, 'IMonitored'),
  'IServiceBindable': (scope) => Object.assign(new Construct(scope, 'IServiceBindable'), { bindToService: () => ({}) }),
  'acm.ICertificate': (scope) =>
    acm.Certificate.fromCertificateArn(scope, 'ICertificate', 'arn:aws:acm:us-east-1:111111111111:certificate/1'),
  'cloudfront.GeoRestriction': () => cloudfront.GeoRestriction.allowlist('US'),
  'cloudwatch.Dashboard': (scope) => new cloudwatch.Dashboard(scope, 'DashboardSample'),
  'cloudwatch.IMetric': () => new cloudwatch.Metric({ namespace: 'Clinic', metricName: 'Visits' }),
  'cloudwatch.IWidget': () => new cloudwatch.TextWidget({ markdown: 'text' }),
  'config.ResourceType': () => config.ResourceType.EC2_INSTANCE,
  'events.EventPattern': () => ({ source: ['aws.s3'] }),
  'ec2.IConnectable': (scope) =>
    new ec2.Connections({ securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(scope, 'IConnectable', 'sg-1')] }),
  'ec2.IVpcEndpoint': (scope) => ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(scope, 'IVpcEndpoint', 'vpce-1'),
  'ec2.IKeyPair': (scope) => ec2.KeyPair.fromKeyPairName(scope, 'IKeyPair', 'analysts'),
  'ec2.IVpc': (scope) => someVpc(new Construct(scope, 'IVpc')),
  'ec2.InstanceType': () => new ec2.InstanceType('m7g.large'),
  'ec2.InterfaceVpcEndpointAwsService': () => ec2.InterfaceVpcEndpointAwsService.SQS,
  'ec2.Port': () => ec2.Port.tcp(443),
  'ecs.ContainerImage': () => ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3'),
  'ec2.ISubnet': (scope) => ec2.Subnet.fromSubnetId(scope, 'ISubnet', 'subnet-1'),
  'ec2.SubnetFilter': () => ec2.SubnetFilter.onePerAz(),
  'ecs.CpuArchitecture': () => ecs.CpuArchitecture.ARM64,
  'scheduler.ScheduleExpression': () => scheduler.ScheduleExpression.expression('rate(1 hour)'),
  'ecs.ICluster': (scope) =>
    new ecs.Cluster(scope, 'ICluster', { vpc: someVpc(new Construct(scope, 'VpcOfCluster')) }),
  'ecs.Secret': (scope) => ecs.Secret.fromSecretsManager(new secretsmanager.Secret(scope, 'SecretOfContainer')),
  'elbv2.IApplicationListener': (scope) =>
    elbv2.ApplicationListener.fromApplicationListenerAttributes(scope, 'IApplicationListener', {
      listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/main/1/2',
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(scope, 'GroupOfListener', 'sg-2'),
    }),
  'elbv2.IApplicationLoadBalancer': (scope) =>
    elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(scope, 'IApplicationLoadBalancer', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/main/1',
      securityGroupId: 'sg-3',
    }),
  'iam.IGrantable': (scope) => new iam.Role(scope, 'IGrantable', { assumedBy: new iam.AccountRootPrincipal() }),
  'iam.IIdentity': (scope) => new iam.Role(scope, 'IIdentity', { assumedBy: new iam.AccountRootPrincipal() }),
  'kms.IKey': (scope) => new kms.Key(scope, 'IKey'),
  'logs.IFilterPattern': () => logs.FilterPattern.allTerms('ERROR'),
  'logs.ILogGroup': (scope) => new logs.LogGroup(scope, 'ILogGroup'),
  'rds.IClusterEngine': () =>
    rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
  'rds.IInstanceEngine': () => rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
  'route53.IHostedZone': (scope) => route53.HostedZone.fromHostedZoneAttributes(scope, 'IHostedZone', {
    hostedZoneId: 'Z1',
    zoneName: 'example.com',
  }),
  's3.StorageClass': () => s3.StorageClass.GLACIER,
  's3.IBucket': (scope) => new s3.Bucket(scope, 'IBucket'),
  'secretsmanager.ISecret': (scope) => new secretsmanager.Secret(scope, 'ISecret'),
  'wafv2.IRuleGroupRef': (scope) => new wafv2.CfnRuleGroup(scope, 'IRuleGroupRef', {
    capacity: 1,
    scope: 'REGIONAL',
    visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'Group', sampledRequestsEnabled: true },
  }),
  'sns.ITopic': (scope) => new sns.Topic(scope, 'ITopic'),
};

/** Arguments that a factory validates immediately and for which it rejects the sample of the type. */
const ARGUMENTS: Record<string, unknown> = {
  'WebFirewall.fromWebAclArn(webAclArn)': 'arn:aws:wafv2:us-east-1:111111111111:regional/webacl/clinic/1',
};

/** The props for which a construct or a factory rejects the sample of the type. */
const PROPS: Record<string, unknown> = {
  'AlarmDefinition.id': 'Silent',
  'CostNotificationOptions.id': 'Costs',
  'EventNotificationOptions.id': 'Findings',
};

/** A valid value of a type, which can be a new construct below the scope. Throws for a type without a sample. */
export function sample(type: TypeName, scope: Construct): unknown {
  if (SAMPLES[type]) return SAMPLES[type](scope);
  if (type.startsWith('[')) return [sample(type.slice(1, -1), scope)];
  if (type.startsWith('{')) return { KEY: sample(type.slice(1, -1), scope) };
  if (propTypes(type)) return sampleProps(type, scope);
  if (tables.enums[type]) return enumMembers(type)[0];
  if (tables.choices[type]) return sampleChoice(type, scope);
  if (tables.fields[type]) return sampleConstruct(type);
  throw new Error(`Add a valid value of the type ${type} to test/support/samples.ts`);
}

/** The required props of a struct. */
export function sampleProps(struct: string, scope: Construct): Record<string, unknown> {
  const required = [...propTypes(struct)!].filter(([, type]) => !type.endsWith('?'));
  return Object.fromEntries(required.map(([prop, type]) => [prop, PROPS[`${struct}.${prop}`] ?? sample(type, scope)]));
}

/** The required arguments of a static factory or a method. */
export function sampleArguments(method: string, scope: Construct): unknown[] {
  return parameterTypes(method).filter(([, type]) => !type.endsWith('?'))
    .map(([name, type]) => ARGUMENTS[`${method}(${name})`] ?? sample(type, scope));
}

/** Calls a static factory with arguments. */
export function callFactory(factory: string, given: unknown[]): unknown {
  const [type, name] = factory.split('.');
  return CLASSES[type][name](...given);
}

/** A construct of this library, by default in a separate stack. */
export function sampleConstruct(type: TypeName, stack: Stack = newStack()): Construct {
  return SUBJECTS.find((subject) => subject.type.name === type)!.make(stack, type, things(stack));
}

function sampleChoice(type: TypeName, scope: Construct): unknown {
  const [first] = tables.choices[type].split(' ');
  const name = first.slice(0, first.indexOf('('));
  return callFactory(`${type}.${name}`, first.endsWith('()') ? [] : sampleArguments(`${type}.${name}`, scope));
}

function enumMembers(type: TypeName): unknown[] {
  const text = tables.enums[type];
  if (text.includes('=')) return text.split(' ').map((word) => word.slice(word.indexOf('=') + 1));
  const [namespace, name] = text.split('.');
  const members = (cdk as unknown as Record<string, Record<string, Record<string, unknown>>>)[namespace][name];
  return Object.values(members).filter((value) => typeof members[value as string] !== 'number');
}
