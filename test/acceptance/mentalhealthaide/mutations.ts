import { Template } from 'aws-cdk-lib/assertions';
import { FACTS } from './facts';
import * as database from './proof/database';
import * as entrance from './proof/entrance';
import * as observation from './proof/observation';
import * as type from './proof/parts';
import * as secrets from './proof/secrets';
import * as service from './proof/service';
import * as whole from './proof/whole';
import {
  add,
  Change,
  edit,
  grant,
  Mutation,
  named,
  open,
  Properties,
  remove,
  set,
  statements,
} from '../../support/template/mutations';

type Proof = (template: Template) => void;

const ALARM = 'AWS::CloudWatch::Alarm';
const KEY = 'AWS::KMS::Key';
const RECORD = 'AWS::Route53::RecordSet';
const READING = 'secretsmanager:GetSecretValue';
const container = (change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition));
const starter = named('ApiExecutionRolePolicy');
const https = ({ Port }: Properties) => Port === 443;
const jwtSchedule = set(type.SCHEDULE, { RotationRules: { AutomaticallyAfterDays: 365 } }, named('SecretsRotation'));
const passwordSchedule = remove(type.SCHEDULE, named('DatabasePassword'));
const unlocked = (resourceType: string): Change =>
  edit(resourceType, (_properties, resource) => (resource.DeletionPolicy = 'Delete'));

