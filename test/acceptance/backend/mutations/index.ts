import { ALARM_BREAKS, Break } from './alarms';
import { SAFEGUARD_BREAKS } from './safeguards';
import {
  about, at, Change, edit, grant, Mutation as Of, named, open, Properties, remove, set, statements,
} from '../../../support/template/mutations';
import { FACTS } from '../facts';
import * as compute from '../proof/compute';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as type from '../proof/parts';
import { System } from '../proof/system';
import * as whole from '../proof/whole';

/** A mutation with the template that it changes. */
export interface Mutation extends Of<System> {
  readonly of: keyof System;
}

const ELASTIC_IP = 'AWS::EC2::EIP';
const VAULT = 'AWS::Backup::BackupVault';
const https = ({ Port }: Properties) => Port === 443;
const container = (name: string, change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition), named(`${name}TaskDefinition`));
const variable = (name: string, key: string, Value: string) => container(name, ({ Environment }) => {
  Environment.find(({ Name }: Properties) => Name === key).Value = Value;
});
/** Changes the database of either variant: the cluster, or the instance. */
const database_ = (properties: Properties): Change => (template) => {
  const isCluster = Object.values(template.Resources).some(({ Type }) => Type === type.DB_CLUSTER);
  set(isCluster ? type.DB_CLUSTER : type.DB_INSTANCE, properties)(template);
};
const parameters: Change = (template) => {
  const [group] = Object.values(template.Resources).filter(({ Type }) => /DB(Cluster)?ParameterGroup$/.test(Type));
  group.Properties.Parameters['rds.force_ssl'] = '0';
};
/** A parameter of the template, as in the document. */
const parameter = (name: string): Change => (template) => {
  (template as unknown as Properties).Parameters[name] = { Type: 'String' };
};
const bucket = (change: (properties: Properties) => void) => edit(type.BUCKET, change, named('StorageBucket'));
const distribution = (change: Properties) => edit(type.AUTO_SCALING_GROUP, ({ MixedInstancesPolicy }) => {
  Object.assign(MixedInstancesPolicy.InstancesDistribution, change);
});
const withoutTags = edit(type.BUCKET, (properties) => delete properties.Tags);

