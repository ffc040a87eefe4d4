import { CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { BastionImage } from '../../src/bastion/bastion-image';
import { SsmBastion } from '../../src/bastion/ssm-bastion';
import { SsmBastionProps } from '../../src/bastion/ssm-bastion-props';
import { DataProtection } from '../../src/core/data-protection';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const INSTANCE = 'AWS::EC2::Instance';
const HOME = ['arn:', { Ref: 'AWS::Partition' }];
/** The ARN of a resource in the account and region of the stack. */
const inAccount = (service: string, resource: string, ...more: unknown[]) => ({
  'Fn::Join': [
    '',
    [...HOME, `:${service}:`, { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${resource}`, ...more],
  ],
});
const FORWARDING = { portForwarding: { reason: 'analysts use their own client' } };

function someBastion(scope: Stack, props: Partial<SsmBastionProps> = {}): SsmBastion {
  return new SsmBastion(scope, 'Bastion', { vpc: someVpc(scope), ...props });
}

function bastionTemplate(props: Partial<SsmBastionProps> = {}): Template {
  const stack = newStack();
  someBastion(stack, props);
  return templateOf(stack);
}

const only = (template: Template, type: string) => {
  const [properties, ...more] = Object.values(propertiesOf(template, type));
  expect(more).toEqual([]);
  return properties;
};
const userDataOf = (template: Template): string => only(template, INSTANCE).UserData['Fn::Base64'];
const statementsOf = (template: Template, policy: RegExp) =>
  Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).find(([id]) => policy.test(id))![1].PolicyDocument
    .Statement;
const inputsOf = (template: Template) => only(template, 'AWS::SSM::Document').Content.inputs;

/** A target that listens on a port. */
function listener(scope: Stack, id: string, port?: number): ec2.IConnectable {
  const securityGroup = new ec2.SecurityGroup(scope, id, {
    vpc: someVpc(new Construct(scope, `${id}Network`)),
    allowAllOutbound: false,
  });
  return {
    connections: new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: port ? ec2.Port.tcp(port) : undefined,
    }),
  };
}

describe('a bastion with default props', () => {
  const stack = newStack();
  const bastion = someBastion(stack);
  const template = templateOf(stack);
  const instance = only(template, INSTANCE);

  test('is in a private subnet, without a public IP address', () => {
    expect(instance.NetworkInterfaces).toEqual([
      {
        AssociatePublicIpAddress: false,
        DeviceIndex: '0',
        GroupSet: [{ 'Fn::GetAtt': [expect.stringMatching(/^BastionSecurityGroup/), 'GroupId'] }],
        SubnetId: 'subnet-priv1',
      },
    ]);
    expect(instance.SubnetId).toBeUndefined();
  });

  test('has no key pair', () => {
    expect(instance.KeyName).toBeUndefined();
    template.resourceCountIs('AWS::EC2::KeyPair', 0);
  });

  test('allows no inbound connections, and outbound HTTPS', () => {
    const group = only(template, 'AWS::EC2::SecurityGroup');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
    ]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('accepts version 2 of the metadata service only, without a network hop', () => {
    expect(instance.MetadataOptions).toEqual({
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
      InstanceMetadataTags: 'disabled',
    });
  });

  test('has an encrypted disk of the size of its image, which is deleted with the instance', () => {
    expect(instance.BlockDeviceMappings).toEqual([
      {
        DeviceName: '/dev/xvda',
        Ebs: {
          Encrypted: true,
          KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^BastionKey/), 'Arn'] },
          VolumeType: 'gp3',
          DeleteOnTermination: true,
        },
      },
    ]);
    expect(instance).toMatchObject({ EbsOptimized: true, PropagateTagsToVolumeOnCreation: true });
  });

  test('is a t4g.micro with detailed monitoring and without termination protection', () => {
    expect(instance).toMatchObject({ InstanceType: 't4g.micro', Monitoring: true, DisableApiTermination: false });
  });

  test('uses the latest Amazon Linux 2023 for its processor', () => {
    expect(instance.ImageId).toBeUndefined();
    expect(instance.LaunchTemplate.LaunchTemplateId).toEqual({ Ref: expect.stringMatching(/^BastionImage/) });
    expect(only(template, 'AWS::EC2::LaunchTemplate').LaunchTemplateData.ImageId)
      .toBe('resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64');
    expect(template.toJSON().Parameters).toEqual({ BootstrapVersion: expect.anything() });
  });

  test('installs patches and psql at the first start', () => {
    const userData = userDataOf(template);
    expect(userData).toContain('echo latest > /etc/dnf/vars/releasever');
    expect(userData).toContain('dnf upgrade --assumeyes --refresh && dnf install --assumeyes nftables postgresql16 && '
      + 'break');
    expect(userData.trim().endsWith('shutdown --reboot +1')).toBe(true);
  });

  test('writes no history of commands to its disk', () => {
    expect(userDataOf(template)).toContain('export HISTFILE=/dev/null PSQL_HISTORY=/dev/null MYSQL_HISTFILE=/dev/null');
  });

  test('requires TLS for PostgreSQL clients', () => {
    expect(userDataOf(template)).toContain('export PGSSLMODE=require');
  });

  test('installs patches every week, at that time only', () => {
    expect(only(template, 'AWS::SSM::Association')).toEqual({
      Name: 'AWS-RunPatchBaseline',
      Targets: [{ Key: 'InstanceIds', Values: [{ Ref: expect.stringMatching(/^BastionInstance/) }] }],
      Parameters: { Operation: ['Install'], RebootOption: ['RebootIfNeeded'] },
      ScheduleExpression: 'cron(0 4 ? * SUN *)',
      ApplyOnlyAtCronInterval: true,
      ComplianceSeverity: 'HIGH',
    });
  });

  test('has a session document with a streamed log, encryption, no root and a timeout of 15 minutes', () => {
    expect(only(template, 'AWS::SSM::Document')).toMatchObject({
      DocumentType: 'Session',
      DocumentFormat: 'JSON',
      UpdateMethod: 'NewVersion',
      Content: {
        schemaVersion: '1.0',
        sessionType: 'Standard_Stream',
        inputs: {
          cloudWatchLogGroupName: { Ref: expect.stringMatching(/^BastionSessionLog/) },
          cloudWatchEncryptionEnabled: true,
          cloudWatchStreamingEnabled: true,
          kmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^BastionKey/), 'Arn'] },
          runAsEnabled: true,
          runAsDefaultUser: 'bastion',
          idleSessionTimeout: '15',
          maxSessionDuration: '480',
          s3BucketName: '',
        },
      },
    });
  });

  test('creates the user of the sessions, without other groups', () => {
    expect(userDataOf(template)).toContain('useradd --create-home --shell /bin/bash bastion');
    expect(userDataOf(template)).not.toMatch(/sudo|wheel|usermod/);
  });

  test('blocks access to its credentials for all users except root, on both addresses of the metadata service', () => {
    const [, rules] = /cat > \/etc\/bastion-metadata.nft <<'EOF'\n(.*?)\nEOF/s.exec(userDataOf(template))!;
    expect(rules.split('\n').map((line) => line.trim())).toEqual([
      'table inet bastion_metadata {',
      'chain output {',
      'type filter hook output priority 0; policy accept;',
      'meta skuid != 0 ip daddr 169.254.169.254 drop',
      'meta skuid != 0 ip6 daddr fd00:ec2::254 drop',
      '}',
      '}',
    ]);
  });

  test('blocks access at each start, before the agent, which does not start without the block', () => {
    const [, unit] = /cat > \/etc\/systemd\/system\/bastion-metadata.service <<'EOF'\n(.*?)\nEOF/s.exec(
      userDataOf(template),
    )!;
    expect(unit.split('\n')).toEqual(expect.arrayContaining([
      'Before=amazon-ssm-agent.service',
      'RemainAfterExit=yes',
      'ExecStart=/usr/sbin/nft -f /etc/bastion-metadata.nft',
      'RequiredBy=amazon-ssm-agent.service',
    ]));
  });

  test('creates the user only after access is blocked', () => {
    const lines: string[] = userDataOf(template).split('\n');
    expect(lines.filter((line) => line.includes('useradd'))).toEqual([
      'systemctl enable --now bastion-metadata.service && useradd --create-home --shell /bin/bash bastion',
    ]);
    expect(lines.findIndex((line) => line.includes('dnf install'))).toBeLessThan(
      lines.findIndex((line) => line.includes('useradd')),
    );
  });

  test('retains the encrypted log of its sessions for six years', () => {
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 2192, KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^BastionKey'), 'Arn'] } },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('starts after the policy of its role is created', () => {
    const [{ DependsOn }] = Object.values(template.findResources(INSTANCE));
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^BastionRolePolicy/)]));
  });

  test('creates no output', () => {
    expect(template.findOutputs('*')).toEqual({});
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });

  test('has a property with the command that opens a shell', () => {
    expect(stack.resolve(bastion.shellCommand)).toEqual({
      'Fn::Join': [
        '',
        [
          'aws ssm start-session --region ',
          { Ref: 'AWS::Region' },
          ' --target ',
          { Ref: expect.stringMatching(/^BastionInstance/) },
          ' --document-name ',
          { Ref: expect.stringMatching(/^BastionSession/) },
        ],
      ],
    });
  });

  test('keeps the IDs of stateful resources', () => {
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['BastionKey0D331C49']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['BastionSessionLog05CDA1F3']);
  });
});

test('CloudFormation Validate reports nothing', () => {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a'], restrictDefaultSecurityGroup: false });
  new SsmBastion(stack, 'Bastion', { vpc, ...FORWARDING });
  new SsmBastion(stack, 'Pinned', { vpc, image: BastionImage.pinned({ 'us-east-1': 'ami-0123456789abcdef0' }) });
  expect(templateFindings(app).filter((finding) => !finding.includes('Stack/Vpc'))).toEqual([]);
});

describe('the role of the instance', () => {
  const template = bastionTemplate();
  const statements = [...statementsOf(template, /^BastionRolePolicy/), ...statementsOf(template, /^BastionReports/)];
  const allowed = (action: string) => statements
    .filter(({ Action }: { Action: string | string[] }) => [Action].flat().includes(action))
    .map(({ Resource }: { Resource: unknown }) => Resource);

  test('allows sessions, patches and Inspector, and nothing else', () => {
    expect(statements.flatMap(({ Action }: { Action: string | string[] }) => Action).sort()).toEqual([
      'kms:Decrypt',
      'logs:CreateLogStream',
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      'ssm:DescribeAssociation',
      'ssm:DescribeDocument',
      'ssm:GetDeployablePatchSnapshotForInstance',
      'ssm:GetDocument',
      'ssm:GetManifest',
      'ssm:GetParameter',
      'ssm:ListInstanceAssociations',
      'ssm:PutComplianceItems',
      'ssm:PutConfigurePackageResult',
      'ssm:PutInventory',
      'ssm:UpdateInstanceAssociationStatus',
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]);
  });

  test.each([
    ['logs:PutLogEvents', { 'Fn::GetAtt': [expect.stringMatching(/^BastionSessionLog/), 'Arn'] }],
    ['kms:Decrypt', { 'Fn::GetAtt': [expect.stringMatching(/^BastionKey/), 'Arn'] }],
    ['ssm:UpdateInstanceInformation', inAccount('ec2', 'instance/*')],
    ['ssm:GetParameter', inAccount('ssm', 'parameter/inspector-aws/service/inspector-linux-application-paths')],
  ])('allows %s on its own resource only', (action, resource) => {
    expect(allowed(action)).toEqual([resource]);
  });

  test('allows reports on patches and associations of its own instance only', () => {
    const itself = inAccount('ec2', 'instance/', { Ref: expect.stringMatching(/^BastionInstance/) });
    expect([allowed('ssm:PutComplianceItems'), allowed('ssm:ListInstanceAssociations')]).toEqual([[itself], [itself]]);
    expect([allowed('ssm:UpdateInstanceAssociationStatus'), allowed('ssm:DescribeAssociation')]).toEqual(
      Array(2).fill([[inAccount('ssm', 'association/*'), itself]]),
    );
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      Description: 'Allows Stack/Bastion to report the state of its patches and associations',
      Roles: [{ Ref: Match.stringLikeRegexp('^BastionRole') }],
    });
  });

  test('allows reading the documents of its patches and of Inspector, which the associations require', () => {
    const names = [
      'AWS-RunPatchBaseline',
      'AWS-ConfigureAWSPackage',
      'AWS-GatherSoftwareInventory',
      'AmazonInspector2-*',
    ];
    const documents = names.map((name) => ({
      'Fn::Join': ['', [...HOME, ':ssm:', { Ref: 'AWS::Region' }, `::document/${name}`]],
    }));
    expect([allowed('ssm:GetDocument'), allowed('ssm:DescribeDocument')]).toEqual([[documents], [documents]]);
  });

  test('is not a grantee, because users have their own identities', () => {
    expect(someBastion(newStack())).not.toHaveProperty('grantPrincipal');
  });
});

describe('opening a session', () => {
  const stack = newStack();
  const bastion = someBastion(stack);
  bastion.grantStartSession(new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() }));
  bastion.grantStartSession(iam.Role.fromRoleName(stack, 'Imported', 'oncall'));
  bastion.grantStartSession(iam.Group.fromGroupName(stack, 'Group', 'analysts'));
  const template = templateOf(stack);
  const [start, own, channel, key, others, ...more] = statementsOf(template, /^BastionSessionPolicy/);

  test('is granted to roles and groups, including imported ones', () => {
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      Description: 'Allows logged sessions on Stack/Bastion',
      Roles: [{ Ref: Match.stringLikeRegexp('^Analysts') }, 'oncall'],
      Groups: ['analysts'],
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('is allowed on this instance with this document, with the document access check of Systems Manager', () => {
    expect(start).toEqual({
      Action: 'ssm:StartSession',
      Effect: 'Allow',
      Resource: [
        inAccount('ec2', 'instance/', { Ref: expect.stringMatching(/^BastionInstance/) }),
        inAccount('ssm', 'document/', { Ref: expect.stringMatching(/^BastionSession/) }),
      ],
      Condition: { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } },
    });
  });

  test('allows users to resume and end their sessions on this instance, regardless of the role session name', () => {
    expect(own).toEqual({
      Action: ['ssm:ResumeSession', 'ssm:TerminateSession'],
      Effect: 'Allow',
      Resource: inAccount('ssm', 'session/*'),
      Condition: {
        StringEquals: {
          'ssm:resourceTag/aws:ssmmessages:session-id': '${aws:userid}',
          'ssm:resourceTag/aws:ssmmessages:target-id': { Ref: expect.stringMatching(/^BastionInstance/) },
        },
      },
    });
  });

  test('allows opening the data channel of a session, which requires its token', () => {
    expect(channel).toEqual({
      Action: 'ssmmessages:OpenDataChannel',
      Effect: 'Allow',
      Resource: inAccount('ssm', 'session/*'),
    });
  });

  test('denies the documents of AWS and the default document, because other policies can allow them', () => {
    expect(others).toEqual({
      Action: 'ssm:StartSession',
      Effect: 'Deny',
      Resource: [
        { 'Fn::Join': ['', [...HOME, ':ssm:', { Ref: 'AWS::Region' }, '::document/AWS-*']] },
        inAccount('ssm', 'document/SSM-SessionManagerRunShell'),
      ],
    });
  });

  test('allows a data key of the bastion key for the session traffic, and nothing else', () => {
    expect(key).toEqual({
      Action: 'kms:GenerateDataKey',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^BastionKey/), 'Arn'] },
    });
    expect(more).toEqual([]);
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a target', () => {
  test('gets one security group rule on each side', () => {
    const stack = newStack();
    someBastion(stack).allowTo(listener(stack, 'Database', 5432));
    const template = templateOf(stack);
    const port = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, Description: 'Sessions through Bastion' };
    expect(only(template, 'AWS::EC2::SecurityGroupEgress')).toMatchObject({
      ...port,
      GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^BastionSecurityGroup/), 'GroupId'] },
    });
    expect(only(template, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
      ...port,
      GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^Database/), 'GroupId'] },
    });
  });

  test('can have a port other than its default port', () => {
    const stack = newStack();
    someBastion(stack).allowTo(listener(stack, 'Cache'), ec2.Port.tcp(6379));
    expect(only(templateOf(stack), 'AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: 6379, ToPort: 6379 });
  });

  test('gets its rules in the stack of the bastion, so that the other stack does not depend on it', () => {
    const app = newApp();
    const [data, access] = [new Stack(app, 'Data'), new Stack(app, 'Access')];
    const database = listener(data, 'Database', 5432);
    someBastion(access).allowTo(database);
    templateOf(access).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    templateOf(data).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    expect(data.dependencies).toEqual([]);
  });
});

describe('each prop', () => {
  test('vpcSubnets selects another tier', () => {
    expect(
      only(bastionTemplate({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }), INSTANCE)
        .NetworkInterfaces[0].SubnetId,
    ).toBe('subnet-iso1');
  });

  test('instanceType selects the image of its processor', () => {
    const template = bastionTemplate({ instanceType: new ec2.InstanceType('c7i.large') });
    expect(only(template, INSTANCE).InstanceType).toBe('c7i.large');
    expect(only(template, 'AWS::EC2::LaunchTemplate').LaunchTemplateData.ImageId).toMatch(
      /al2023-ami-kernel-default-x86_64$/,
    );
  });

  test('packages replaces the packages and the instance', () => {
    const template = bastionTemplate({ packages: ['mariadb105', 'postgresql15'] });
    expect(userDataOf(template)).toContain('dnf install --assumeyes nftables mariadb105 postgresql15 &&');
    expect(Object.keys(template.findResources(INSTANCE))).not.toEqual(
      Object.keys(bastionTemplate().findResources(INSTANCE)),
    );
  });

  test('idleTimeout and maxSessionDuration set the timeouts', () => {
    expect(
      inputsOf(bastionTemplate({ idleTimeout: Duration.minutes(60), maxSessionDuration: Duration.days(1) })),
    ).toMatchObject({ idleSessionTimeout: '60', maxSessionDuration: '1440' });
  });

  test('durations can be known only at deployment', () => {
    const stack = newStack();
    const minutes = new CfnParameter(stack, 'Minutes', { type: 'Number' }).valueAsNumber;
    someBastion(stack, { idleTimeout: Duration.minutes(minutes) });
    expect(inputsOf(templateOf(stack)).idleSessionTimeout).toEqual({ Ref: 'Minutes' });
  });

  test('encryptionKey encrypts disk, sessions and log, and allows CloudWatch Logs', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Own');
    someBastion(stack, { encryptionKey });
    const template = templateOf(stack);
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] };
    expect([
      only(template, INSTANCE).BlockDeviceMappings[0].Ebs.KmsKeyId,
      inputsOf(template).kmsKeyId,
      only(template, 'AWS::Logs::LogGroup').KmsKeyId,
    ]).toEqual([arn, arn, arn]);
    expect(JSON.stringify(only(template, 'AWS::KMS::Key').KeyPolicy)).toContain('"Sid":"CloudWatchLogs"');
  });
});

describe('port forwarding', () => {
  const document = (template: Template) =>
    JSON.stringify(statementsOf(template, /^BastionSessionPolicy/)).includes(
      '::document/AWS-StartPortForwardingSessionToRemoteHost',
    );

  test('is off if portForwarding is undefined', () => {
    expect(document(bastionTemplate({ portForwarding: undefined }))).toBe(false);
  });

  test('is a relaxation with a reason, because it is not logged', () => {
    const stack = newStack();
    someBastion(stack, FORWARDING);
    expect(document(templateOf(stack))).toBe(true);
    Annotations.fromStack(stack).hasWarning('/Stack/Bastion', Match.stringLikeRegexp(
      'users can forward ports through the bastion, and Session Manager does not log the forwarded traffic \\(reason '
        + 'given: analysts use their own client\\) \\[ack: cdk-hipaa:port-forwarding\\]'));
  });

  test('denies every other document', () => {
    const denied = statementsOf(bastionTemplate(FORWARDING), /^BastionSessionPolicy/).find(
      ({ Effect }: { Effect: string }) => Effect === 'Deny',
    );
    const names = JSON.stringify(denied.Resource).match(/document\/[\w*-]+/g);
    expect(names).toEqual([
      'document/AWS-StartSSHSession',
      'document/AWS-StartPortForwardingSession',
      'document/AWS-StartPortForwardingSessionToSocket',
      'document/AWS-StartInteractiveCommand',
      'document/AWS-StartNonInteractiveCommand',
      'document/AWS-PasswordReset',
      'document/SSM-SessionManagerRunShell',
    ]);
  });

  test('has a command', () => {
    const stack = newStack();
    const command = someBastion(stack, FORWARDING).forwardCommand('db.example.com', 5432, 15432);
    expect(stack.resolve(command)['Fn::Join'][1].at(-1)).toBe(
      ' --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters '
        + 'host=db.example.com,portNumber=5432,localPortNumber=15432');
  });

  test('has a command for a port known only at deployment', () => {
    const stack = newStack();
    const port = Token.asNumber({ Ref: 'Port' });
    expect(
      stack.resolve(someBastion(stack, FORWARDING).forwardCommand('db', port, 15432))['Fn::Join'][1],
    ).toContainEqual({ Ref: 'Port' });
  });
});

describe('the monitoring plan', () => {
  const stack = newStack();
  const bastion = someBastion(stack);
  const { title, alarms, widgets } = bastion.monitoringPlan();

  test('has one alarm, which fires after three minutes of failed checks', () => {
    expect(alarms).toMatchObject([
      { id: 'StatusCheckFailed', threshold: 0, evaluationPeriods: 3, missingData: 'notBreaching' },
    ]);
    expect(alarms[0].comparison).toBeUndefined();
    expect(stack.resolve(alarms[0].metric.toMetricConfig().metricStat)).toMatchObject({
      namespace: 'AWS/EC2',
      metricName: 'StatusCheckFailed',
      statistic: 'Maximum',
      dimensions: [{ name: 'InstanceId', value: { Ref: expect.stringMatching(/^BastionInstance/) } }],
    });
    expect(alarms[0].metric.toMetricConfig().metricStat!.period.toSeconds()).toBe(60);
  });

  test('describes the first step, under the path of the construct', () => {
    expect(alarms[0].description).toMatch(/First restart the instance/);
    expect(title).toBe('Bastion Stack/Bastion');
    expect(widgets).toHaveLength(1);
  });

  test('declares that the bastion can be watched', () => {
    expect(bastion.node.metadata.map(({ type }) => type)).toContain('cdk-hipaa:watchable');
  });
});

test('no resource is retained if data is disposable', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records' });
  someBastion(stack);
  const kept = Object.values<{ DeletionPolicy?: string }>(templateOf(stack).toJSON().Resources).filter(
    ({ DeletionPolicy }) => DeletionPolicy && DeletionPolicy !== 'Delete',
  );
  expect(kept).toEqual([]);
});

test('the instance starts after the route to the internet is created', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a'], restrictDefaultSecurityGroup: false });
  new SsmBastion(stack, 'Bastion', { vpc });
  const [{ DependsOn }] = Object.values(templateOf(stack).findResources(INSTANCE));
  expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^VpcPrivateSubnet1DefaultRoute/)]));
});

describe('refuses', () => {
  test.each<[string, Partial<SsmBastionProps>, string]>([
    ['a name instead of a list', { packages: 'postgresql16' as unknown as string[] },
      "packages must be an array of strings, got 'postgresql16'. Put it into an array."],
    ['a missing reason', { portForwarding: {} as { reason: string } },
      'portForwarding.reason must be a string, got undefined. State why the safeguard is not needed.'],
    ['null instead of a reason', { portForwarding: null } as unknown as Partial<SsmBastionProps>,
      'portForwarding must be a RelaxationOptions object, got null. Leave it out.'],
    ['a blank reason', { portForwarding: { reason: '' } },
      "reason must be a non-blank string, got ''. Say why it is acceptable that users can forward ports "
        + 'through the bastion, and Session Manager does not log the forwarded traffic.'],
    ['public subnets', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } },
      'vpcSubnets must be private or isolated subnets, got public subnets. Remove vpcSubnets, or select private or '
        + 'isolated subnets.'],
    ['a package name with other characters', { packages: ['postgresql16; curl evil'] },
      "packages must be names of Amazon Linux packages, each of at most 255 characters, got 'postgresql16; curl evil'. "
        + 'Pass the name only, such as postgresql16.'],
    ['an empty list of packages', { packages: [] },
      'packages must be a list of at least one package, got []. Remove packages, or name the clients that you need.'],
    ['packages known only at deployment', { packages: Token.asList({ Ref: 'Packages' }) },
      'packages must be a list that is known at synthesis, got a token. Use literal names.'],
    ['an idle timeout of zero', { idleTimeout: Duration.seconds(0) },
      'idleTimeout must be 1 to 60 whole minutes, got 0 seconds. Use Duration.minutes(…).'],
    ['an idle timeout with half a minute', { idleTimeout: Duration.seconds(90) },
      'idleTimeout must be 1 to 60 whole minutes, got 1 minute 30 seconds. Use Duration.minutes(…).'],
    ['an idle timeout of over an hour', { idleTimeout: Duration.minutes(61) },
      'idleTimeout must be 1 to 60 whole minutes, got 1 hour 1 minute. Use Duration.minutes(…).'],
    ['a session of over a day', { maxSessionDuration: Duration.hours(25) },
      'maxSessionDuration must be 1 to 1440 whole minutes, got 1 day 1 hour. Use Duration.minutes(…).'],
    ['forwarding without a reason', { portForwarding: { reason: ' ' } },
      "reason must be a non-blank string, got ' '. Say why it is acceptable that users can forward ports through the "
        + 'bastion, and Session Manager does not log the forwarded traffic.'],
  ])('%s', (_, props, message) => {
    expect(() => bastionTemplate(props)).toThrow(`[Stack/Bastion] ${message}`);
  });

  test.each<[string, (bastion: SsmBastion, stack: Stack) => void, string]>([
    ['a target without a port', (bastion, stack) => bastion.allowTo(listener(stack, 'Proxy')),
      'port must be set for a target without a default port, got undefined. Pass the port: ec2.Port.tcp(5432).'],
    ['a user', (bastion, stack) => bastion.grantStartSession(new iam.User(stack, 'Ada')),
      'identity must be a role or a group, got Stack/Ada. Add the user to a group, and call grantStartSession for the '
        + 'group.'],
    ['a forwarding command without port forwarding', (bastion) => bastion.forwardCommand('db', 5432, 15432),
      'portForwarding must be set for forwardCommand, got undefined. Set portForwarding with a reason, or use '
        + 'shellCommand.'],
  ])('%s', (_, act, message) => {
    const stack = newStack();
    const bastion = someBastion(stack);
    expect(() => act(bastion, stack)).toThrow(`[Stack/Bastion] ${message}`);
  });

  test('port 0', () => {
    const bastion = someBastion(newStack(), FORWARDING);
    expect(() => bastion.forwardCommand('db', 5432, 0)).toThrow(
      '[Stack/Bastion] localPort must be an integer from 1 to 65535, got 0. Use an integer in this range.');
  });
});

describe('at synthesis', () => {
  const INGRESS = '[Stack/Bastion] a security group rule allows inbound connections to the bastion. '
    + 'Remove the inbound rule, because sessions use Systems Manager.';

  test.each<[string, (bastion: SsmBastion, stack: Stack) => void]>([
    ['from an address', (bastion) => bastion.connections.allowFromAnyIpv4(ec2.Port.tcp(22))],
    [
      'from another group',
      (bastion, stack) => bastion.connections.allowFrom(listener(stack, 'Other', 22), ec2.Port.tcp(22)),
    ],
  ])('an inbound rule is refused: %s', (_, open) => {
    const stack = newStack();
    open(someBastion(stack), stack);
    expect(() => templateOf(stack)).toThrow(INGRESS);
  });

  const inVpc = (subnetType: ec2.SubnetType, more: (vpc: ec2.Vpc) => void = () => undefined) => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Own', subnetType },
      ],
    });
    new SsmBastion(stack, 'Bastion', { vpc, vpcSubnets: { subnetGroupName: 'Own' } });
    more(vpc);
    templateOf(stack);
    return Annotations.fromStack(stack)
      .findWarning('/Stack/Bastion', Match.stringLikeRegexp('bastion-unreachable'))
      .map(({ entry }) => entry.data);
  };

  test('a subnet without a route to Systems Manager has a warning', () => {
    expect(inVpc(ec2.SubnetType.PRIVATE_ISOLATED)).toEqual([
      'the subnet of the bastion has no route to the internet and its VPC has no endpoint for Systems Manager, so '
        + 'sessions cannot start: '
      + 'choose subnets with a route to the internet, or add the endpoint [ack: cdk-hipaa:bastion-unreachable]',
    ]);
  });

  test('a subnet with a NAT gateway or an endpoint of Systems Manager has no warning', () => {
    expect(inVpc(ec2.SubnetType.PRIVATE_WITH_EGRESS)).toEqual([]);
    expect(
      inVpc(ec2.SubnetType.PRIVATE_ISOLATED, (vpc) =>
        vpc.addInterfaceEndpoint('Ssm', { service: ec2.InterfaceVpcEndpointAwsService.SSM }),
      ),
    ).toEqual([]);
    expect(
      inVpc(ec2.SubnetType.PRIVATE_ISOLATED, (vpc) =>
        vpc.addInterfaceEndpoint('Logs', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS }),
      ),
    ).toHaveLength(1);
  });
});

test.each(['', ' ', 'a b', 'db;reboot', '$(id)', '-h'])("forwardCommand refuses the host '%s'", (host) => {
  const bastion = someBastion(newStack(), FORWARDING);
  expect(() => bastion.forwardCommand(host, 5432, 5432)).toThrow(new Error(
    `[Stack/Bastion] host must be a host name or an address of at most 253 characters, got '${host}'. `
      + 'Pass the host only.'));
});
