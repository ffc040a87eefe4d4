import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import {
  Annotations, App, CfnCondition, CfnParameter, CfnResource, Fn, NestedStack, Stack, Validations,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as cloudformation from 'aws-cdk-lib/cloudformation-include';
import { ComplianceChecks } from '../../src';
import { acknowledge } from '../../src/core/acknowledge';
import { declareWatchable, declareWatched } from '../../src/core/monitored-mark';
import { relax } from '../../src/core/relaxation';
import { newApp } from '../support/app';
import { ORDINARY_TASKS } from '../support/ordinary-tasks';

const env = { account: '111122223333', region: 'us-east-1' };

// The report is JSON of any shape here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function reportOf(app: App): any {
  try {
    app.synth();
  } catch {
    // The report is written in either case.
  }
  return JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));
}

function appWith(mode: 'enforce' | 'report', fill: (stack: Stack) => void): App {
  const app = newApp();
  ComplianceChecks.of(app)[mode]();
  fill(new Stack(app, 'Stack', { env }));
  return app;
}

test('the report has every field of the schema', () => {
  const report = reportOf(appWith('report', (stack) => {
    relax(stack, { id: 'some-safeguard', what: 'a safeguard is off', reason: 'we accept it' });
    const topic = new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    Validations.of(topic).acknowledge({ id: 'cdk-hipaa::TopicWithoutCustomerKey', reason: 'holds build numbers' });
    declareWatchable(topic);
    const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue' });
    declareWatchable(queue);
    declareWatched(queue);
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-12345678',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-priv1', 'subnet-priv2'],
      isolatedSubnetIds: ['subnet-iso1', 'subnet-iso2'],
    });
    for (const checked of ['default-security-group', 'endpoints']) {
      Annotations.of(vpc).acknowledgeWarning(`cdk-hipaa:imported-vpc-${checked}`, 'checked on 2026-06-01');
    }
  }));
  const versionOf = (name: string) =>
    JSON.parse(fs.readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
  expect(report).toEqual({
    schemaVersion: '2.3',
    mode: 'report',
    versions: {
      'cdk-hipaa': '0.0.0',
      'aws-cdk-lib': versionOf('aws-cdk-lib'),
      'cdk-nag': versionOf('cdk-nag'),
      'node': process.version,
    },
    checks: ['HIPAA.Security', 'cdk-hipaa'],
    stacks: [{ path: 'Stack', name: 'Stack', ...env, template: 'Stack.template.json', mode: 'report' }],
    counts: {
      findings: 1, baseline: 0, stale: 0, acknowledged: 1, relaxed: 1, notWatched: 1, importedVpcs: 1, notJudged: 0,
    },
    findings: [{
      check: 'cdk-hipaa',
      id: 'cdk-hipaa::QueueWithoutCustomerKey',
      path: 'Stack/Queue',
      severity: 'warning',
      description: expect.stringContaining('A queue is not encrypted'),
      fix: 'Set KmsMasterKeyId to a customer managed key.',
      paragraphs: ['45 CFR 164.312(a)(2)(iv)'],
      logicalId: 'Queue',
      template: 'Stack.template.json',
      properties: ['Properties.KmsMasterKeyId'],
    }],
    baseline: null,
    relaxed: [{ path: 'Stack', id: 'cdk-hipaa:some-safeguard', what: 'a safeguard is off', reason: 'we accept it' }],
    acknowledged: [{
      path: 'Stack/Topic',
      id: 'cdk-hipaa::TopicWithoutCustomerKey',
      reason: 'holds build numbers',
      by: 'app',
      paragraphs: ['45 CFR 164.312(a)(2)(iv)'],
      findings: ['Stack/Topic'],
    }],
    notWatched: ['Stack/Topic'],
    importedVpcs: [{
      path: 'Stack/Vpc',
      id: 'cdk-hipaa:imported-vpc-flow-logs',
      description:
        'nothing in the app shows that the imported VPC vpc-12345678 has flow logs (45 CFR 164.312(b))',
      fix: 'run aws ec2 describe-flow-logs, add a flow log with vpc.addFlowLog if there is none, and then acknowledge '
        + 'this warning',
      paragraphs: ['45 CFR 164.312(b)'],
      acknowledged: false,
    }, {
      path: 'Stack/Vpc',
      id: 'cdk-hipaa:imported-vpc-default-security-group',
      description: 'nothing in the app shows that the default security group of the imported VPC vpc-12345678 has no '
        + 'rules',
      fix: 'run aws ec2 describe-security-groups, remove the rules of the group, and then acknowledge this warning',
      paragraphs: [],
      acknowledged: true,
    }, {
      path: 'Stack/Vpc',
      id: 'cdk-hipaa:imported-vpc-endpoints',
      description: 'nothing in the app shows that the imported VPC vpc-12345678 has VPC endpoints, so traffic to AWS '
        + 'uses the internet',
      fix: 'run aws ec2 describe-vpc-endpoints, add the missing ones with vpc.addGatewayEndpoint and '
        + 'vpc.addInterfaceEndpoint, and then acknowledge this warning',
      paragraphs: [],
      acknowledged: true,
    }],
    notJudged: [],
  });
});

