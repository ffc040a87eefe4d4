import * as path from 'path';
import { ArnFormat, Aws, CustomResource, Duration, RemovalPolicy, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as alarmActions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecrAssets from 'aws-cdk-lib/aws-ecr-assets';
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
import { Construct } from 'constructs';

const { BREACHING, IGNORE, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const SIX_YEARS = Duration.days(2192);
/** The first Sunday of each month, in the maintenance window. */
const ROTATION = 'cron(0 5 ? * SUN#1 *)';
const ROTATION_ACTIONS = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage']
  .map((action) => `secretsmanager:${action}`);
const APP_PORT = 8443;
const DATABASE_NAME = 'mentalhealthaide';
const DATABASE_USER = 'dbowner';
const DATABASE_LOGS = ['audit', 'error', 'slowquery'];
const CERTIFICATE_BUNDLE = '/etc/ssl/rds/global-bundle.pem';
const FIREWALL_METRIC = 'MentalHealthAideFirewall';
const MANAGED_RULE_GROUPS = [
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
];

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

interface RoleAndPolicy {
  readonly role: iam.Role;
  readonly policy: iam.ManagedPolicy;
}

/** The types of Inspector scans. */
const SCANS = ['EC2', 'ECR', 'LAMBDA'];

interface HandlerOptions {
  readonly code: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize?: number;
  readonly key: kms.IKey;
  readonly environment?: Record<string, string>;
  readonly statements: iam.PolicyStatement[];
  readonly network?: { readonly vpc: ec2.IVpc; readonly securityGroup: ec2.ISecurityGroup };
}

interface DatabaseAndLogin {
  readonly database: rds.DatabaseInstance;
  /** The secret with the login of the API. */
  readonly login: secretsmanager.Secret;
}

interface Handler {
  readonly function: lambda.Function;
  readonly deadLetters: sqs.Queue;
}

/**
 * The infrastructure of MentalHealthAide, written with only aws-cdk-lib. Creates the same resources as the example.
 */
export class ByHandStack extends Stack {
  private readonly topic: sns.Topic;
  private readonly alarmAction: alarmActions.SnsAction;
  private readonly dashboard: cloudwatch.Dashboard;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ByHandStackProps,
  ) {
    super(scope, id, props);
    this.topic = this.alarmTopic();
    this.alarmAction = new alarmActions.SnsAction(this.topic);
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard');

    const vpc = this.network();
    const database = this.database(vpc);
    const jwtSecret = this.signingSecret();
    const listener = this.entrance(vpc);
    this.api(vpc, database, jwtSecret, listener);
    this.inspector();
  }

  // --- common resources

  private key(id: string, description: string, ...statements: iam.PolicyStatement[]): kms.Key {
    const key = new kms.Key(this, id, {
      description,
      enableKeyRotation: true,
      rotationPeriod: Duration.days(365),
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OnlyServicesCreateGrants',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['kms:CreateGrant'],
        resources: ['*'],
        conditions: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
      }),
    );
    statements.forEach((statement) => key.addToResourcePolicy(statement));
    return key;
  }

  private keyForLogs(id: string, description: string): kms.Key {
    return this.key(
      id,
      description,
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(`logs.${this.region}.${Aws.URL_SUFFIX}`)],
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.arn('logs', 'log-group', '*') } },
      }),
    );
  }

  private arn(service: string, resource: string, resourceName: string): string {
    return this.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  /** A role with its permissions in a managed policy: the AWS Config rules for HIPAA reject inline policies. */
  private role(
    id: string,
    description: string,
    assumedBy: iam.IPrincipal,
    statements: iam.PolicyStatement[],
  ): RoleAndPolicy {
    const role = new iam.Role(this, id, { assumedBy, description });
    const policy = new iam.ManagedPolicy(this, `${id}Policy`, { roles: [role], description, statements });
    return { role, policy };
  }

  private handler(id: string, options: HandlerOptions): Handler {
    const { key, description, timeout, environment } = options;
    const logGroup = new logs.LogGroup(this, `${id}Log`, {
      encryptionKey: key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
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
      ...options.network ? this.interfaces(options.network) : [],
      ...options.statements,
    ]);
    const handler = new lambda.Function(this, id, {
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(this.props.handlerFolder, options.code)),
      timeout,
      memorySize: options.memorySize ?? 256,
      environment,
      environmentEncryption: key,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      deadLetterQueue: deadLetters,
      role: role.withoutPolicyUpdates(),
      vpc: options.network?.vpc,
      securityGroups: options.network && [options.network.securityGroup],
    });
    handler.node.addDependency(policy);
    return { function: handler, deadLetters };
  }

  /** The permissions for the network interfaces of a function in the private subnets. */
  private interfaces({ vpc, securityGroup }: NonNullable<HandlerOptions['network']>): iam.PolicyStatement[] {
    const arn = (resource: string, resourceName: string) => this.formatArn({ service: 'ec2', resource, resourceName });
    return [
      allow(['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], '*'),
      allow(
        [
          'ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface',
          'ec2:UnassignPrivateIpAddresses',
        ],
        arn('network-interface', '*'),
        arn('security-group', securityGroup.securityGroupId),
        ...vpc.privateSubnets.map(({ subnetId }) => arn('subnet', subnetId)),
      ),
    ];
  }

  private alarm(id: string, options: AlarmOptions): void {
    const alarm = new cloudwatch.Alarm(this, `${id}Alarm`, {
      metric: options.metric,
      threshold: options.threshold,
      alarmDescription: options.description,
      comparisonOperator: options.below
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
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
    const eventBridge = new iam.ServicePrincipal('events.amazonaws.com');
    const masterKey = this.key(
      'AlarmKey',
      'Alarm messages',
      ...[cloudWatch, eventBridge].map(
        (principal) =>
          new iam.PolicyStatement({
            principals: [principal],
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            resources: ['*'],
          }),
      ),
    );
    const topic = new sns.Topic(this, 'AlarmTopic', { masterKey, enforceSSL: true });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': this.arn('cloudwatch', 'alarm', '*') },
          StringEquals: { 'aws:SourceAccount': this.account },
        },
      }),
    );
    topic.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [eventBridge], actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
    topic.addSubscription(new subscriptions.EmailSubscription(this.props.alarmEmail));
    return topic;
  }

  // --- the network

  private network(): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
      maxAzs: 2,
      natGateways: 2,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
        { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    });
    const gateways = vpc.publicSubnets.map((subnet) => subnet.node.findChild('NATGateway') as ec2.CfnNatGateway);
    gateways.forEach((gateway) => (gateway.connectivityType = 'public'));
    const key = this.keyForLogs('FlowLogKey', 'VPC flow logs');
    const logGroup = this.flowLog(vpc, key);
    this.closeDefaultGroup(vpc, key);
    this.watchNetwork(gateways, logGroup);
    return vpc;
  }

  /** Only an API call can remove the rules of a default security group. */
  private closeDefaultGroup(vpc: ec2.Vpc, key: kms.Key): void {
    const group = this.formatArn({
      service: 'ec2', resource: 'security-group', resourceName: vpc.vpcDefaultSecurityGroup,
    });
    const { function: closer } = this.handler('CloseDefaultGroup', {
      code: 'network/close-default-group.lambda',
      description: 'Removes the rules of a default security group',
      timeout: Duration.minutes(3),
      key,
      statements: [
        allow(['ec2:DescribeSecurityGroups'], '*'),
        allow(['ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress'], group),
      ],
    });
    new CustomResource(this, 'DefaultGroup', {
      resourceType: 'Custom::VpcRestrictDefaultSG',
      serviceToken: closer.functionArn,
      serviceTimeout: Duration.minutes(12),
      properties: { DefaultSecurityGroupId: vpc.vpcDefaultSecurityGroup },
    });
  }

  private flowLog(vpc: ec2.Vpc, encryptionKey: kms.Key): logs.LogGroup {
    const logGroup = new logs.LogGroup(this, 'FlowLogGroup', {
      encryptionKey,
      retention: logs.RetentionDays.SIX_YEARS,
      deletionProtectionEnabled: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
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
    const metric = (gateway: ec2.CfnNatGateway, metricName: string, options: Partial<cloudwatch.MetricProps> = {}) =>
      new cloudwatch.Metric({
        namespace: 'AWS/NATGateway',
        metricName,
        dimensionsMap: { NatGatewayId: gateway.attrNatGatewayId },
        statistic: 'Sum',
        ...options,
      });
    gateways.forEach((gateway, index) => {
      this.alarm(`Nat${index}Ports`, {
        metric: metric(gateway, 'ErrorPortAllocation'),
        threshold: 0,
        description: 'A NAT gateway has no free port: look in the flow logs for the destination',
      });
      const dropped = new cloudwatch.MathExpression({
        expression: '100 * dropped / (sent + received)',
        usingMetrics: {
          dropped: metric(gateway, 'PacketsDropCount'),
          sent: metric(gateway, 'PacketsInFromSource'),
          received: metric(gateway, 'PacketsInFromDestination'),
        },
      });
      this.alarm(`Nat${index}Drops`, {
        metric: dropped,
        threshold: 0.01,
        periods: 3,
        description: 'A NAT gateway drops packets: look at the AWS Health Dashboard, then at its bandwidth',
      });
    });
    const records = new cloudwatch.Metric({
      namespace: 'AWS/Logs',
      metricName: 'IncomingLogEvents',
      dimensionsMap: { LogGroupName: flowLogGroup.logGroupName },
      statistic: 'Sum',
      period: Duration.hours(1),
    });
    this.alarm('FlowLogSilent', {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(records, 0)',
        usingMetrics: { records },
        period: Duration.hours(1),
      }),
      threshold: 1,
      below: true,
      missing: BREACHING,
      description: 'No flow log arrives: look at its delivery status',
    });

    this.heading('Network');
    const perGateway = (title: string, metricName: string, statistic: string) =>
      new cloudwatch.GraphWidget({
        title,
        width: 12,
        left: gateways.map((gateway, index) =>
          metric(gateway, metricName, { statistic, label: `Gateway ${index + 1}` }),
        ),
      });
    this.dashboard.addWidgets(
      perGateway('Bytes to the internet', 'BytesOutToDestination', 'Sum'),
      perGateway('Open connections', 'ActiveConnectionCount', 'Maximum'),
      new cloudwatch.GraphWidget({ title: 'Flow log records', width: 12, left: [records] }),
    );
  }

  // --- the database

  private database(vpc: ec2.Vpc): DatabaseAndLogin {
    const engine = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_8 });
    const encryptionKey = this.keyForLogs('DatabaseKey', 'Database: data, snapshots, insights, logs, master password');
    const optionGroup = new rds.OptionGroup(this, 'DatabaseOptions', {
      engine,
      description: 'Audit of connections and schema changes',
      configurations: [
        { name: 'MARIADB_AUDIT_PLUGIN', settings: { SERVER_AUDIT_EVENTS: 'CONNECT,QUERY_DDL,QUERY_DCL' } },
      ],
    });
    (optionGroup.node.defaultChild as rds.CfnOptionGroup).applyRemovalPolicy(RemovalPolicy.RETAIN);
    // Without these log groups, RDS would create unencrypted ones that never expire.
    const logGroups = DATABASE_LOGS.map(
      (type) =>
        new logs.LogGroup(this, `DatabaseLog-${type}`, {
          logGroupName: `/aws/rds/instance/${DATABASE_NAME}/${type}`,
          encryptionKey,
          retention: logs.RetentionDays.SIX_YEARS,
          deletionProtectionEnabled: true,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
    );
    const monitoring = this.monitoringRole();
    const database = new rds.DatabaseInstance(this, 'Database', {
      engine,
      instanceIdentifier: DATABASE_NAME,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [
        new ec2.SecurityGroup(this, 'DatabaseSecurityGroup', { vpc, description: 'Database', allowAllOutbound: false }),
      ],
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
        parameters: {
          require_secure_transport: '1',
          general_log: '0',
          slow_query_log: '1',
          long_query_time: '10',
          log_output: 'FILE',
        },
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
    // RDS rotates the password. A schedule without a function changes the interval from 7 days to a month.
    const rotation = new secretsmanager.CfnRotationSchedule(this, 'DatabasePasswordRotation', {
      secretId: database.secret!.secretArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { scheduleExpression: ROTATION, duration: '1h' },
    });
    rotation.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.backUp(database, encryptionKey);
    this.watchDatabase(database);
    return { database, login: this.databaseUser(vpc, database, encryptionKey) };
  }

  /** The user of the API in the database, whose two logins alternate. */
  private databaseUser(vpc: ec2.Vpc, database: rds.DatabaseInstance, encryptionKey: kms.Key): secretsmanager.Secret {
    const login = this.secret('DatabaseLogin', {
      description: 'Login of the database user api',
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'api_1' }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
        includeSpace: false,
        requireEachIncludedType: true,
      },
    });
    const securityGroup = new ec2.SecurityGroup(this, 'UsersSecurityGroup', {
      vpc,
      description: 'The function that manages the users of the database',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS to AWS services');
    securityGroup.connections.allowToDefaultPort(database);
    const users = this.handler('Users', {
      code: 'database/access/manage-users.lambda',
      description: 'Creates the users of the database and rotates their passwords',
      timeout: Duration.minutes(5),
      memorySize: 512,
      key: encryptionKey,
      environment: {
        ENGINE: 'mysql',
        HOST: database.instanceEndpoint.hostname,
        PORT: '3306',
        DATABASE: DATABASE_NAME,
        SCHEMA: 'public',
        ADMINISTRATOR: database.secret!.secretArn,
        USERS: 'api:readWrite:password:00000000',
      },
      network: { vpc, securityGroup },
      statements: [
        allow(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], database.secret!.secretArn),
        allow(ROTATION_ACTIONS, login.secretArn),
      ],
    });
    this.allowRotation(users.function);
    const user = new CustomResource(this, 'DatabaseUser', {
      resourceType: 'Custom::DatabaseUser',
      serviceToken: users.function.functionArn,
      serviceTimeout: Duration.minutes(6),
      properties: {
        User: 'api',
        Privileges: 'readWrite',
        Login: 'password',
        SecretArn: login.secretArn,
        Address: '00000000',
        Host: database.instanceEndpoint.hostname,
        Database: DATABASE_NAME,
      },
    });
    user.node.addDependency(database, securityGroup);
    this.rotate('DatabaseLoginRotation', login, users.function).node.addDependency(user);
    const description = `A password was not rotated: read the log of ${users.function.functionName}`;
    this.alarm('UsersErrors', { metric: users.function.metricErrors({ statistic: 'Sum' }), threshold: 0, description });
    this.deadLetterAlarm('UsersDeadLetters', users.deadLetters, description);
    this.measureAge(login, encryptionKey);
    return login;
  }

  private measureAge(login: secretsmanager.Secret, key: kms.Key): void {
    const age = this.handler('UsersAge', {
      code: 'blocks/measure-age.lambda',
      description: 'Measures the age of the password of the database user',
      timeout: Duration.seconds(60),
      key,
      statements: [allow(['secretsmanager:ListSecretVersionIds'], login.secretArn)],
    });
    const event = events.RuleTargetInput.fromObject({ dimension: 'FunctionName', secretArns: [login.secretArn] });
    new events.Rule(this, 'UsersAgeRule', {
      description: 'Measures the age of the password every day and after each deployment',
      schedule: events.Schedule.rate(Duration.days(1)),
      eventPattern: this.afterDeployment(),
      targets: [new eventTargets.LambdaFunction(age.function, { event })],
    });
    const description = `The password is too old: read the log of ${age.function.functionName}`;
    const metric = age.function.metricErrors({ statistic: 'Sum' });
    this.alarm('UsersAgeErrors', { metric, threshold: 0, description });
    this.deadLetterAlarm('UsersAgeDeadLetters', age.deadLetters, description);
    this.alarm('UsersRotationOverdue', {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(age, 39)',
        usingMetrics: {
          age: new cloudwatch.Metric({
            namespace: 'CdkHipaa/Secrets',
            metricName: 'AgeInDays',
            dimensionsMap: { FunctionName: age.function.functionName },
            statistic: 'Maximum',
            period: Duration.days(1),
          }),
        },
        period: Duration.days(1),
      }),
      threshold: 38,
      periods: 2,
      missing: cloudwatch.TreatMissingData.BREACHING,
      description,
    });
  }

  private afterDeployment(): events.EventPattern {
    return {
      source: ['aws.cloudformation'],
      detailType: ['CloudFormation Stack Status Change'],
      detail: {
        'stack-id': [this.stackId],
        'status-details': {
          status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'],
        },
      },
    };
  }

  private monitoringRole(): RoleAndPolicy {
    const service = new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.account },
        StringLike: { 'aws:SourceArn': [this.arn('rds', 'db', DATABASE_NAME)] },
      },
    });
    return this.role('MonitoringRole', 'Enhanced monitoring of the database', service, [
      allow(
        [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:DescribeLogStreams',
          'logs:GetLogEvents',
          'logs:PutLogEvents',
          'logs:PutRetentionPolicy',
        ],
        this.arn('logs', 'log-group', 'RDSOSMetrics'),
        this.arn('logs', 'log-group', 'RDSOSMetrics:*'),
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
      backupPlanRules: [
        new backup.BackupPlanRule({
          ruleName: 'daily',
          scheduleExpression: events.Schedule.cron({ minute: '0', hour: '6' }),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(24),
          deleteAfter: Duration.days(35),
          enableContinuousBackup: false,
        }),
      ],
    });
    const jobs = (result: string, period: Duration) => new cloudwatch.Metric({
      namespace: 'AWS/Backup',
      metricName: `NumberOfBackupJobs${result}`,
      dimensionsMap: { BackupVaultName: backupVault.backupVaultName },
      statistic: 'Sum',
      period,
    });
    for (const result of ['Failed', 'Aborted', 'Expired']) {
      this.alarm(`Backup${result}`, {
        metric: jobs(result, Duration.hours(1)),
        threshold: 0,
        description: 'A backup did not complete: read the message of the job',
      });
    }
    this.alarm('BackupMissing', {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(completed, 0)',
        usingMetrics: { completed: jobs('Completed', Duration.days(1)) },
        period: Duration.days(1),
      }),
      threshold: 1,
      description: 'The vault has received no backup for days: check the plan and its selection',
    });
    const snapshots = this.arn('rds', 'snapshot', 'awsbackup:*');
    const { role, policy } = this.role(
      'BackupRole',
      'Takes snapshots of the database',
      new iam.ServicePrincipal('backup.amazonaws.com'),
      [
        allow(
          [
            'rds:AddTagsToResource',
            'rds:CreateDBSnapshot',
            'rds:DescribeDBInstances',
            'rds:DescribeDBSnapshots',
            'rds:ListTagsForResource',
          ],
          database.instanceArn,
          snapshots,
        ),
        allow(['rds:DeleteDBSnapshot', 'rds:ModifyDBSnapshotAttribute'], snapshots),
        allow(['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], backupVault.backupVaultArn),
        allow(['kms:DescribeKey'], encryptionKey.keyArn),
        new iam.PolicyStatement({
          actions: ['kms:CreateGrant'],
          resources: [encryptionKey.keyArn],
          conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
        }),
        allow(['tag:GetResources'], '*'),
      ],
    );
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
    this.alarm('DatabaseCpu', {
      metric: cpu,
      threshold: 80,
      periods: 3,
      missing: BREACHING,
      description: 'The database is busy: look in Database Insights for the statement',
    });
    this.alarm('DatabaseMemory', {
      metric: memory,
      threshold: 256 * 1024 ** 2,
      below: true,
      periods: 3,
      missing: MISSING,
      description: 'The database lacks memory: look for many connections',
    });
    this.alarm('DatabaseStorage', {
      metric: storage,
      threshold: 2 * 1024 ** 3,
      below: true,
      periods: 6,
      missing: MISSING,
      description: 'The storage is nearly full: raise its limit',
    });
    this.alarm('DatabaseReads', {
      metric: reads,
      threshold: 0.1,
      periods: 3,
      description: 'Reads are slow: look for statements that scan whole tables',
    });
    this.alarm('DatabaseWrites', {
      metric: writes,
      threshold: 0.1,
      periods: 3,
      description: 'Writes are slow: compare IOPS with the limit of the volume',
    });
    this.alarm('DatabaseConnections', {
      metric: connections,
      threshold: 238,
      periods: 3,
      description: 'Connections run out: look which service holds them',
    });

    this.heading('Database');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({ title: 'CPU (%) and free memory (bytes)', width: 12, left: [cpu], right: [memory] }),
      new cloudwatch.GraphWidget({ title: 'Connections', width: 12, left: [connections] }),
      new cloudwatch.GraphWidget({ title: 'Free storage (bytes)', width: 12, left: [storage] }),
      new cloudwatch.GraphWidget({ title: 'Latency of reads and writes (seconds)', width: 12, left: [reads, writes] }),
    );
  }

  // --- secrets

  /** A secret that is retained, and whose policy denies its deletion and unencrypted requests. */
  private secret(id: string, props: secretsmanager.SecretProps): secretsmanager.Secret {
    const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const secret = new secretsmanager.Secret(this, id, { ...props, removalPolicy });
    const deny = (action: string, conditions?: Record<string, unknown>) =>
      secret.addToResourcePolicy(
        new iam.PolicyStatement({
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: [action],
          resources: ['*'],
          conditions,
        }),
      );
    deny('secretsmanager:*', { Bool: { 'aws:SecureTransport': 'false' } });
    deny('secretsmanager:DeleteSecret');
    const secretPolicy = secret.node.findChild('Policy').node.defaultChild as secretsmanager.CfnResourcePolicy;
    secretPolicy.blockPublicPolicy = true;
    secretPolicy.applyRemovalPolicy(removalPolicy);
    return secret;
  }

  private allowRotation(handler: lambda.Function): void {
    handler.addPermission('SecretsManager', {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: this.account,
    });
  }

  private rotate(
    id: string, secret: secretsmanager.Secret, handler: lambda.Function,
  ): secretsmanager.CfnRotationSchedule {
    const schedule = new secretsmanager.CfnRotationSchedule(this, id, {
      secretId: secret.secretArn,
      rotationLambdaArn: handler.functionArn,
      rotationRules: { scheduleExpression: ROTATION, duration: '1h' },
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(handler.permissionsNode.findChild('SecretsManager'));
    return schedule;
  }

  private signingSecret(): secretsmanager.Secret {
    const encryptionKey = this.keyForLogs('SecretKey', 'Signing secret and its rotation');
    const secret = this.secret('JwtSecret', {
      description: 'Signs the tokens of the API',
      encryptionKey,
      generateSecretString: {
        passwordLength: 88,
        excludePunctuation: true,
        includeSpace: false,
        requireEachIncludedType: true,
      },
    });
    const rotation = this.handler('Rotation', {
      code: 'secrets/rotator/rotate-secret.lambda',
      description: 'Rotates the signing secret',
      timeout: Duration.minutes(1),
      key: encryptionKey,
      environment: {
        ROTATED: this.toJsonString([{ shape: { kind: 'signingKey', bytes: 66 }, secretArns: [secret.secretArn] }]),
      },
      statements: [
        allow(ROTATION_ACTIONS, secret.secretArn),
      ],
    });
    this.allowRotation(rotation.function);
    this.rotate('JwtSecretRotation', secret, rotation.function);

    const errors = rotation.function.metricErrors({ statistic: 'Sum' });
    this.alarm('RotationErrors', {
      metric: errors,
      threshold: 0,
      description: `A rotation failed: read the log of ${rotation.function.functionName}`,
    });
    this.deadLetterAlarm(
      'RotationDeadLetters',
      rotation.deadLetters,
      `Secrets Manager stopped a rotation: read the log of ${rotation.function.functionName}`,
    );
    this.heading('Secrets');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Rotation steps',
        left: [rotation.function.metricInvocations({ statistic: 'Sum' }), errors],
      }),
    );
    return secret;
  }

  // --- the load balancer with its certificate, firewall and DNS record

  private entrance(vpc: ec2.Vpc): elbv2.ApplicationListener {
    const { domainName, hostedZoneId, zoneName } = this.props;
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName });
    const certificate = new acm.Certificate(this, 'Certificate', {
      domainName,
      validation: acm.CertificateValidation.fromDns(zone),
    });
    const securityGroup = new ec2.SecurityGroup(this, 'EntranceSecurityGroup', {
      vpc,
      description: 'Load balancer',
      allowAllOutbound: false,
    });
    // Other resources define the outbound rules. Without this rule, EC2 allows all outbound traffic of a new group.
    (securityGroup.node.defaultChild as ec2.CfnSecurityGroup).securityGroupEgress = [
      { ipProtocol: '-1', cidrIp: '127.0.0.1/32', description: 'Nowhere' },
    ];
    for (const port of [443, 80]) {
      new ec2.CfnSecurityGroupIngress(this, `FromInternetTo${port}`, {
        groupId: securityGroup.securityGroupId,
        description: 'From the internet',
        ipProtocol: 'tcp',
        cidrIp: '0.0.0.0/0',
        fromPort: port,
        toPort: port,
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
    for (const feature of [
      'waf.fail_open',
      'routing.http.xff_client_port',
      'routing.http.x_amzn_tls_version_and_cipher_suite',
    ]) {
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
    listener.setAttribute(
      'routing.http.response.strict_transport_security.header_value', 'max-age=31536000; includeSubDomains',
    );
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
    return listener;
  }

  /** Sets the attributes directly: `logAccessLogs` requires a region. Load balancers deliver logs only with SSE-S3. */
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
          transitions: [
            { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
          expiration: SIX_YEARS,
          noncurrentVersionExpiration: Duration.days(90),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
        { id: 'DeleteMarkers', expiredObjectDeleteMarker: true },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    bucket.policy!.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // `eventBridgeEnabled` would add a function of aws-cdk-lib.
    (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    const prefixes = { access_logs: 'access-logs', connection_logs: 'connection-logs' };
    for (const [attribute, prefix] of Object.entries(prefixes)) {
      loadBalancer.setAttribute(`${attribute}.s3.enabled`, 'true');
      loadBalancer.setAttribute(`${attribute}.s3.bucket`, bucket.bucketName);
      loadBalancer.setAttribute(`${attribute}.s3.prefix`, prefix);
    }
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: Object.values(prefixes).map((prefix) => bucket.arnForObjects(`${prefix}/AWSLogs/${this.account}/*`)),
      }),
    );
    loadBalancer.node.defaultChild!.node.addDependency(bucket.policy!);
  }

  private firewall(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    const visibility = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
      metricName,
    });
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
    new wafv2.CfnWebACLAssociation(this, 'FirewallAssociation', {
      resourceArn: loadBalancer.loadBalancerArn,
      webAclArn: webAcl.attrArn,
    });

    const logGroupName = 'aws-waf-logs-mentalhealthaide';
    const logGroup = new logs.LogGroup(this, 'FirewallLog', {
      logGroupName,
      encryptionKey: this.keyForLogs('FirewallKey', 'Log of the firewall'),
      retention: logs.RetentionDays.SIX_YEARS,
      deletionProtectionEnabled: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    (logGroup.node.defaultChild as logs.CfnLogGroup).resourcePolicyDocument = new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [this.arn('logs', 'log-group', `${logGroupName}:log-stream:*`)],
          conditions: {
            StringEquals: { 'aws:SourceAccount': this.account },
            ArnLike: {
              'aws:SourceArn': this.formatArn({
                service: 'logs',
                resource: '*',
                arnFormat: ArnFormat.NO_RESOURCE_NAME,
              }),
            },
          },
        }),
      ],
    });
    new wafv2.CfnLoggingConfiguration(this, 'FirewallLogging', {
      resourceArn: webAcl.attrArn,
      // `logGroupArn` ends in `:*`, which WAF rejects.
      logDestinationConfigs: [this.arn('logs', 'log-group', logGroup.logGroupName)],
      redactedFields: ['authorization', 'cookie'].map((Name) => ({ singleHeader: { Name } })),
    });

    const metric = (metricName: string) =>
      new cloudwatch.Metric({
        namespace: 'AWS/WAFV2',
        metricName,
        statistic: 'Sum',
        dimensionsMap: { WebACL: FIREWALL_METRIC, Rule: 'ALL', Region: this.region },
      });
    const blocked = metric('BlockedRequests');
    this.alarm('FirewallBlocks', {
      metric: blocked,
      threshold: 1000,
      description: 'Many requests are blocked: look in the log for rule and addresses',
    });
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Requests at the firewall',
        left: [metric('AllowedRequests')],
        right: [blocked, metric('CountedRequests')],
      }),
    );
  }

  private watchEntrance({ metrics }: elbv2.ApplicationLoadBalancer, certificate: acm.Certificate): void {
    const errors = metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { label: 'by the load balancer' });
    const time = metrics.targetResponseTime();
    const rejected = metrics.rejectedConnectionCount();
    this.alarm('EntranceErrors', {
      metric: errors,
      threshold: 10,
      description: 'The load balancer answers 5XX: look at the health of the targets',
    });
    this.alarm('EntranceSlow', {
      metric: time,
      threshold: 1,
      periods: 3,
      description: 'Answers are slow: look at the number of tasks, then at the database',
    });
    this.alarm('EntranceFull', {
      metric: rejected,
      threshold: 0,
      description: 'Connections are rejected: look at the firewall for an attack',
    });
    this.alarm('CertificateEnds', {
      metric: certificate.metricDaysToExpiry(),
      threshold: 30,
      below: true,
      missing: MISSING,
      description: 'The certificate was not renewed: look for its CNAME record',
    });

    this.heading('Load balancer');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Requests',
        left: [metrics.requestCount({ label: 'requests' })],
        right: [errors, metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { label: 'by targets' })],
      }),
      new cloudwatch.GraphWidget({
        title: 'Response time and connections',
        left: [time],
        right: [metrics.activeConnectionCount(), rejected],
      }),
    );
  }

  // --- the API

  private api(
    vpc: ec2.Vpc,
    { database, login }: DatabaseAndLogin,
    jwtSecret: secretsmanager.Secret,
    listener: elbv2.ApplicationListener,
  ): void {
    const key = this.keyForLogs('ApiKey', 'Log of the API');
    const logGroup = new logs.LogGroup(this, 'ApiLog', {
      encryptionKey: key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const taskDefinition = this.task({ database, login }, jwtSecret, logGroup);
    const securityGroup = new ec2.SecurityGroup(this, 'ApiSecurityGroup', {
      vpc,
      description: 'Tasks of the API',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS to AWS services and partners');
    securityGroup.connections.allowToDefaultPort(database);

    const service = new ecs.FargateService(this, 'Api', {
      cluster: new ecs.Cluster(this, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED }),
      taskDefinition,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      assignPublicIp: false,
      platformVersion: ecs.FargatePlatformVersion.LATEST,
      circuitBreaker: { enable: true, rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
      healthCheckGracePeriod: Duration.minutes(1),
    });
    const targetGroup = new elbv2.ApplicationTargetGroup(this, 'ApiTargets', {
      vpc,
      targets: [service],
      // ECS registers each task with its own port. A changed port replaces the target group.
      port: 80,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      protocolVersion: elbv2.ApplicationProtocolVersion.HTTP1,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200-299',
        protocol: elbv2.Protocol.HTTPS,
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    listener.addAction('Api', {
      priority: 50_000,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
      action: elbv2.ListenerAction.forward([targetGroup]),
    });
    // The deployment fails if a task starts before it has permission to read its secrets.
    service.node.addDependency(
      this.node.findChild('ExecutionRolePolicy'), this.node.findChild('RegistryLogin'),
      this.node.findChild('DatabaseUser'),
    );

    const scaling = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 4 });
    const cooldown = {
      scaleInCooldown: Duration.minutes(5),
      scaleOutCooldown: Duration.minutes(1),
      disableScaleIn: false,
    };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 70, ...cooldown });
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 80, ...cooldown });

    this.watchApi(service, targetGroup, logGroup);
    this.tellFailedDeployments(service);
    this.rollAfterRotation(service, [login, jwtSecret], key);
  }

  private task(
    { database, login }: DatabaseAndLogin,
    jwtSecret: secretsmanager.Secret,
    logGroup: logs.LogGroup,
  ): ecs.FargateTaskDefinition {
    const image = new ecrAssets.DockerImageAsset(this, 'ApiImage', { directory: this.props.imageFolder });
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'ApiTask', {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: {
        cpuArchitecture: ecs.CpuArchitecture.X86_64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
      taskRole: this.taskRole(),
      executionRole: this.executionRole(image, logGroup, login, jwtSecret),
    });
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: false });
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    linuxParameters.addTmpfs({
      containerPath: '/tmp',
      size: 64,
      mountOptions: [
        ecs.TmpfsMountOption.RW,
        ecs.TmpfsMountOption.NOSUID,
        ecs.TmpfsMountOption.NODEV,
        ecs.TmpfsMountOption.NOEXEC,
      ],
    });
    taskDefinition.addContainer('app', {
      image: ecs.ContainerImage.fromDockerImageAsset(image),
      user: '1000:1000',
      privileged: false,
      readonlyRootFilesystem: true,
      memoryLimitMiB: 1024,
      portMappings: [{ containerPort: APP_PORT, protocol: ecs.Protocol.TCP }],
      environment: {
        MYSQL_HOST: database.instanceEndpoint.hostname,
        MYSQL_TCP_PORT: '3306',
        MYSQL_DATABASE: DATABASE_NAME,
        MYSQL_SSL_CA: CERTIFICATE_BUNDLE,
      },
      secrets: {
        JWT_SECRET: ecs.Secret.fromSecretsManager(jwtSecret),
        MYSQL_USER: ecs.Secret.fromSecretsManager(login, 'username'),
        MYSQL_PWD: ecs.Secret.fromSecretsManager(login, 'password'),
      },
      linuxParameters,
      logging: ecs.LogDrivers.awsLogs({
        logGroup,
        streamPrefix: 'service',
        mode: ecs.AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(25),
      }),
    });
    return taskDefinition;
  }

  private taskRole(): iam.Role {
    const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.account },
        ArnLike: {
          'aws:SourceArn': this.formatArn({ service: 'ecs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }),
        },
      },
    });
    return new iam.Role(this, 'TaskRole', { assumedBy, description: 'Permissions of the program' });
  }

  private executionRole(
    image: ecrAssets.DockerImageAsset,
    logGroup: logs.LogGroup,
    login: secretsmanager.Secret,
    jwtSecret: secretsmanager.Secret,
  ): iam.IRole {
    const mayDecrypt = (secret: secretsmanager.ISecret, key: kms.IKey) =>
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringLike: { 'kms:EncryptionContext:SecretARN': [secret.secretArn] } },
      });
    const { role } = this.role(
      'ExecutionRole',
      'Starts the tasks',
      new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      [
        allow(
          ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          image.repository.repositoryArn,
        ),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
        allow(
          ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          login.secretArn,
          jwtSecret.secretArn,
        ),
        mayDecrypt(jwtSecret, jwtSecret.encryptionKey!),
        mayDecrypt(login, login.encryptionKey!),
      ],
    );
    new iam.ManagedPolicy(this, 'RegistryLogin', {
      roles: [role],
      description: 'Logs in to the registry of the account',
      statements: [allow(['ecr:GetAuthorizationToken'], '*')],
    });
    return role.withoutPolicyUpdates();
  }

  private tellFailedDeployments(service: ecs.FargateService): void {
    const message = `A deployment of ${events.EventField.fromPath('$.resources[0]')} failed: `
      + `${events.EventField.fromPath('$.detail.reason')}`;
    this.tell('FailedDeployments', 'Failed deployments of the API', message, {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      resources: [service.serviceArn],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    });
  }

  private watchApi(
    service: ecs.FargateService,
    targetGroup: elbv2.ApplicationTargetGroup,
    logGroup: logs.LogGroup,
  ): void {
    const cpu = service.metricCpuUtilization({ label: 'CPU' });
    const memory = service.metricMemoryUtilization({ label: 'memory' });
    // Every running task reports its CPU once a minute.
    const tasks = service.metricCpuUtilization({
      period: Duration.minutes(1),
      statistic: 'SampleCount',
      label: 'running tasks',
    });
    const unhealthy = targetGroup.metrics.unhealthyHostCount({
      period: Duration.minutes(1),
      statistic: 'Maximum',
      label: 'unhealthy',
    });
    // Each zone reports separately. The maximum is below one if no zone has a healthy task.
    const healthy = targetGroup.metrics.healthyHostCount({
      period: Duration.minutes(1),
      statistic: 'Maximum',
      label: 'healthy',
    });
    const errors = targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { label: '5XX' });
    this.alarm('ApiCpu', {
      metric: cpu,
      threshold: 90,
      periods: 3,
      description: 'The tasks are busy: raise their greatest number',
    });
    this.alarm('ApiMemory', {
      metric: memory,
      threshold: 90,
      periods: 3,
      description: 'The tasks lack memory: look for memory that only grows',
    });
    this.alarm('ApiStopped', {
      metric: tasks,
      threshold: 1,
      below: true,
      periods: 3,
      missing: BREACHING,
      description: 'No task runs: read the events of the service',
    });
    this.alarm('ApiUnhealthy', {
      metric: unhealthy,
      threshold: 0,
      periods: 5,
      description: 'Tasks fail their health check: read the log',
    });
    this.alarm('ApiDown', {
      metric: healthy,
      threshold: 1,
      below: true,
      periods: 3,
      missing: BREACHING,
      description: 'No task is healthy: read the reason codes',
    });
    this.alarm('ApiErrors', { metric: errors, threshold: 10, description: 'The API answers 5XX: read the log' });

    this.heading('Service');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({ title: 'CPU and memory (%)', left: [cpu, memory], leftYAxis: { min: 0, max: 100 } }),
      new cloudwatch.GraphWidget({ title: 'Tasks', left: [tasks, healthy], leftYAxis: { min: 0 } }),
      new cloudwatch.GraphWidget({
        title: 'Requests and errors',
        left: [targetGroup.metrics.requestCount()],
        right: [errors],
      }),
      new cloudwatch.LogQueryWidget({
        title: 'Recent log lines',
        logGroupNames: [logGroup.logGroupName],
        queryLines: ['fields @timestamp, @message', 'sort @timestamp desc', 'limit 50'],
        width: 24,
        height: 8,
      }),
    );
  }

  /** Replaces the tasks after a rotation, because ECS reads secrets only when a task starts. */
  private rollAfterRotation(service: ecs.FargateService, secrets: secretsmanager.ISecret[], key: kms.Key): void {
    const arns = secrets.map((secret) => secret.secretArn);
    const encrypted = { fifo: true, encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
    const failed = new sqs.Queue(this, 'FailedRolls', {
      ...encrypted,
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
    const requests = new sqs.Queue(this, 'Rolls', {
      ...encrypted,
      contentBasedDeduplication: true,
      deliveryDelay: Duration.seconds(30),
      visibilityTimeout: Duration.minutes(6),
      deadLetterQueue: { queue: failed, maxReceiveCount: 3 },
    });
    const roller = this.handler('Roller', {
      code: 'service/roller/roll-service.lambda',
      description: 'Rolls the service after a rotation',
      timeout: Duration.minutes(1),
      key,
      statements: [
        allow(['ecs:DescribeServices', 'ecs:ListServiceDeployments', 'ecs:UpdateService'], service.serviceArn),
        allow(['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'], ...arns),
        allow(
          [
            'sqs:ReceiveMessage',
            'sqs:ChangeMessageVisibility',
            'sqs:GetQueueUrl',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
          ],
          requests.queueArn,
        ),
      ],
    });
    roller.function.addEventSource(
      new sources.SqsEventSource(requests, { batchSize: 10, reportBatchItemFailures: true }));

    const message = events.RuleTargetInput.fromObject({
      cluster: service.cluster.clusterArn,
      service: service.serviceArn,
      breaking: [arns[1]],
      overlapping: [arns[0]],
      window: 'sun:05:00-sun:07:00',
      event: events.EventField.eventId,
    });
    const targets = [new eventTargets.SqsQueue(requests, { messageGroupId: 'roll', message })];
    const source = ['aws.secretsmanager'];
    const rules = [
      new events.Rule(this, 'NewValue', {
        description: 'A secret has a new value',
        eventPattern: {
          source,
          detailType: ['Secret Label Updated'],
          resources: arns,
          detail: { labelUpdated: ['AWSCURRENT'] },
        },
        targets,
      }),
      new events.Rule(this, 'Rotated', {
        description: 'A secret was rotated, or perhaps an event was lost',
        eventPattern: {
          source,
          detailType: ['AWS Service Event via CloudTrail'],
          detail: {
            eventSource: ['secretsmanager.amazonaws.com'],
            eventName: ['RotationSucceeded'],
            additionalEventData: { SecretId: arns },
          },
        },
        schedule: events.Schedule.rate(Duration.minutes(15)),
        targets,
      }),
    ];
    this.alarm('RollFailed', {
      metric: new cloudwatch.Metric({
        namespace: 'CdkHipaa/Services',
        metricName: 'RollFailed',
        dimensionsMap: { Service: service.serviceArn },
        statistic: 'Maximum',
        period: Duration.minutes(15),
      }),
      threshold: 0,
      missing: IGNORE,
      description: 'The tasks have an old secret: read the events of the service, then force a new deployment',
    });
    this.deadLetterAlarm(
      'RollGivenUp',
      failed,
      `The service was not rolled: read the log of ${roller.function.functionName}`,
    );
    this.alarm('RollOverdue', {
      metric: requests.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' }),
      threshold: 3600,
      description: 'Nothing reads the requests: check the trigger of the function',
    });
    const notRequested = new cloudwatch.MathExpression({
      expression: 'SUM(METRICS())',
      usingMetrics: Object.fromEntries(
        rules.map(({ ruleName }, index) => [
          `m${index}`,
          new cloudwatch.Metric({
            namespace: 'AWS/Events',
            metricName: 'FailedInvocations',
            dimensionsMap: { RuleName: ruleName },
            statistic: 'Sum',
          }),
        ]),
      ),
    });
    this.alarm('RollNotRequested', {
      metric: notRequested,
      threshold: 0,
      description: 'EventBridge cannot write to the queue: look at the policy of its key',
    });
  }

  // --- vulnerability scans, which CloudFormation has no resource type for

  private inspector(): void {
    const services = {
      'inspector2.amazonaws.com': 'AWSServiceRoleForAmazonInspector2',
      'agentless.inspector2.amazonaws.com': 'AWSServiceRoleForAmazonInspector2Agentless',
    };
    const key = this.keyForLogs('InspectorKey', 'Inspector: log, environment, dead letters');
    const inspector = this.handler('Inspector', {
      code: 'guardrails/inspector/enable-inspector.lambda',
      description: 'Enables Amazon Inspector',
      timeout: Duration.minutes(10),
      key,
      statements: [
        allow(
          [
            'inspector2:BatchGetAccountStatus',
            'inspector2:Disable',
            'inspector2:Enable',
            'inspector2:GetDelegatedAdminAccount',
          ],
          '*',
        ),
        new iam.PolicyStatement({
          actions: ['iam:CreateServiceLinkedRole'],
          resources: Object.entries(services).map(
            ([service, role]) => `arn:${Aws.PARTITION}:iam::${this.account}:role/aws-service-role/${service}/${role}`,
          ),
          conditions: { StringEquals: { 'iam:AWSServiceName': Object.keys(services) } },
        }),
      ],
    });
    const scans = SCANS.map(
      (type) =>
        new CustomResource(this, `Scan${type}`, {
          resourceType: 'Custom::InspectorScan',
          serviceToken: inspector.function.functionArn,
          serviceTimeout: Duration.minutes(33),
          properties: scanProperties(type),
        }),
    );
    scans.slice(1).forEach((scan, index) => scan.node.addDependency(scans[index]));

    this.deadLetterAlarm(
      'InspectorDeadLetters',
      inspector.deadLetters,
      'Inspector was not enabled: read the message and the log',
    );
    this.tellFindings();
    this.heading('Inspector');
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Calls and errors',
        left: [
          inspector.function.metricInvocations({ statistic: 'Sum' }),
          inspector.function.metricErrors({ statistic: 'Sum' }),
        ],
      }),
    );
    this.checkInspector(scans, key);
  }

  /** Nothing else reports that a scan was switched off, because a custom resource runs only when a property changes. */
  private checkInspector(scans: CustomResource[], key: kms.Key): void {
    const { function: check, deadLetters } = this.handler('DriftCheck', {
      code: 'guardrails/drift/check-guardrails.lambda',
      description: 'Compares the scans with their required state',
      timeout: Duration.minutes(5),
      memorySize: 512,
      key,
      statements: [allow(['inspector2:BatchGetAccountStatus'], '*')],
    });
    const switches = SCANS.map((type, index) => ({
      Handler: 'inspector', PhysicalId: scans[index].ref, Properties: scanProperties(type),
    }));
    const event = events.RuleTargetInput.fromObject({ StackId: this.stackId, Switches: switches });
    const rule = new events.Rule(this, 'DriftCheckRule', {
      description: 'Compares the scans with their required state',
      schedule: events.Schedule.rate(Duration.days(1)),
      eventPattern: this.afterDeployment(),
      targets: [new eventTargets.LambdaFunction(check, { event })],
    });
    const differences = new cloudwatch.Metric({
      namespace: 'CdkHipaa/Guardrails',
      metricName: 'Differences',
      dimensionsMap: { Guardrail: 'INSPECTOR' },
      statistic: 'Maximum',
      period: Duration.hours(1),
    });
    this.alarm('InspectorDrift', {
      metric: differences,
      threshold: 0,
      missing: IGNORE,
      description: 'A scan was switched off: read the log of the check',
    });
    this.deadLetterAlarm('DriftCheckFailed', deadLetters, 'The check failed: read its log');
    const period = Duration.days(1);
    this.alarm('DriftCheckSilent', {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(checks, 0)', usingMetrics: { checks: check.metricInvocations({ period }) }, period,
      }),
      threshold: 1,
      below: true,
      periods: 2,
      missing: cloudwatch.TreatMissingData.BREACHING,
      description: `The check did not run: enable the rule ${rule.ruleName}`,
    });
    this.dashboard.addWidgets(
      new cloudwatch.GraphWidget({ title: 'Differences', left: [differences] }),
      new cloudwatch.GraphWidget({
        title: 'Calls and errors of the check', left: [check.metricInvocations(), check.metricErrors()],
      }),
    );
  }

  private tellFindings(): void {
    const field = events.EventField.fromPath;
    const message = `Inspector found ${field('$.detail.type')}, severity ${field('$.detail.severity')}, in account `
      + `${events.EventField.account}: ${field('$.detail.findingArn')}`;
    this.tell('Findings', 'Inspector findings of high severity', message, {
      source: ['aws.inspector2'],
      detailType: ['Inspector2 Finding'],
      detail: { severity: ['CRITICAL', 'HIGH'], status: ['ACTIVE'] },
    });
  }

  private tell(id: string, description: string, message: string, eventPattern: events.EventPattern): void {
    const rule = new events.Rule(this, id, { description, eventPattern });
    rule.addTarget({ bind: () => ({ arn: this.topic.topicArn, input: events.RuleTargetInput.fromText(message) }) });
    const metric = new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'FailedInvocations',
      dimensionsMap: { RuleName: rule.ruleName },
      statistic: 'Sum',
    });
    this.alarm(`${id}Undelivered`, {
      metric,
      threshold: 0,
      description: 'A message could not be published: look at the policies of the topic and of its key',
    });
  }
}

function allow(actions: string[], ...resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}

function scanProperties(type: string): { [property: string]: string } {
  return { ScanType: type, Mode: 'create', WhereOffered: String(type === 'LAMBDA') };
}
