import { Duration, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as actions from 'aws-cdk-lib/aws-codepipeline-actions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as identity from 'aws-cdk-lib/aws-cognito-identitypool';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as schedulerTargets from 'aws-cdk-lib/aws-scheduler-targets';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';

const RUN_JOB = { integrationPattern: stepfunctions.IntegrationPattern.RUN_JOB };
const someNetwork = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { flowLogs: { Log: {} } });
const someProject = (stack: Stack) =>
  new codebuild.PipelineProject(stack, 'Build', { vpc: someNetwork(stack) });
const machine = (stack: Stack, ...steps: Array<stepfunctions.IChainable & stepfunctions.INextable>) =>
  new stepfunctions.StateMachine(stack, 'Machine', {
    definitionBody: stepfunctions.DefinitionBody.fromChainable(
      steps.slice(1).reduce((chain: stepfunctions.Chain, step) => chain.next(step),
        stepfunctions.Chain.start(steps[0])),
    ),
  });

function someTask(stack: Stack): ecs.FargateTaskDefinition {
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('app') });
  return taskDefinition;
}

/** Further ordinary stacks: tasks of state machines, actions of pipelines, and capacity of the app. */
export const ORDINARY_TASKS: Record<string, (stack: Stack) => void> = {
  'a build in a VPC': (stack) => void someProject(stack),
  'queries of Athena': (stack) => {
    machine(
      stack,
      new tasks.AthenaStartQueryExecution(stack, 'Start', {
        ...RUN_JOB,
        queryString: 'SELECT 1',
        workGroup: 'clinic',
        queryExecutionContext: { databaseName: 'clinic', catalogName: 'AwsDataCatalog' },
        resultConfiguration: { outputLocation: { bucketName: 'results', objectKey: 'clinic' } },
      }),
      new tasks.AthenaGetQueryExecution(stack, 'Get', { queryExecutionId: 'x' }),
      new tasks.AthenaGetQueryResults(stack, 'Results', { queryExecutionId: 'x' }),
      new tasks.AthenaStopQueryExecution(stack, 'Stop', { queryExecutionId: 'x' }),
    );
  },
  'a cluster of EMR': (stack) => {
    machine(
      stack,
      new tasks.EmrCreateCluster(stack, 'Create', { ...RUN_JOB, instances: {}, name: 'n' }),
      new tasks.EmrAddStep(stack, 'Add', { ...RUN_JOB, clusterId: 'j-1', name: 'n', jar: 's3://bucket/x.jar' }),
      new tasks.EmrTerminateCluster(stack, 'Terminate', { ...RUN_JOB, clusterId: 'j-1' }),
    );
  },
  'an endpoint of SageMaker': (stack) => {
    machine(stack, new tasks.SageMakerCreateEndpoint(stack, 'Endpoint', {
      endpointName: 'e', endpointConfigName: 'c',
    }));
  },
  'jobs of Glue and Batch, and a build, in a state machine': (stack) => {
    machine(
      stack,
      new tasks.GlueStartJobRun(stack, 'Glue', { ...RUN_JOB, glueJobName: 'job' }),
      new tasks.GlueStartCrawlerRun(stack, 'Crawl', { crawlerName: 'crawler' }),
      new tasks.BatchSubmitJob(stack, 'Batch', {
        ...RUN_JOB,
        jobName: 'job',
        jobDefinitionArn: 'arn:aws:batch:us-east-1:111122223333:job-definition/job:1',
        jobQueueArn: 'arn:aws:batch:us-east-1:111122223333:job-queue/queue',
      }),
      new tasks.CodeBuildStartBuild(stack, 'StartBuild', { ...RUN_JOB, project: someProject(stack) }),
    );
  },
  'a state machine that starts another one and puts events': (stack) => {
    const inner = new stepfunctions.StateMachine(stack, 'Inner', {
      definitionBody: stepfunctions.DefinitionBody.fromChainable(new stepfunctions.Pass(stack, 'Pass')),
    });
    machine(
      stack,
      new tasks.StepFunctionsStartExecution(stack, 'Execute', { ...RUN_JOB, stateMachine: inner }),
      new tasks.EventBridgePutEvents(stack, 'Put', {
        entries: [{ detail: stepfunctions.TaskInput.fromObject({}), detailType: 'x', source: 'x' }],
      }),
      new tasks.BedrockInvokeModel(stack, 'Model', {
        model: { modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/x' },
        body: stepfunctions.TaskInput.fromObject({}),
      }),
    );
  },
  'a pipeline that deploys to ECS': (stack) => {
    const source = new codepipeline.Artifact();
    const service = new ecs.FargateService(stack, 'Service', {
      cluster: new ecs.Cluster(stack, 'Cluster', { vpc: someNetwork(stack) }),
      taskDefinition: someTask(stack),
    });
    const bucket = new s3.Bucket(stack, 'Source', { versioned: true, enforceSSL: true });
    new codepipeline.Pipeline(stack, 'Pipeline', {
      stages: [
        {
          stageName: 'Source',
          actions: [new actions.S3SourceAction({ actionName: 'S3', bucket, bucketKey: 'x.zip', output: source })],
        },
        {
          stageName: 'Deploy',
          actions: [new actions.EcsDeployAction({ actionName: 'Ecs', service, input: source })],
        },
      ],
    });
  },
  'a cluster of ECS on instances with a launch template and a role of the app': (stack) => {
    const vpc = someNetwork(stack);
    const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', {
      instanceType: new ec2.InstanceType('t3.micro'),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      userData: ec2.UserData.forLinux(),
      securityGroup: new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false }),
      role: new iam.Role(stack, 'Nodes', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
    });
    const autoScalingGroup = new autoscaling.AutoScalingGroup(stack, 'Nodes2', { vpc, launchTemplate });
    new ecs.Cluster(stack, 'Cluster', { vpc })
      .addAsgCapacityProvider(new ecs.AsgCapacityProvider(stack, 'Provider', { autoScalingGroup }));
  },
  'scheduled tasks': (stack) => {
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: someNetwork(stack) });
    const taskDefinition = someTask(stack);
    new events.Rule(stack, 'Rule', {
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.EcsTask({ cluster, taskDefinition })],
    });
    new scheduler.Schedule(stack, 'Schedule', {
      schedule: scheduler.ScheduleExpression.rate(Duration.days(1)),
      target: new schedulerTargets.EcsRunFargateTask(cluster, { taskDefinition }),
    });
  },
  'a certificate and a record that replaces another one': (stack) => {
    const zone = new route53.PublicHostedZone(stack, 'Zone', { zoneName: 'clinic.example' });
    new acm.DnsValidatedCertificate(stack, 'Certificate', { domainName: 'clinic.example', hostedZone: zone });
    new route53.ARecord(stack, 'Record', {
      zone, target: route53.RecordTarget.fromIpAddresses('192.0.2.1'), deleteExisting: true,
    });
  },
  'an identity pool': (stack) => {
    new identity.IdentityPool(stack, 'Identities', {
      authenticationProviders: {
        userPools: [new identity.UserPoolAuthenticationProvider({ userPool: new cognito.UserPool(stack, 'Users') })],
      },
    });
  },
};