describe.each(['enforce', 'report'] as const)('with %s, the report', (mode) => {
  test('has the open findings of cdk-nag with their paragraphs', () => {
    const { findings, counts } = reportOf(appWith(mode, (stack) => {
      new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket' });
      new sns.CfnTopic(stack, 'Topic');
    }));
    expect(findings).toContainEqual(expect.objectContaining({
      check: 'HIPAA.Security',
      id: 'HIPAA.Security::HIPAA.Security-SNSEncryptedKMS',
      path: 'Stack/Topic',
      severity: mode === 'enforce' ? 'error' : 'warning',
      paragraphs: expect.arrayContaining(['45 CFR 164.312(a)(2)(iv)']),
    }));
    expect(counts.findings).toBe(findings.length);
  });

  test('has IDs that an acknowledgement accepts, also with brackets', () => {
    const fill = (stack: Stack) => void new CfnResource(stack, 'Task', {
      type: 'AWS::ECS::TaskDefinition',
      properties: {
        ContainerDefinitions: [{ Name: 'app', User: 'root', ReadonlyRootFilesystem: true, LogConfiguration: {} }],
      },
    });
    const app = appWith(mode, fill);
    const { findings } = reportOf(app);
    expect(findings.map(({ id }: { id: string }) => id)).toContain('cdk-hipaa::ContainerRunsAsRoot[app]');
    for (const { id, path: at } of findings) {
      Validations.of(app.node.findChild('Stack').node.findChild(at.split('/')[1])).acknowledge({ id, reason: 'r' });
    }
    app.synth({ force: true });
    const again = JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));
    expect(again.findings).toEqual([]);
  });

  test('is written again by a second synthesis', () => {
    const app = appWith(mode, (stack) => new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue' }));
    expect(reportOf(app)).toEqual(reportOf(app));
  });
});

test('what an imported VPC lacks is listed once, also if aws-cdk-lib reports warnings as findings', () => {
  const app = newApp({ '@aws-cdk/core:annotationsInValidationReport': true });
  ComplianceChecks.of(app).report();
  const stack = new Stack(app, 'Stack', { env });
  ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['a', 'b'] });
  const { findings, importedVpcs } = reportOf(app);
  expect(findings).toEqual([]);
  expect(importedVpcs.map(({ id }: { id: string }) => id)).toEqual([
    'cdk-hipaa:imported-vpc-private-subnets',
    'cdk-hipaa:imported-vpc-isolated-subnets',
    'cdk-hipaa:imported-vpc-flow-logs',
    'cdk-hipaa:imported-vpc-default-security-group',
    'cdk-hipaa:imported-vpc-endpoints',
  ]);
});

