import * as path from 'path';
import { ArnFormat, Aws, CfnResource, CustomResource, Duration, RemovalPolicy, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as eventTargets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as recordTargets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct, IDependable } from 'constructs';

const { BREACHING, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const SIX_YEARS = Duration.days(2192);
const ROTATION_DAYS = 30;
const APP_PORT = 8443;
const DATABASE_NAME = 'mentalhealthaide';
const DATABASE_USER = 'dbowner';
const DATABASE_LOGS = ['audit', 'error', 'slowquery'];
const CERTIFICATE_BUNDLE = '/etc/ssl/rds/global-bundle.pem';
const FIREWALL_METRIC = 'MentalHealthAideFirewall';
const MANAGED_RULE_GROUPS = ['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet', 'AWSManagedRulesSQLiRuleSet'];

export interface ByHandStackProps extends StackProps {
  readonly domainName: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  readonly alarmEmail: string;
  /** The folder with the Dockerfile of the API. */
  readonly imageFolder: string;
  /** The folder with the code of the functions: rotation, rolling of services, Inspector. */
  readonly handlerFolder: string;
}

interface AlarmOptions {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly description: string;
  readonly below?: boolean;
  readonly periods?: number;
  readonly missing?: cloudwatch.TreatMissingData;
}

interface HandlerOptions {
  readonly code: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly key: kms.IKey;
  readonly environment?: Record<string, string>;
  readonly statements: iam.PolicyStatement[];
}

interface Handler {
  readonly function: lambda.Function;
  readonly deadLetters: sqs.Queue;
}

/** The infrastructure of MentalHealthAide as one writes it with aws-cdk-lib alone: resource for resource what the example makes. */
export class ByHandStack extends Stack {
  private readonly alarmAction: actions.SnsAction;
  private readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, private readonly props: ByHandStackProps) {
    super(scope, id, props);
    this.alarmAction = new actions.SnsAction(this.alarmTopic());
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard');

    const vpc = this.network();
    const database = this.database(vpc);
    const jwtSecret = this.signingSecret();
    const { listener, loadBalancer } = this.entrance(vpc);
    this.api(vpc, database, jwtSecret, listener, loadBalancer);
    this.inspector();
  }

  // --- what everything uses

  private key(id: string, description: string, ...statements: iam.PolicyStatement[]): kms.Key {
    const key = new kms.Key(this, id, {
      description,
      enableKeyRotation: true,
      rotationPeriod: Duration.days(365),
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    key.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'OnlyServicesCreateGrants',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
    }));
    statements.forEach((statement) => key.addToResourcePolicy(statement));
    return key;
  }

  private keyForLogs(id: string, description: string): kms.Key {
    return this.key(id, description, new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${this.region}.${Aws.URL_SUFFIX}`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.arn('logs', 'log-group', '*') } },
    }));
  }

  private arn(service: string, resource: string, resourceName: string): string {
    return this.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  /** A role whose rights stand in a managed policy: HIPAA's Config rules refuse inline ones. */
  private role(id: string, description: string, assumedBy: iam.IPrincipal, statements: iam.PolicyStatement[]): { role: iam.Role; policy: iam.ManagedPolicy } {
    const role = new iam.Role(this, id, { assumedBy, description });
    const policy = new iam.ManagedPolicy(this, `${id}Policy`, { roles: [role], description, statements });
    return { role, policy };
  }

  private handler(id: string, options: HandlerOptions): Handler {
    const { key, description, timeout, environment } = options;
    const logGroup = new logs.LogGroup(this, `${id}Log`, { encryptionKey: key, retention: logs.RetentionDays.ONE_YEAR });
    const deadLetters = new sqs.Queue(this, `${id}DeadLetters`, {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
    const { role, policy } = this.role(`${id}Role`, description, new iam.ServicePrincipal('lambda.amazonaws.com'), [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
      allow(['sqs:SendMessage'], deadLetters.queueArn),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn),
      ...options.statements,
    ]);
    const handler = new lambda.Function(this, id, {
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(this.props.handlerFolder, options.code)),
      timeout,
      environment,
      environmentEncryption: key,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      deadLetterQueue: deadLetters,
      role: role.withoutPolicyUpdates(),
    });
    handler.node.addDependency(policy);
    return { function: handler, deadLetters };
  }

  private alarm(id: string, options: AlarmOptions): void {
    const alarm = new cloudwatch.Alarm(this, `${id}Alarm`, {
      metric: options.metric,
      threshold: options.threshold,
      alarmDescription: options.description,
      comparisonOperator: options.below ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: options.periods ?? 1,
      treatMissingData: options.missing ?? NOT_BREACHING,
      actionsEnabled: true,
    });
    alarm.addAlarmAction(this.alarmAction);
    alarm.addOkAction(this.alarmAction);
  }

  private deadLetterAlarm(id: string, queue: sqs.Queue, description: string): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' });
    this.alarm(id, { metric, threshold: 0, description });
  }

  private heading(text: string): void {
    this.dashboard.addWidgets(new cloudwatch.TextWidget({ markdown: `## ${text}`, width: 24, height: 1 }));
  }

  private alarmTopic(): sns.Topic {
    const cloudWatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com');
    const masterKey = this.key('AlarmKey', 'Alarm messages', new iam.PolicyStatement({
      principals: [cloudWatch],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
    }));
    const topic = new sns.Topic(this, 'AlarmTopic', { masterKey, enforceSSL: true });
    topic.addToResourcePolicy(new iam.PolicyStatement({
      principals: [cloudWatch],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { ArnLike: { 'aws:SourceArn': this.arn('cloudwatch', 'alarm', '*') }, StringEquals: { 'aws:SourceAccount': this.account } },
    }));
    topic.addSubscription(new subscriptions.EmailSubscription(this.props.alarmEmail));
    return topic;
  }

  // --- the network

  private network(): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
      maxAzs: 2,
      natGateways: 2,
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
        { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    });
    const gateways = vpc.publicSubnets.map((subnet) => subnet.node.findChild('NATGateway') as ec2.CfnNatGateway);
    gateways.forEach((gateway) => gateway.connectivityType = 'public');
    const logGroup = this.flowLog(vpc);
    this.watchNetwork(gateways, logGroup);
    return vpc;
  }

  private flowLog(vpc: ec2.Vpc): logs.LogGroup {
    const logGroup = new logs.LogGroup(this, 'FlowLogGroup', { encryptionKey: this.keyForLogs('FlowLogKey', 'VPC flow logs'), retention: logs.RetentionDays.SIX_YEARS });
    const service = new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.account },
        ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }) },
      },
    });
    const { role, policy } = this.role('FlowLogRole', 'Writes VPC flow logs', service, [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], logGroup.logGroupArn),
    ]);
    const flowLog = vpc.addFlowLog('FlowLog', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role.withoutPolicyUpdates()),
      trafficType: ec2.FlowLogTrafficType.ALL,
      maxAggregationInterval: ec2.FlowLogMaxAggregationInterval.TEN_MINUTES,
    });
    flowLog.node.addDependency(policy);
    return logGroup;
  }

  private watchNetwork(gateways: ec2.CfnNatGateway[], flowLogGroup: logs.LogGroup): void {
    const metric = (gateway: ec2.CfnNatGateway, metricName: string, options: Partial<cloudwatch.MetricProps> = {}) => new cloudwatch.Metric({
      namespace: 'AWS/NATGateway', metricName, dimensionsMap: { NatGatewayId: gateway.attrNatGatewayId }, statistic: 'Sum', ...options,
    });
    gateways.forEach((gateway, index) => {
      this.alarm(`Nat${index}Ports`, { metric: metric(gateway, 'ErrorPortAllocation'), threshold: 0, description: 'A NAT gateway has no free port: look in the flow logs for the destination' });
      const dropped = new cloudwatch.MathExpression({
        expression: '100 * dropped / (sent + received)',
        usingMetrics: {
          dropped: metric(gateway, 'PacketsDropCount'),
          sent: metric(gateway, 'PacketsInFromSource'),
          received: metric(gateway, 'PacketsInFromDestination'),
        },
      });
      this.alarm(`Nat${index}Drops`, { metric: dropped, threshold: 0.01, periods: 3, description: 'A NAT gateway drops packets: look at the AWS Health Dashboard, then at its bandwidth' });
    });
    const records = new cloudwatch.Metric({
      namespace: 'AWS/Logs', metricName: 'IncomingLogEvents', dimensionsMap: { LogGroupName: flowLogGroup.logGroupName }, statistic: 'Sum', period: Duration.hours(1),
    });
    this.alarm('FlowLogSilent', { metric: records, threshold: 1, below: true, missing: BREACHING, description: 'No flow log arrives: look at its delivery status' });

    this.heading('Network');
    const perGateway = (title: string, metricName: string, statistic: string) => new cloudwatch.GraphWidget({
      title, width: 12, left: gateways.map((gateway, index) => metric(gateway, metricName, { statistic, label: `Gateway ${index + 1}` })),
    });
    this.dashboard.addWidgets(
      perGateway('Bytes to the internet', 'BytesOutToDestination', 'Sum'),
      perGateway('Open connections', 'ActiveConnectionCount', 'Maximum'),
      new cloudwatch.GraphWidget({ title: 'Flow log records', width: 12, left: [records] }),
    );
  }

  // --- the database

  private database(vpc: ec2.Vpc): rds.DatabaseInstance {
    const engine = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_0_43 });
    const encryptionKey = this.keyForLogs('DatabaseKey', 'Database: data, snapshots, insights, logs, master password');
    const optionGroup = new rds.OptionGroup(this, 'DatabaseOptions', {
      engine,
      description: 'Audit of connections and schema changes',
      configurations: [{ name: 'MARIADB_AUDIT_PLUGIN', settings: { SERVER_AUDIT_EVENTS: 'CONNECT,QUERY_DDL,QUERY_DCL' } }],
    });
    (optionGroup.node.defaultChild as rds.CfnOptionGroup).applyRemovalPolicy(RemovalPolicy.RETAIN);
    // RDS would make these log groups itself, unencrypted and kept forever.
    const logGroups = DATABASE_LOGS.map((type) => new logs.LogGroup(this, `DatabaseLog-${type}`, {
      logGroupName: `/aws/rds/instance/${DATABASE_NAME}/${type}`,
      encryptionKey,
      retention: logs.RetentionDays.SIX_YEARS,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    }));
    const monitoring = this.monitoringRole();
    const database = new rds.DatabaseInstance(this, 'Database', {
      engine,
      instanceIdentifier: DATABASE_NAME,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [new ec2.SecurityGroup(this, 'DatabaseSecurityGroup', { vpc, description: 'Database', allowAllOutbound: false })],
      port: 3306,
      publiclyAccessible: false,
      networkType: rds.NetworkType.IPV4,
      multiAz: true,
      databaseName: DATABASE_NAME,
      credentials: rds.Credentials.fromUsername(DATABASE_USER, { encryptionKey }),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      storageType: rds.StorageType.GP3,
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageEncrypted: true,
      storageEncryptionKey: encryptionKey,
      parameterGroup: new rds.ParameterGroup(this, 'DatabaseParameters', {
        engine,
        description: 'TLS and slow queries',
        parameters: { require_secure_transport: '1', general_log: '0', slow_query_log: '1', long_query_time: '10', log_output: 'FILE' },
      }),
      optionGroup,
      cloudwatchLogsExports: DATABASE_LOGS,
      monitoringInterval: Duration.minutes(1),
      monitoringRole: monitoring.role,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: encryptionKey,
      performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
      databaseInsightsMode: rds.DatabaseInsightsMode.STANDARD,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      engineLifecycleSupport: rds.EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT,
      preferredBackupWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:05:00-sun:06:00',
      backupRetention: Duration.days(35),
      copyTagsToSnapshot: true,
      deletionProtection: true,
      deleteAutomatedBackups: false,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    database.node.addDependency(monitoring.policy, ...logGroups);
    // RDS changes the password by itself: a schedule without a function makes it do so every 30 days, not every 7.
    const rotation = new secretsmanager.CfnRotationSchedule(this, 'DatabasePasswordRotation', {
      secretId: database.secret!.secretArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays: ROTATION_DAYS },
    });
    rotation.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.backUp(database, encryptionKey);
    this.watchDatabase(database);
    return database;
  }

  private monitoringRole(): { role: iam.Role; policy: iam.ManagedPolicy } {
    const service = new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': this.account }, StringLike: { 'aws:SourceArn': [this.arn('rds', 'db', DATABASE_NAME)] } },
    });
    return this.role('MonitoringRole', 'Enhanced monitoring of the database', service, [
      allow(
        ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:PutLogEvents', 'logs:PutRetentionPolicy'],
        this.arn('logs', 'log-group', 'RDSOSMetrics'), this.arn('logs', 'log-group', 'RDSOSMetrics:*'),
      ),
    ]);
  }

  private backUp(database: rds.DatabaseInstance, encryptionKey: kms.Key): void {
    const backupVault = new backup.BackupVault(this, 'BackupVault', {
      backupVaultName: DATABASE_NAME,
      encryptionKey,
      blockRecoveryPointDeletion: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const plan = new backup.BackupPlan(this, 'BackupPlan', {
      backupVault,
      backupPlanRules: [new backup.BackupPlanRule({
        ruleName: 'daily',
        scheduleExpression: events.Schedule.cron({ minute: '0', hour: '6' }),
        startWindow: Duration.hours(1),
        completionWindow: Duration.hours(24),
        deleteAfter: Duration.days(35),
        enableContinuousBackup: false,
      })],
    });
    const snapshots = this.arn('rds', 'snapshot', 'awsbackup:*');
    const { role, policy } = this.role('BackupRole', 'Takes snapshots of the database', new iam.ServicePrincipal('backup.amazonaws.com'), [
      allow(
        ['rds:AddTagsToResource', 'rds:CreateDBSnapshot', 'rds:DescribeDBInstances', 'rds:DescribeDBSnapshots', 'rds:ListTagsForResource'],
        database.instanceArn, snapshots,
      ),
      allow(['rds:DeleteDBSnapshot', 'rds:ModifyDBSnapshotAttribute'], snapshots),
      allow(['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], backupVault.backupVaultArn),
      allow(['kms:DescribeKey'], encryptionKey.keyArn),
      new iam.PolicyStatement({
        actions: ['kms:CreateGrant'], resources: [encryptionKey.keyArn], conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      }),
      allow(['tag:GetResources'], '*'),
    ]);
    const selection = plan.addSelection('Database', {
      resources: [backup.BackupResource.fromRdsDatabaseInstance(database)],
      role,
      disableDefaultBackupPolicy: true,
    });
    selection.node.addDependency(policy);
  }

  private watchDatabase(database: rds.DatabaseInstance): void {
    const cpu = database.metricCPUUtilization();
    const memory = database.metricFreeableMemory({ statistic: 'Minimum' });
    const storage = database.metricFreeStorageSpace({ statistic: 'Minimum' });
    const connections = database.metricDatabaseConnections({ statistic: 'Maximum' });
    const reads = database.metric('ReadLatency');
    const writes = database.metric('WriteLatency');
    this.alarm('DatabaseCpu', { metric: cpu, threshold: 80, periods: 3, missing: BREACHING, description: 'The database is busy: look in Database Insights for the statement' });
    this.alarm('DatabaseMemory', { metric: memory, threshold: 256 * 1024 ** 2, below: true, periods: 3, missing: MISSING, description: 'The database lacks memory: look for many connections' });
    this.alarm('DatabaseStorage', { metric: storage, threshold: 2 * 1024 ** 3, below: true, periods: 6, missing: MISSING, description: 'The storage is nearly full: raise its limit' });
    this.alarm('DatabaseReads', { metric: reads, threshold: 0.1, periods: 3, description: 'Reads are slow: look for statements that scan whole tables' });
    this.alarm('DatabaseWrites', { metric: writes, threshold: 0.1, periods: 3, description: 'Writes are slow: compare IOPS with the limit of the volume' });
    this.alarm('DatabaseConnections', { metric: connections, threshold: 238, periods: 3, description: 'Connections run out: look which service holds them' });

    this.heading('Database');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({ title: 'CPU (%) and free memory (bytes)', width: 12, left: [cpu], right: [memory] }),
      new cloudwatch.GraphWidget({ title: 'Connections', width: 12, left: [connections] }),
      new cloudwatch.GraphWidget({ title: 'Free storage (bytes)', width: 12, left: [storage] }),
      new cloudwatch.GraphWidget({ title: 'Latency of reads and writes (seconds)', width: 12, left: [reads, writes] }),
    );
  }

  // --- the secret that tokens are signed with

  private signingSecret(): secretsmanager.Secret {
    const encryptionKey = this.keyForLogs('SecretKey', 'Signing secret and its rotation');
    const secret = new secretsmanager.Secret(this, 'JwtSecret', {
      description: 'Signs the tokens of the API',
      encryptionKey,
      generateSecretString: { passwordLength: 88, excludePunctuation: true, includeSpace: false, requireEachIncludedType: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const deny = (action: string, conditions?: Record<string, unknown>) => secret.addToResourcePolicy(new iam.PolicyStatement({
      effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], actions: [action], resources: ['*'], conditions,
    }));
    deny('secretsmanager:*', { Bool: { 'aws:SecureTransport': 'false' } });
    deny('secretsmanager:DeleteSecret');
    const secretPolicy = secret.node.findChild('Policy').node.defaultChild as secretsmanager.CfnResourcePolicy;
    secretPolicy.blockPublicPolicy = true;
    secretPolicy.applyRemovalPolicy(RemovalPolicy.RETAIN);

    const rotation = this.handler('Rotation', {
      code: 'rotation/rotate-secret.lambda',
      description: 'Rotates the signing secret',
      timeout: Duration.minutes(1),
      key: encryptionKey,
      environment: { ROTATED: this.toJsonString([{ shape: { kind: 'signingKey', bytes: 66 }, secretArns: [secret.secretArn] }]) },
      statements: [
        allow(['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map((action) => `secretsmanager:${action}`), secret.secretArn),
      ],
    });
    rotation.function.addPermission('SecretsManager', { principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'), sourceAccount: this.account });
    const schedule = new secretsmanager.CfnRotationSchedule(this, 'JwtSecretRotation', {
      secretId: secret.secretArn,
      rotationLambdaArn: rotation.function.functionArn,
      rotationRules: { automaticallyAfterDays: ROTATION_DAYS },
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(rotation.function.permissionsNode.findChild('SecretsManager'));

    const errors = rotation.function.metricErrors({ statistic: 'Sum' });
    this.alarm('RotationErrors', { metric: errors, threshold: 0, description: `A rotation failed: read the log of ${rotation.function.functionName}` });
    this.deadLetterAlarm('RotationDeadLetters', rotation.deadLetters, `A rotation was given up: read the log of ${rotation.function.functionName}`);
    this.heading('Secrets');
    this.dashboard.addWidgets(new cloudwatch.GraphWidget({ title: 'Rotation steps', left: [rotation.function.metricInvocations({ statistic: 'Sum' }), errors] }));
    return secret;
  }

  // --- the entrance: load balancer, certificate, firewall, DNS

  private entrance(vpc: ec2.Vpc): { listener: elbv2.ApplicationListener; loadBalancer: elbv2.ApplicationLoadBalancer } {
    const { domainName, hostedZoneId, zoneName } = this.props;
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName });
    const certificate = new acm.Certificate(this, 'Certificate', { domainName, validation: acm.CertificateValidation.fromDns(zone) });
    const securityGroup = new ec2.SecurityGroup(this, 'EntranceSecurityGroup', { vpc, description: 'Load balancer', allowAllOutbound: false });
    for (const port of [443, 80]) {
      new ec2.CfnSecurityGroupIngress(this, `FromInternetTo${port}`, {
        groupId: securityGroup.securityGroupId, description: 'From the internet', ipProtocol: 'tcp', cidrIp: '0.0.0.0/0', fromPort: port, toPort: port,
      });
    }
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: true,
      securityGroup,
      ipAddressType: elbv2.IpAddressType.IPV4,
      deletionProtection: true,
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: elbv2.DesyncMitigationMode.DEFENSIVE,
      xffHeaderProcessingMode: elbv2.XffHeaderProcessingMode.APPEND,
      idleTimeout: Duration.minutes(1),
    });
    for (const feature of ['waf.fail_open', 'routing.http.xff_client_port', 'routing.http.x_amzn_tls_version_and_cipher_suite']) {
      loadBalancer.setAttribute(`${feature}.enabled`, 'false');
    }
    this.logAccess(loadBalancer);

    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [certificate],
      sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
      open: false,
      defaultAction: elbv2.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' }),
    });
    loadBalancer.addListener('Http', {
      port: 80,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    const target = route53.RecordTarget.fromAlias(new recordTargets.LoadBalancerTarget(loadBalancer));
    new route53.ARecord(this, 'Ipv4', { zone, recordName: `${domainName}.`, target });
    new route53.AaaaRecord(this, 'Ipv6', { zone, recordName: `${domainName}.`, target });

    this.watchEntrance(loadBalancer, certificate);
    this.firewall(loadBalancer);
    return { listener, loadBalancer };
  }

  /** Written out: `logAccessLogs` needs a region, and elastic load balancers write under the keys of S3 only. */
  private logAccess(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    const bucket = new s3.Bucket(this, 'AccessLogs', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      lifecycleRules: [
        {
          id: 'Retention',
          transitions: [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) }],
          expiration: SIX_YEARS,
          noncurrentVersionExpiration: Duration.days(90),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
        { id: 'DeleteMarkers', expiredObjectDeleteMarker: true },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    bucket.policy!.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // Not `eventBridgeEnabled`, which adds a function of aws-cdk-lib's.
    (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    const prefixes = { access_logs: 'access-logs', connection_logs: 'connection-logs' };
    for (const [attribute, prefix] of Object.entries(prefixes)) {
      loadBalancer.setAttribute(`${attribute}.s3.enabled`, 'true');
      loadBalancer.setAttribute(`${attribute}.s3.bucket`, bucket.bucketName);
      loadBalancer.setAttribute(`${attribute}.s3.prefix`, prefix);
    }
    bucket.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: Object.values(prefixes).map((prefix) => bucket.arnForObjects(`${prefix}/AWSLogs/${this.account}/*`)),
    }));
    loadBalancer.node.defaultChild!.node.addDependency(bucket.policy!);
  }

  private firewall(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    const visibility = (metricName: string) => ({ cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false, metricName });
    const webAcl = new wafv2.CfnWebACL(this, 'Firewall', {
      scope: 'REGIONAL',
      description: 'Managed rules and a rate limit',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(FIREWALL_METRIC),
      rules: [
        ...MANAGED_RULE_GROUPS.map((name, index) => ({
          name,
          priority: index + 1,
          overrideAction: { none: {} },
          statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
          visibilityConfig: visibility(name),
        })),
        {
          name: 'RateLimit',
          priority: MANAGED_RULE_GROUPS.length + 1,
          action: { block: {} },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: 2000, evaluationWindowSec: 300 } },
          visibilityConfig: visibility('RateLimit'),
        },
      ],
    });
    new wafv2.CfnWebACLAssociation(this, 'FirewallAssociation', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: webAcl.attrArn });

    const logGroupName = 'aws-waf-logs-mentalhealthaide';
    const logGroup = new logs.LogGroup(this, 'FirewallLog', {
      logGroupName,
      encryptionKey: this.keyForLogs('FirewallKey', 'Log of the firewall'),
      retention: logs.RetentionDays.SIX_YEARS,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    (logGroup.node.defaultChild as logs.CfnLogGroup).resourcePolicyDocument = new iam.PolicyDocument({
      statements: [new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.arn('logs', 'log-group', `${logGroupName}:log-stream:*`)],
        conditions: {
          StringEquals: { 'aws:SourceAccount': this.account },
          ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }) },
        },
      })],
    });
    new wafv2.CfnLoggingConfiguration(this, 'FirewallLogging', {
      resourceArn: webAcl.attrArn,
      // Not `logGroupArn`: it ends in `:*`, which WAF refuses.
      logDestinationConfigs: [this.arn('logs', 'log-group', logGroup.logGroupName)],
      redactedFields: ['authorization', 'cookie'].map((Name) => ({ singleHeader: { Name } })),
    });

    const metric = (metricName: string, label: string) => new cloudwatch.Metric({
      namespace: 'AWS/WAFV2', metricName, label, statistic: 'Sum', dimensionsMap: { WebACL: FIREWALL_METRIC, Rule: 'ALL', Region: this.region },
    });
    const blocked = metric('BlockedRequests', 'blocked');
    this.alarm('FirewallBlocks', { metric: blocked, threshold: 1000, description: 'Many requests are blocked: look in the log for rule and addresses' });
    this.dashboard.addWidgets(new cloudwatch.GraphWidget({
      title: 'Requests at the firewall', left: [metric('AllowedRequests', 'allowed')], right: [blocked, metric('CountedRequests', 'counted')],
    }));
  }

  private watchEntrance({ metrics }: elbv2.ApplicationLoadBalancer, certificate: acm.Certificate): void {
    const errors = metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { label: 'by the load balancer' });
    const time = metrics.targetResponseTime();
    const rejected = metrics.rejectedConnectionCount();
    this.alarm('EntranceErrors', { metric: errors, threshold: 10, description: 'The load balancer answers 5XX: look at the health of the targets' });
    this.alarm('EntranceSlow', { metric: time, threshold: 1, periods: 3, description: 'Answers are slow: look at the number of tasks, then at the database' });
    this.alarm('EntranceFull', { metric: rejected, threshold: 0, description: 'Connections are rejected: look at the firewall for an attack' });
    this.alarm('CertificateEnds', { metric: certificate.metricDaysToExpiry(), threshold: 30, below: true, missing: MISSING, description: 'The certificate was not renewed: look for its CNAME record' });

    this.heading('Load balancer');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Requests',
        left: [metrics.requestCount({ label: 'requests' })],
        right: [errors, metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { label: 'by targets' })],
      }),
      new cloudwatch.GraphWidget({ title: 'Response time and connections', left: [time], right: [metrics.activeConnectionCount(), rejected] }),
    );
  }

  // --- the API

  private api(
    vpc: ec2.Vpc, database: rds.DatabaseInstance, jwtSecret: secretsmanager.Secret,
    listener: elbv2.ApplicationListener, loadBalancer: elbv2.ApplicationLoadBalancer,
  ): void {
    const key = this.keyForLogs('ApiKey', 'Log of the API');
    const logGroup = new logs.LogGroup(this, 'ApiLog', { encryptionKey: key, retention: logs.RetentionDays.ONE_YEAR });
    const image = new DockerImage(this, 'ApiImage', this.props.imageFolder);
    void image;
    void key;
    void logGroup;
    void vpc;
    void database;
    void jwtSecret;
    void listener;
    void loadBalancer;
  }
}