/** Changes, each with the proof that it must fail. */
const BREAKS: Break[] = [
  ...ALARM_BREAKS,
  ...SAFEGUARD_BREAKS,
  [network.subnetsInTwoZones, 'one zone', remove(type.SUBNET, at('10.0.12.0/24'))],
  [network.subnetsInTwoZones, 'public addresses', set(type.SUBNET, { MapPublicIpOnLaunch: true }, at('10.0.1.0/24'))],
  [network.routes, 'one NAT gateway', remove(type.NAT_GATEWAY, about('Subnet2'))],
  [network.routes, 'no route of a public subnet', remove(type.ROUTE, about('PublicSubnet1'))],
  [network.databaseIsIsolated, 'a public address', set(type.DB_INSTANCE, { PubliclyAccessible: true })],
  [network.sensitiveResourcesArePrivate, 'a worker with a public address', edit(type.SERVICE, (properties) => {
    properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED';
  }, named('Worker'))],
  [network.sensitiveResourcesArePrivate, 'instances in public subnets', edit(type.AUTO_SCALING_GROUP, (group) => {
    group.VPCZoneIdentifier = [];
  })],
  [network.databaseClients, 'a database that is open to the VPC', open('DatabaseSecurityGroup', 5432, '10.0.0.0/16')],
  [network.databaseClients, 'a proxy that is open to the VPC', open('DatabaseProxySecurityGroup', 5432, '10.0.0.0/16')],
  [network.groups, 'instances with a port', open('InstancesSecurityGroup', 22, '10.0.0.0/16')],
  [network.groups, 'a worker with a port', open('WorkerSecurityGroup', 8443, '10.0.0.0/16')],
  [network.groups, 'an API that is open to the VPC', open('ApiSecurityGroup', 8443, '10.0.0.0/16')],
  [network.bastionAccess, 'another address', open('BastionSecurityGroup', 22, '198.51.100.0/24')],
  [network.bastionAccess, 'no rule', edit(type.SECURITY_GROUP, (group) => {
    group.SecurityGroupIngress = [];
  }, named('Bastion'))],

  [entrance.loadBalancerWithHttps, 'an internal load balancer', set(type.LOAD_BALANCER, { Scheme: 'internal' })],
  [entrance.loadBalancerWithHttps, 'plain HTTP', set(type.LISTENER, { DefaultActions: [] }, named('EntranceHttp2'))],
  [entrance.certificate, 'another certificate', set(type.LISTENER, { Certificates: [] }, https)],
  [entrance.certificate, 'TLS 1.0', set(type.LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, https)],
  [entrance.tlsEndsAtTheLoadBalancer, 'HTTP to the tasks', set(type.TARGET_GROUP, { Protocol: 'HTTP' })],
  [entrance.firewall, 'not attached', remove('AWS::WAFv2::WebACLAssociation')],
  [entrance.firewall, 'rules that count', edit(type.FIREWALL, ({ Rules: [first] }) => {
    first.OverrideAction = { Count: {} };
  })],
  [entrance.buckets, 'no logs', edit(type.LOAD_BALANCER, ({ LoadBalancerAttributes }) => {
    LoadBalancerAttributes.find(({ Key }: Properties) => Key === 'access_logs.s3.enabled').Value = 'false';
  })],
  [entrance.buckets, 'a public bucket', bucket(({ PublicAccessBlockConfiguration }) => {
    PublicAccessBlockConfiguration.BlockPublicPolicy = false;
  })],
  [entrance.logLifecycle, 'logs that remain', edit(type.BUCKET, (logs) => {
    logs.LifecycleConfiguration.Rules = [];
  }, named('EntranceAccessLogs'))],
  [entrance.logLifecycle, 'documents that remain', bucket(({ LifecycleConfiguration }) => {
    LifecycleConfiguration.Rules.pop();
  })],

  [database.serverless, 'one instance', remove(type.DB_INSTANCE, about('Instance2'))],
  [database.serverless, 'another range', set(type.DB_CLUSTER, {
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 16 },
  })],
  [database.rdsInstance, 'one zone', set(type.DB_INSTANCE, { MultiAZ: false })],
  [database.rdsInstance, 'a larger class', set(type.DB_INSTANCE, { DBInstanceClass: 'db.t4g.large' })],
  [database.chosenCapacity, 'another class', set(type.DB_INSTANCE, { DBInstanceClass: 'db.t4g.large' })],
  [database.databaseName, 'another name', database_({ DatabaseName: 'other', DBName: 'other' })],
  [database.databaseName, 'a program with another name', variable('Worker', 'PGDATABASE', 'other')],
  [database.pooled, 'a program that connects to the database', variable('Worker', 'PGHOST', 'database')],
  [database.pooled, 'connections without TLS', set(type.DB_PROXY, { RequireTLS: false })],
  [database.monitored, 'no enhanced monitoring', set(type.DB_INSTANCE, { MonitoringInterval: 0 })],
  [database.monitored, 'no Performance Insights', set(type.DB_INSTANCE, { EnablePerformanceInsights: false })],
  [database.performanceInsights, 'none', set(type.DB_INSTANCE, { EnablePerformanceInsights: false })],
  [database.backedUpAndEncrypted, 'no encryption', database_({ StorageEncrypted: false })],
  [database.backedUpAndEncrypted, 'one day', database_({ BackupRetentionPeriod: 1 })],
  [database.backups, 'no selection', remove('AWS::Backup::BackupSelection')],
  [database.backups, 'snapshots that anyone can delete', set(VAULT, { AccessPolicy: {} })],
  [database.ownUsers, 'an owner for the API', set(type.USER, { Privileges: 'owner' }, about('UsersApi'))],
  [database.generatedCredentials, 'a password', database_({ MasterUserPassword: 'x' })],
  [database.generatedCredentials, 'a parameter', parameter('MyDatabasePassword')],
  [database.generatedCredentials, 'no rotation', remove(type.SCHEDULE, about('PasswordRotation'))],
  [
    database.leastSecrets, 'a program that reads secrets',
    grant('WorkerTaskRole', 'secretsmanager:GetSecretValue', '*'),
  ],

  [compute.cluster, 'the root user', container('Worker', (worker) => { worker.User = 'root'; })],
  [compute.cluster, 'no health check', container('Api', (api) => delete api.HealthCheck)],
  [compute.cluster, 'no capacity provider', remove('AWS::ECS::ClusterCapacityProviderAssociations')],
  [compute.cluster, 'a worker on Fargate', edit(type.SERVICE, (worker) => {
    delete worker.CapacityProviderStrategy;
    worker.LaunchType = 'FARGATE';
  }, named('Worker'))],
  [compute.cluster, 'instances with IMDSv1', edit(type.LAUNCH_TEMPLATE, ({ LaunchTemplateData }) => {
    LaunchTemplateData.MetadataOptions.HttpTokens = 'optional';
  }, named('Instances'))],
  [compute.spot, 'On-Demand Instances', distribution({ OnDemandPercentageAboveBaseCapacity: 100 })],
  [compute.spot, 'Spot Instances only', distribution({ OnDemandBaseCapacity: 0 })],
  [compute.withoutSpot, 'Spot Instances', distribution({ OnDemandPercentageAboveBaseCapacity: 50 })],
  [compute.scales, 'no scaling by memory', remove(type.SCALING, about('Memory'))],
  [compute.scales, 'a fixed count', set(type.SERVICE, { DesiredCount: 2 }, named('Api'))],
  [compute.scales, 'no scaling on the queue', remove(type.SCALING, about('Backlog'))],
  [compute.scales, 'a worker that always runs', set(type.SCALABLE, { MinCapacity: 1 }, named('Worker'))],
  [compute.secureBastion, 'no address', remove(ELASTIC_IP, named('Bastion'))],
  [compute.secureBastion, 'a plain disk', edit(type.EC2_INSTANCE, ({ BlockDeviceMappings: [disk] }) => {
    disk.Ebs.Encrypted = false;
  })],
  [compute.keyPair, 'no key pair', edit(type.EC2_INSTANCE, (bastion) => delete bastion.KeyName)],
  [compute.keyPair, 'instances with a key pair', edit(type.LAUNCH_TEMPLATE, ({ LaunchTemplateData }) => {
    LaunchTemplateData.KeyName = 'backend';
  }, named('Instances'))],
  [compute.keyPair, 'another key', set(type.KEY_PAIR, { PublicKeyMaterial: 'ssh-ed25519 AAAA' })],
  [compute.queue, 'no key', edit(type.QUEUE, (queue) => delete queue.KmsMasterKeyId, named('Jobs'))],
  [compute.queue, 'another receiver', statements((all) => {
    const { Resource } = all.find(({ Action }) => Action === 'sqs:SendMessage')!;
    all.push({ Effect: 'Allow', Action: 'sqs:DeleteMessage', Resource });
  }, named('ApiTaskRolePolicy'))],
  [compute.deadLetterQueue, 'a day', set(type.QUEUE, { MessageRetentionPeriod: 86_400 }, named('JobsDeadLetters'))],
  [compute.deadLetterQueue, 'no attempts', edit(type.QUEUE, ({ RedrivePolicy }) => {
    if (RedrivePolicy) RedrivePolicy.maxReceiveCount = 1_000;
  }, named('Jobs'))],

  [monitoring.operatingSystem, 'no metrics', set(type.DB_INSTANCE, { MonitoringInterval: 0 })],
  [monitoring.operatingSystem, 'no alarm', remove(type.ALARM, about('DatabaseCpu'))],

  [whole.everything, 'no load balancer', remove(type.LOAD_BALANCER)],
  [whole.everything, 'no alarm on jobs', remove(type.ALARM, about('OldestJob'))],
  [whole.parameters, 'a parameter', parameter('MyProjectName')],
  [whole.prod, 'no tags', withoutTags],
  [whole.dev, 'no tags', withoutTags],
  [whole.dev, 'buckets that remain', edit(type.BUCKET, (_bucket, resource) => { resource.DeletionPolicy = 'Retain'; })],
  [whole.unnamedRoles, 'a fixed name', set(type.ROLE, { RoleName: 'backend' }, named('Api'))],
  [whole.leastPrivilege, 'every action', grant('ApiTaskRole', 's3:*', '*')],
  [whole.minimalAccess, 'a bastion for everyone', open('BastionSecurityGroup', 22, '0.0.0.0/0')],
  [whole.minimalAccess, 'a program that connects to the database', variable('Api', 'PGHOST', 'database')],
  [whole.encryptedAtRest, 'a log without a key', edit(type.LOG_GROUP, (log) => delete log.KmsKeyId, named('ApiLog'))],
  [whole.encryptedAtRest, 'a plain database', database_({ StorageEncrypted: false })],
  [whole.encryptedInTransit, 'connections without TLS', parameters],
  [whole.encryptedInTransit, 'HTTP to the tasks', set(type.TARGET_GROUP, { Protocol: 'HTTP' })],
];

/** The first row of each proof has all of its changes, in each of its templates. A later row has one. */
export const MUTATIONS: Mutation[] = FACTS.flatMap((fact, index) => {
  const isFirst = FACTS.findIndex(({ proof }) => proof === fact.proof) === index;
  return BREAKS.filter(([proof]) => proof === fact.proof).slice(0, isFirst ? undefined : 1)
    .flatMap(([, what, change]) => fact.of.map((of) => ({
      rows: [fact], of, words: fact.words, what: `${what} (${fact.section}, ${of})`, change,
    })));
});