test('CloudFormation Validate is in the report, and who acknowledged each finding', () => {
  const app = appWith('enforce', (stack) => {
    const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { NoSuchProperty: 1 } });
    acknowledge(queue, { rules: ['cdk-hipaa::QueueWithoutCustomerKey'], reason: 'a reason of the library' });
    Validations.of(queue).acknowledge({
      id: 'CloudFormation-Validate::X1',
      reason: 'action is deprecated, but still in use',
    });
  });
  delete process.env.CDK_VALIDATION;
  const { findings, acknowledged } = reportOf(app);
  expect(findings.map(({ check }: { check: string }) => check)).toContain('CloudFormation Validate');
  expect(acknowledged).toEqual([
    expect.objectContaining({ by: 'library', findings: ['Stack/Queue'], paragraphs: ['45 CFR 164.312(a)(2)(iv)'] }),
    expect.objectContaining({ by: 'aws-cdk-lib', findings: [] }),
  ]);
});

test('a stack without account and region, and a stack that a failed check did not read', () => {
  const app = newApp();
  ComplianceChecks.of(app).report();
  Validations.of(app).addPlugins({ name: 'broken', validate: () => { throw new Error('out of order'); } });
  new Stack(app, 'Stack');
  const { stacks, findings } = reportOf(app);
  expect(stacks).toEqual([expect.objectContaining({ account: null, region: null })]);
  expect(findings).toEqual([
    expect.objectContaining({ id: 'broken::CheckFailed', description: expect.stringContaining('out of order') }),
  ]);
});

test('an app that stops before its validation leaves no report of an earlier synthesis', () => {
  const app = appWith('report', () => {});
  reportOf(app);
  app.node.addValidation({ validate: () => ['stop'] });
  expect(() => app.synth({ force: true })).toThrow('stop');
  expect(fs.existsSync(path.join(app.outdir, 'compliance-report.json'))).toBe(false);
});

