import { Duration, Size, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as integrations from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as batch from 'aws-cdk-lib/aws-batch';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as actions from 'aws-cdk-lib/aws-codepipeline-actions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as eks from 'aws-cdk-lib/aws-eks';
import * as eksNative from 'aws-cdk-lib/aws-eks-v2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import * as notifications from 'aws-cdk-lib/aws-s3-notifications';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { ORDINARY_TASKS } from './ordinary-tasks';

/** A function with inline code and tracing. */
const someFunction = (stack: Stack, id = 'Function') =>
  new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
    tracing: lambda.Tracing.ACTIVE,
  });
const someNetwork = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { flowLogs: { Log: {} } });

/** Stacks that people write with the L2 constructs of aws-cdk-lib. */
export const ORDINARY_STACKS: Record<string, (stack: Stack) => void> = {
  'a REST API with a function': (stack) => {
    const api = new apigateway.LambdaRestApi(stack, 'Api', {
      handler: someFunction(stack),
      cloudWatchRole: true,
      proxy: false,
    });
    const authorizer = new apigateway.RequestAuthorizer(stack, 'Authorizer', {
      handler: someFunction(stack, 'Judge'),
      identitySources: [apigateway.IdentitySource.header('Authorization')],
    });
    api.root.addResource('own').addMethod('GET', undefined, { authorizer });
  },
  'a table with a stream': (stack) => {
    const table = new dynamodb.Table(stack, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
    });
    const handler = someFunction(stack);
    table.grantReadWriteData(handler);
    handler.addEventSource(new sources.DynamoEventSource(table, { startingPosition: lambda.StartingPosition.LATEST }));
    new dynamodb.TableV2(stack, 'Global', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  },
  'a queue and a topic': (stack) => {
    const key = new kms.Key(stack, 'Key');
    const queue = new sqs.Queue(stack, 'Queue', { enforceSSL: true, encryptionMasterKey: key });
    const topic = new sns.Topic(stack, 'Topic', { enforceSSL: true, masterKey: key });
    topic.addSubscription(new subscriptions.SqsSubscription(queue));
    topic.grantPublish(new iam.ServicePrincipal('cloudwatch.amazonaws.com'));
    someFunction(stack).addEventSource(new sources.SqsEventSource(queue));
  },
  'a state machine': (stack) => {
    const vpc = someNetwork(stack);
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('app') });
    new stepfunctions.StateMachine(stack, 'Machine', {
      definitionBody: stepfunctions.DefinitionBody.fromChainable(
        new tasks.LambdaInvoke(stack, 'Invoke', { lambdaFunction: someFunction(stack) }).next(
          new tasks.EcsRunTask(stack, 'Run', {
            integrationPattern: stepfunctions.IntegrationPattern.RUN_JOB,
            cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
            taskDefinition,
            launchTarget: new tasks.EcsFargateLaunchTarget(),
          }),
        ),
      ),
      logs: { destination: new logs.LogGroup(stack, 'Logs'), level: stepfunctions.LogLevel.ALL },
      tracingEnabled: true,
    });
  },
  'a cluster of EKS': (stack) => {
    const layer = 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1';
    const kubectlLayer = lambda.LayerVersion.fromLayerVersionArn(stack, 'Layer', layer);
    const vpc = someNetwork(stack);
    new eks.Cluster(stack, 'Cluster', { version: eks.KubernetesVersion.V1_33, vpc, kubectlLayer })
      .addServiceAccount('Account');
    new eksNative.Cluster(stack, 'Native', { version: eksNative.KubernetesVersion.V1_33, vpc });
  },
  'a user pool with SMS': (stack) => {
    new cognito.UserPool(stack, 'Pool', {
      mfa: cognito.Mfa.REQUIRED,
      mfaSecondFactor: { sms: true, otp: true },
      lambdaTriggers: { preSignUp: someFunction(stack) },
    }).addDomain('Domain', { cognitoDomain: { domainPrefix: 'clinic' } });
  },
  'a site with a deployment': (stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true, encryption: s3.BucketEncryption.KMS });
    const distribution = new cloudfront.Distribution(stack, 'Distribution', {
      defaultBehavior: { origin: origins.S3BucketOrigin.withOriginAccessControl(bucket) },
    });
    new deployment.BucketDeployment(stack, 'Files', {
      sources: [deployment.Source.data('index.html', 'x')],
      destinationBucket: bucket,
      distribution,
      logGroup: new logs.LogGroup(stack, 'Logs'),
    });
  },
  'a service of ECS': (stack) => {
    // Without a log group, aws-cdk-lib allows the tasks to write to every log group. The owner can name one.
    const logConfiguration = { cloudWatchLogGroup: new logs.LogGroup(stack, 'Sessions') };
    const cluster = new ecs.Cluster(stack, 'Cluster', {
      vpc: someNetwork(stack),
      executeCommandConfiguration: { logConfiguration, logging: ecs.ExecuteCommandLogging.OVERRIDE },
    });
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('app', {
      image: ecs.ContainerImage.fromEcrRepository(new ecr.Repository(stack, 'Images')),
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'app' }),
      secrets: { KEY: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret')) },
    });
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition, enableExecuteCommand: true });
  },
  'a cluster of ECS on EC2': (stack) => {
    new ecs.Cluster(stack, 'Cluster', { vpc: someNetwork(stack) })
      .addCapacity('Capacity', { instanceType: new ec2.InstanceType('t3.micro') });
  },
  'a database with a rotated secret': (stack) => {
    new rds.DatabaseInstance(stack, 'Database', {
      vpc: someNetwork(stack),
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      monitoringInterval: Duration.minutes(1),
      cloudwatchLogsExports: ['postgresql'],
      cloudwatchLogsRetention: logs.RetentionDays.ONE_YEAR,
    }).addRotationSingleUser();
  },
  'a bucket with notifications': (stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket', { serverAccessLogsBucket: new s3.Bucket(stack, 'Logs') });
    bucket.addEventNotification(s3.EventType.OBJECT_CREATED, new notifications.LambdaDestination(someFunction(stack)));
    bucket.addEventNotification(
      s3.EventType.OBJECT_REMOVED, new notifications.SqsDestination(new sqs.Queue(stack, 'Queue')),
    );
  },
  'rules and a bus of EventBridge': (stack) => {
    const bus = new events.EventBus(stack, 'Bus');
    bus.grantPutEventsTo(someFunction(stack, 'Sender'));
    new events.Rule(stack, 'Rule', {
      eventBus: bus,
      eventPattern: { source: ['clinic'] },
      targets: [
        new targets.LambdaFunction(someFunction(stack), { deadLetterQueue: new sqs.Queue(stack, 'Failed') }),
        new targets.CloudWatchLogGroup(new logs.LogGroup(stack, 'Logs')),
      ],
    });
    cloudwatch.Metric.grantPutMetricData(someFunction(stack, 'Meter'));
  },
  'a file system, a stream and a bastion': (stack) => {
    const vpc = someNetwork(stack);
    const files = new efs.FileSystem(stack, 'Files', { vpc, encrypted: true });
    const accessPoint = files.addAccessPoint('Point', { path: '/x', posixUser: { uid: '1', gid: '1' } });
    new lambda.Function(stack, 'Mounted', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {};'),
      vpc,
      filesystem: lambda.FileSystem.fromEfsAccessPoint(accessPoint, '/mnt/x'),
    });
    new kinesis.Stream(stack, 'Stream').grantReadWrite(someFunction(stack));
    new ec2.BastionHostLinux(stack, 'Bastion', { vpc });
  },
  'a search domain': (stack) => {
    new opensearch.Domain(stack, 'Domain', {
      version: opensearch.EngineVersion.OPENSEARCH_2_19,
      logging: { slowSearchLogEnabled: true, appLogEnabled: true },
      accessPolicies: [new iam.PolicyStatement({
        actions: ['es:ESHttpGet'],
        principals: [someFunction(stack).grantPrincipal],
        resources: ['*'],
      })],
    });
  },
  'an HTTP API': (stack) => {
    const api = new apigatewayv2.HttpApi(stack, 'Api');
    api.addRoutes({
      path: '/own',
      integration: new integrations.HttpLambdaIntegration('Own', someFunction(stack)),
    });
  },
  'a GraphQL API': (stack) => {
    const api = new appsync.GraphqlApi(stack, 'Api', {
      name: 'clinic',
      definition: appsync.Definition.fromSchema(
        appsync.SchemaFile.fromAsset(require.resolve('./some-schema.graphql')),
      ),
      authorizationConfig: { defaultAuthorization: { authorizationType: appsync.AuthorizationType.IAM } },
      logConfig: { fieldLogLevel: appsync.FieldLogLevel.ERROR },
      xrayEnabled: true,
    });
    api.addLambdaDataSource('Own', someFunction(stack));
    api.addDynamoDbDataSource('Table', new dynamodb.Table(stack, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    }));
  },
  'jobs of Batch': (stack) => {
    const vpc = someNetwork(stack);
    new batch.JobQueue(stack, 'Queue', {
      computeEnvironments: [
        { computeEnvironment: new batch.FargateComputeEnvironment(stack, 'Fargate', { vpc }), order: 1 },
      ],
    });
    new batch.EcsJobDefinition(stack, 'Job', {
      container: new batch.EcsFargateContainerDefinition(stack, 'Container', {
        image: ecs.ContainerImage.fromRegistry('job'),
        cpu: 1,
        memory: Size.gibibytes(2),
        environment: { STAGE: 'prod' },
        secrets: { DB_PASSWORD: batch.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret')) },
      }),
    });
  },
  'a delivery stream': (stack) => {
    const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true });
    new firehose.DeliveryStream(stack, 'Stream', {
      destination: new firehose.S3Bucket(bucket),
    }).grantPutRecords(someFunction(stack));
  },
  'a pipeline with a build': (stack) => {
    const source = new codepipeline.Artifact();
    const project = new codebuild.PipelineProject(stack, 'Build', {
      environmentVariables: {
        STAGE: { value: 'prod' },
        NPM_TOKEN: { type: codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER, value: 'npm:token' },
      },
      buildSpec: codebuild.BuildSpec.fromObject({
        version: '0.2',
        env: { 'secrets-manager': { DB_PASSWORD: 'db:password' } },
        phases: { build: { commands: ['aws ecr get-login-password | docker login --password-stdin x', 'make'] } },
      }),
    });
    new codepipeline.Pipeline(stack, 'Pipeline', {
      stages: [
        {
          stageName: 'Source',
          actions: [new actions.CodeStarConnectionsSourceAction({
            actionName: 'GitHub',
            owner: 'clinic',
            repo: 'app',
            connectionArn: 'arn:aws:codestar-connections:us-east-1:111122223333:connection/c',
            output: source,
          })],
        },
        { stageName: 'Build', actions: [new actions.CodeBuildAction({ actionName: 'Build', project, input: source })] },
      ],
    });
  },
  'a pipe and a crawler': (stack) => {
    const source = new sqs.Queue(stack, 'Source');
    const target = new sqs.Queue(stack, 'Target');
    const role = new iam.Role(stack, 'PipeRole', { assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com') });
    source.grantConsumeMessages(role);
    target.grantSendMessages(role);
    new pipes.CfnPipe(stack, 'Pipe', { roleArn: role.roleArn, source: source.queueArn, target: target.queueArn });
    const crawls = new iam.Role(stack, 'CrawlerRole', {
      assumedBy: new iam.ServicePrincipal('glue.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSGlueServiceRole')],
    });
    new glue.CfnCrawler(stack, 'Crawler', { role: crawls.roleArn, targets: { s3Targets: [{ path: 's3://bucket' }] } });
    new glue.CfnJob(stack, 'Job', {
      role: crawls.roleArn,
      command: { name: 'glueetl', scriptLocation: 's3://bucket/job.py' },
      defaultArguments: { '--job-language': 'python', '--TempDir': 's3://bucket/temporary' },
    });
  },
  ...ORDINARY_TASKS,
};