/** Changes, each with the proof that it must fail. */
const BREAKS: Array<[Proof, string, Change]> = [
  [whole.theWholeBackend, 'no database', remove(type.DATABASE)],
  [whole.ownDomain, 'another domain', set(RECORD, { Name: 'api.example.com.' })],
  [whole.inspectorIsOn, 'no scans of EC2', remove('Custom::InspectorScan', ({ ScanType }) => ScanType === 'EC2')],
  [whole.scansRepositories, 'no scans of ECR', remove('Custom::InspectorScan', ({ ScanType }) => ScanType === 'ECR')],
  [
    whole.scansInstances,
    'an adopted scan',
    set('Custom::InspectorScan', { Mode: 'adopt' }, ({ ScanType }) => ScanType === 'EC2'),
  ],
  [whole.scansWhatRuns, 'an image of another registry', container((app) => (app.Image = 'docker.io/library/node:20'))],
  [whole.ownKeys, 'a key without rotation', set(KEY, { EnableKeyRotation: false }, named('ApiKey'))],
  [whole.onlyServicesOfAws, 'a resource of a third party', add('Datadog::Monitors::Monitor', {})],
  [
    whole.bucketsAreEncrypted,
    'no encryption',
    edit(type.BUCKET, (bucket) => (bucket.BucketEncryption.ServerSideEncryptionConfiguration = [])),
  ],
  [
    whole.bucketsAreVersioned,
    'suspended versions',
    set(type.BUCKET, { VersioningConfiguration: { Status: 'Suspended' } }),
  ],
  [whole.canBeDeployedAgain, 'a fixed name of the database', set(type.DATABASE, { DBInstanceIdentifier: 'database' })],
  [whole.keepsTheDataWhenDestroyed, 'keys that are deleted', unlocked(KEY)],
  [whole.keepsTheDataWhenDestroyed, 'a database without protection', set(type.DATABASE, { DeletionProtection: false })],

  [entrance.domainPointsAtLoadBalancer, 'no record for IPv6', remove(RECORD, ({ Type }) => Type === 'AAAA')],
  [
    entrance.clientsComeInOverHttps,
    'no HTTPS from the internet',
    remove('AWS::EC2::SecurityGroupIngress', ({ CidrIp, FromPort }) => CidrIp === '0.0.0.0/0' && FromPort === 443),
  ],
  [entrance.applicationLoadBalancer, 'an internal one', set(type.LOAD_BALANCER, { Scheme: 'internal' })],
  [entrance.listensOnHttps, 'TLS 1.0', set(type.LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, https)],
  [
    entrance.usesTheCertificate,
    'another certificate',
    set(type.LISTENER, { Certificates: [{ CertificateArn: 'arn:other' }] }, https),
  ],
  [entrance.certificateOfTheDomain, 'validation by email', set(type.CERTIFICATE, { ValidationMethod: 'EMAIL' })],
  [entrance.forwardsHttps, 'HTTP to the tasks', set(type.TARGET_GROUP, { Protocol: 'HTTP' })],
  [
    entrance.forwardsHttps,
    'tasks that are open to the VPC',
    open('ApiSecurityGroup', type.CONTAINER_PORT, '10.0.0.0/16'),
  ],
  [entrance.balancesOverTwoZones, 'one zone', edit(type.LOAD_BALANCER, ({ Subnets }) => Subnets.pop())],
  [
    entrance.firewallBlocks,
    'rules that only count',
    edit(type.FIREWALL, ({ Rules: [first] }) => (first.OverrideAction = { Count: {} })),
  ],
  [entrance.firewallIsAttached, 'not attached', remove('AWS::WAFv2::WebACLAssociation')],

  [service.runsOnFargate, 'instances of EC2', set(type.SERVICE, { LaunchType: 'EC2' })],
  [service.runsContainers, 'the root user', container((app) => (app.User = 'root'))],
  [service.nodeExpressApi, 'another command', container((app) => (app.Command = ['sh']))],
  [
    service.reachesTheDatabase,
    'another host',
    container(
      ({ Environment }) => (Environment.find(({ Name }: Properties) => Name === 'MYSQL_HOST').Value = 'elsewhere'),
    ),
  ],
  [
    service.reachesTheDatabase,
    'a database that is open to the VPC',
    open('DatabaseSecurityGroup', type.MYSQL_PORT, '10.0.0.0/16'),
  ],
  [service.logsToCloudWatch, 'another log driver', container((app) => (app.LogConfiguration.LogDriver = 'json-file'))],

  [database.mysql, 'another engine', set(type.DATABASE, { Engine: 'postgres' })],
  [database.databaseIsEncrypted, 'no encryption', set(type.DATABASE, { StorageEncrypted: false })],
  [
    database.databaseIsEncryptedEverywhere,
    'connections without TLS',
    edit('AWS::RDS::DBParameterGroup', ({ Parameters }) => (Parameters.require_secure_transport = '0')),
  ],
  [database.databaseCanGoBack, 'a week', set(type.DATABASE, { BackupRetentionPeriod: 7 })],

  [secrets.secretsOfTheManager, 'a second secret', add(type.SECRET, {})],
  [secrets.generatesDatabasePassword, 'a password in the template', set(type.DATABASE, { MasterUserPassword: 'x' })],
  [secrets.generatesJwtSecret, 'a value in the template', set(type.SECRET, { SecretString: 'x' })],
  [secrets.generatesBoth, 'a value in the template', set(type.SECRET, { SecretString: 'x' })],
  [secrets.rotatesDatabasePassword, 'no schedule', passwordSchedule],
  [secrets.rotatesJwtSecret, 'once a year', jwtSchedule],
  [secrets.rotatesBoth, 'one schedule', passwordSchedule],
  [
    secrets.rotatesByItself,
    'a rule that is off',
    set('AWS::Events::Rule', { State: 'DISABLED' }, named('ApiRollerNewValue')),
  ],
  [secrets.secretsAreEncrypted, 'the default key', edit(type.SECRET, (secret) => delete secret.KmsKeyId)],
  [
    secrets.fetchesDatabasePassword,
    'no password',
    container((app) => (app.Secrets = app.Secrets.filter(({ Name }: Properties) => Name !== 'MYSQL_PWD'))),
  ],
  [
    secrets.fetchesJwtSecret,
    'no permission to decrypt',
    statements((all) => all.splice(0, all.length, ...all.filter(({ Action }) => Action !== 'kms:Decrypt')), starter),
  ],
  [secrets.fetchesItsSecrets, 'the program reads secrets too', grant('ApiTaskRole', READING, '*')],
  [
    secrets.noKeysOfPartners,
    'a key of a partner',
    container(({ Secrets }) => Secrets.push({ Name: 'TWILIO_KEY', ValueFrom: 'arn' })),
  ],
  [
    secrets.nothingIsHandedIn,
    'a parameter',
    (template) => Object.assign((template as unknown as Properties).Parameters, { Password: { Type: 'String' } }),
  ],
  [
    secrets.noSecretInTheCode,
    'a password as a variable',
    container(({ Environment }) => Environment.push({ Name: 'MYSQL_PWD', Value: 'correct horse battery staple' })),
  ],

  [
    observation.logsOfEverything,
    'the firewall drops log lines',
    set('AWS::WAFv2::LoggingConfiguration', { LoggingFilter: {} }),
  ],
  [
    observation.logsAreEncrypted,
    'a log without a key',
    edit(type.LOG_GROUP, (group) => delete group.KmsKeyId, named('ApiLog')),
  ],
  [
    observation.metricsAreWatched,
    'an alarm without actions',
    set(ALARM, { ActionsEnabled: false }, (_properties, id) => id.includes('DatabaseCpu')),
  ],
  [observation.alarmsAreEncrypted, 'the AWS managed key', set('AWS::SNS::Topic', { KmsMasterKeyId: 'alias/aws/sns' })],
  [observation.logsStay, 'logs that are deleted', unlocked(type.LOG_GROUP)],
];

/** Each change, once for each row that its proof shows. */
export const MUTATIONS: Mutation[] = FACTS.flatMap((fact) => BREAKS.filter(([proof]) => proof === fact.shown)
  .map(([, what, change]) => ({ rows: [fact], words: fact.words, what: `${what} (${fact.section})`, change })));