describe('notJudged', () => {
  const notJudged = (fill: (stack: Stack) => void) => reportOf(appWith('report', fill)).notJudged;
  const parameter = (stack: Stack) => {
    const existing = stack.node.tryFindChild('Value') as CfnParameter | undefined;
    return (existing ?? new CfnParameter(stack, 'Value')).valueAsString;
  };

  test.each<[string, (stack: Stack) => void, string, RegExp]>([
    [
      'a nested stack at a URL',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::CloudFormation::Stack', properties: { TemplateURL: 'https://s3/t' },
      }),
      'Stack/It',
      /nested stack at a URL/,
    ],
    [
      'a SAM transform',
      (stack) => stack.addTransform('AWS::Serverless-2016-10-31'),
      'Stack',
      /AWS::Serverless-2016-10-31/,
    ],
    [
      'a SAM resource',
      (stack) => void new CfnResource(stack, 'It', { type: 'AWS::Serverless::Function' }),
      'Stack/It',
      /SAM transform/,
    ],
    [
      'a module',
      (stack) => void new CfnResource(stack, 'It', { type: 'Clinic::Storage::Bucket::MODULE' }),
      'Stack/It',
      /module Clinic::Storage::Bucket::MODULE/,
    ],
    [
      'Fn::Transform',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::SQS::Queue', properties: { 'Fn::Transform': { Name: 'AWS::Include', Parameters: {} } },
      }),
      'Stack',
      /macro AWS::Include/,
    ],
    [
      'the call of a custom resource',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'Custom::AWS',
        properties: {
          Create: stack.toJsonString({ service: 'RDS', action: 'createDBInstance', parameters: { s: stack.stackId } }),
        },
      }),
      'Stack/It',
      /the call RDS:createDBInstance of a custom resource/,
    ],
    [
      'the parameter group of another template',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::RDS::DBInstance', properties: { Engine: 'mysql', DBParameterGroupName: 'made-elsewhere' },
      }),
      'Stack/It',
      /parameter group of a database/,
    ],
    [
      'a setting that is known only at deployment',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::EFS::FileSystem', properties: { Encrypted: new CfnParameter(stack, 'Choice').valueAsString },
      }),
      'Stack/It',
      /^Encrypted: its value is known only at deployment$/,
    ],
    [
      'public access that is known only at deployment',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::AmazonMQ::Broker', properties: { PubliclyAccessible: '{{resolve:ssm:public}}' },
      }),
      'Stack/It',
      /^PubliclyAccessible: its value is known only at deployment$/,
    ],
    [
      'the encryption of a copy',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::DocDB::DBCluster', properties: { SnapshotIdentifier: 'before' },
      }),
      'Stack/It',
      /^StorageEncrypted: the encryption at rest is that of the source of the data$/,
    ],
    [
      'a stack set',
      (stack) => void new CfnResource(stack, 'It', { type: 'AWS::CloudFormation::StackSet' }),
      'Stack/It',
      /stack set/,
    ],
    [
      'an inbound rule with an address that is known only at deployment',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::EC2::SecurityGroupIngress',
        properties: { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: parameter(stack) },
      }),
      'Stack/It',
      /^an inbound rule: its addresses or ports are known only at deployment$/,
    ],
    [
      'an inbound rule with a port that is known only at deployment',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::EC2::SecurityGroup',
        properties: {
          SecurityGroupIngress: [{
            IpProtocol: 'tcp', FromPort: parameter(stack), ToPort: parameter(stack), CidrIp: '0.0.0.0/0',
          }],
        },
      }),
      'Stack/It',
      /an inbound rule/,
    ],
    [
      'an inbound rule for a prefix list of another template',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::EC2::SecurityGroupIngress',
        properties: { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, SourcePrefixListId: 'pl-12345678' },
      }),
      'Stack/It',
      /an inbound rule/,
    ],
    ...([
      ['an address that is known only at deployment', (stack) => ({ CidrIp: parameter(stack) })],
      ['a prefix list of another template', () => ({ DestinationPrefixListId: 'pl-12345678' })],
    ] as Array<[string, (stack: Stack) => object]>)
      .map(([name, to]): [string, (stack: Stack) => void, string, RegExp] => [
        `an outbound rule on all ports for ${name}`,
        (stack) => void new CfnResource(stack, 'It', {
          type: 'AWS::EC2::SecurityGroupEgress', properties: { IpProtocol: '-1', ...to(stack) },
        }),
        'Stack/It',
        /^an outbound rule for most ports: its addresses are known only at deployment$/,
      ]),
    [
      'a task whose public address is known only at deployment',
      (stack) => void new CfnResource(stack, 'It', {
        type: 'AWS::ECS::TaskSet',
        properties: { NetworkConfiguration: { AwsVpcConfiguration: { AssignPublicIp: parameter(stack) } } },
      }),
      'Stack/It',
      /AssignPublicIp of a task/,
    ],
    ...([
      ['AWS::IAM::Role', 'AWS', (P) => ({
        AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: P } } },
      })],
      ['AWS::IAM::ManagedPolicy', 'Resource', (P) => ({
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: [P] }] },
      })],
      ['AWS::ECS::TaskDefinition', 'User', (P) => ({ ContainerDefinitions: [{ Name: 'app', User: P }] })],
      ['AWS::ElasticLoadBalancingV2::Listener', 'SslPolicy', (SslPolicy) => ({ SslPolicy })],
      ['AWS::Lambda::Url', 'AuthType', (P) => ({ AuthType: { 'Fn::If': ['C', P, 'AWS_IAM'] } })],
    ] as Array<[string, string, (P: unknown) => object]>)
      .map(([type, property, properties]): [string, (stack: Stack) => void, string, RegExp] => [
        `the parameter that is ${property} of ${type}`,
        (stack) => {
          new CfnCondition(stack, 'C', { expression: Fn.conditionEquals('a', 'b') });
          new CfnResource(stack, 'It', { type, properties: properties(parameter(stack)) });
        },
        'Stack/It',
        new RegExp(`^${property}, which is the value of the parameter \\w+ at deployment$`),
      ]),
    ...([
      ['KubernetesResource', /^a Kubernetes manifest: no check reads its objects, for example pods, roles and secrets/],
      ['KubernetesPatch', /^a patch of Kubernetes objects: no check reads its objects/],
      ['HelmChart', /^a Helm chart: no check reads its objects/],
    ] as const).map(([kind, what]): [string, (stack: Stack) => void, string, RegExp] => [
      `a ${kind} of EKS`,
      (stack) => void new CfnResource(stack, 'It', { type: `Custom::AWSCDK-EKS-${kind}` }),
      'Stack/It',
      what,
    ]),
  ])('names %s', (_name, fill, at, what) => {
    expect(notJudged(fill)).toEqual([{ path: at, what: expect.stringMatching(what) }]);
  });

  test('names a nested stack and a macro of an included template', () => {
    expect(notJudged((stack) => {
      const templateFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'included-')), 'included.json');
      fs.writeFileSync(templateFile, JSON.stringify({
        Transform: ['Shop::Macro'],
        Resources: { Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://s3/t' } } },
      }));
      new cloudformation.CfnInclude(stack, 'Included', { templateFile });
    })).toEqual([
      { path: 'Stack', what: expect.stringContaining('macro Shop::Macro') },
      { path: 'Stack/Included/Inner', what: expect.stringContaining('nested stack') },
    ]);
  });

  const accepted = (why: string) => `a statement of aws-cdk-lib on all resources: ${why}`;
  const statements = (fill: (stack: Stack) => void) => notJudged(fill).filter((each: { readonly what: string }) =>
    each.what.startsWith(accepted('')));

  test.each([
    ['a build in a VPC', 'Build/PolicyDocument/Resource', [
      'a build project in a VPC creates network interfaces whose IDs do not exist before the build',
    ]],
    ['queries of Athena', 'Machine/Role/DefaultPolicy/Resource', [
      'AthenaStartQueryExecution reads the tables of a query, which are known only when it runs',
      'AthenaGetQueryResults reads the results of a query, which can be in any workgroup and bucket',
      'AthenaGetQueryExecution reads a query of any workgroup',
      'AthenaStopQueryExecution stops a query of any workgroup',
    ]],
    ['a cluster of EMR', 'Machine/Role/DefaultPolicy/Resource', [
      'EmrCreateCluster creates a cluster whose ID does not exist before the state machine runs',
    ]],
    ['a pipeline that deploys to ECS', 'Pipeline/Deploy/Ecs/CodePipelineActionRole/DefaultPolicy/Resource', [
      'EcsDeployAction registers task definitions whose roles are known only when the pipeline runs',
    ]],
  ])('names each accepted statement of %s, with its reason', (name, at, reasons) => {
    expect(statements(ORDINARY_TASKS[name]))
      .toEqual(reasons.map((why) => ({ path: `Stack/${at}`, what: accepted(why) })));
  });

  test('does not name the same statement of a role that nothing uses, which is a finding', () => {
    expect(statements((stack) => {
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
      role.addToPolicy(new iam.PolicyStatement({ actions: ['athena:getQueryExecution'], resources: ['*'] }));
    })).toEqual([]);
  });

  test('does not name a custom resource that only reads', () => {
    expect(notJudged((stack) => void new CfnResource(stack, 'It', {
      type: 'Custom::AWS', properties: { Create: '{"service":"SSM","action":"getParameter"}' },
    }))).toEqual([]);
  });

  test('does not name a nested stack of the app, which is checked', () => {
    expect(notJudged((stack) => {
      new CfnResource(new NestedStack(stack, 'Nested'), 'Topic', { type: 'AWS::SNS::Topic' });
    })).toEqual([]);
  });
});
