import { Template } from 'aws-cdk-lib/assertions';
import { ownerIsDbowner, reachedByClients } from './database';
import { AURORA, bastion, BASTION, single, SIX_YEARS } from './parts';
import { opens } from './security-groups';
import {
  allows,
  attribute,
  expectSame,
  granted,
  Granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  whoMay,
} from '../../../support/template/reading';
import { LOG_GROUP, SUBNET } from '../../../support/template/types';

const DOCUMENT = 'AWS::SSM::Document';
const POLICY = 'AWS::IAM::ManagedPolicy';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';

const inputs = (whole: Template) => propertiesOf(whole, DOCUMENT, only(whole, DOCUMENT)).Content.inputs;
const sessionLog = (whole: Template): string => inputs(whole).cloudWatchLogGroupName.Ref;
const role = (whole: Template): string =>
  propertiesOf(whole, 'AWS::IAM::InstanceProfile', bastion(whole).IamInstanceProfile.Ref).Roles[0].Ref;

/** The stack outputs the whole command, with the current instance and document. */
export function lineIsTold(whole: Template) {
  const { Value } = whole.toJSON().Outputs.DataShell;
  expect(text(Value)).toBe(
    `aws ssm start-session --region us-east-1 --target ${text(ref(only(whole, BASTION)))} --document-name `
      + `${text(ref(only(whole, DOCUMENT)))}`,
  );
}

const sessionPolicy = (whole: Template) => {
  const policies = Object.values(whole.findResources(POLICY)).map(({ Properties }) => Properties);
  return single(
    policies.filter(({ PolicyDocument }) =>
      PolicyDocument.Statement.some((each: Granted) => allows(each, 'ssm:StartSession')),
    ),
  );
};

/**
 * A person has one policy: sessions on this instance with this document only, and the end of their own sessions. No
 * role of the stacks has it.
 */
export function permissionsAreVerified(whole: Template) {
  const {
    PolicyDocument: {
      Statement: [start, own, channel, key, others, ...more],
    },
    Roles,
    Users,
    Groups,
  } = sessionPolicy(whole);
  expect([more, Roles, Users, Groups]).toEqual([[], undefined, undefined, undefined]);
  expect(start).toMatchObject({
    Effect: 'Allow',
    Action: 'ssm:StartSession',
    Condition: { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } },
  });
  expectSame(
    [start.Resource].flat().map((resource: unknown) => text(resource).replace(/^.*:(instance|document)\//, '$1 ')),
    [`instance ${text(ref(only(whole, BASTION)))}`, `document ${text(ref(only(whole, DOCUMENT)))}`],
  );
  expectSame(own.Action, ['ssm:ResumeSession', 'ssm:TerminateSession']);
  const tag = (name: string) => `ssm:resourceTag/aws:ssmmessages:${name}`;
  expect(own.Condition).toEqual({
    StringEquals: { [tag('session-id')]: '${aws:userid}', [tag('target-id')]: ref(only(whole, BASTION)) },
  });
  // The channel of a session requires its token, which only its owner receives.
  expect(channel.Action).toBe('ssmmessages:OpenDataChannel');
  for (const { Resource } of [own, channel]) expect(text(Resource)).toMatch(/:session\/\*$/);
  expect(key).toEqual({ Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: inputs(whole).kmsKeyId });
  expect([others.Effect, others.Action]).toEqual(['Deny', 'ssm:StartSession']);
  expectSame(
    others.Resource.map((resource: unknown) => text(resource).replace(/^.*:document\//, '')),
    ['AWS-*', 'SSM-SessionManagerRunShell'],
  );
  for (const action of ['ssm:StartSession', 'ssm:SendCommand', 'ec2-instance-connect:SendSSHPublicKey']) {
    expect(whoMay(whole, action)).toEqual([]);
  }
}

/** The instance has no key pair and no open SSH port, and no statement allows either. */
export function withoutKeys(whole: Template) {
  expect(bastion(whole)).not.toHaveProperty('KeyName');
  for (const { Properties } of Object.values(whole.findResources(TEMPLATE))) {
    expect(Properties.LaunchTemplateData).not.toHaveProperty('KeyName');
  }
  whole.resourceCountIs('AWS::EC2::KeyPair', 0);
  opens('bastion', 'Ingress')(whole);
}

/**
 * The key of the bastion encrypts sessions beside TLS. The user cannot become root. A session ends after 15 idle
 * minutes and after eight hours.
 */
export function sessionsAreSecure(whole: Template) {
  const { kmsKeyId, runAsEnabled, runAsDefaultUser, idleSessionTimeout, maxSessionDuration } = inputs(whole);
  const { DocumentType, Content } = propertiesOf(whole, DOCUMENT, only(whole, DOCUMENT));
  expect([DocumentType, Content.sessionType]).toEqual(['Session', 'Standard_Stream']);
  expect(rotatingKeys(whole)).toContainEqual(kmsKeyId);
  expect({ runAsEnabled, runAsDefaultUser, idleSessionTimeout, maxSessionDuration })
    .toEqual({ runAsEnabled: true, runAsDefaultUser: 'bastion', idleSessionTimeout: '15', maxSessionDuration: '480' });
  const agent = whoMay(whole, 'ssmmessages:OpenDataChannel');
  expect(agent).toEqual([{ role: role(whole), resource: '*' }]);
  // A session cannot use the role of the instance: only root reaches the credentials, from each start and before
  // the agent accepts sessions.
  const start: string = bastion(whole).UserData['Fn::Base64'];
  for (const address of ['ip daddr 169.254.169.254', 'ip6 daddr fd00:ec2::254']) {
    expect(start).toContain(`meta skuid != 0 ${address} drop`);
  }
  expect(start).toContain('RequiredBy=amazon-ssm-agent.service');
  expect(start).toMatch(/^systemctl enable --now bastion-metadata\.service && useradd .* bastion$/m);
  opens('bastion', 'Egress')(whole);
}

/** One instance, in the first data subnet, without a public address. */
export function privateMachine(whole: Template) {
  const { NetworkInterfaces, SubnetId, MetadataOptions } = bastion(whole);
  expect(NetworkInterfaces).toHaveLength(1);
  const [{ AssociatePublicIpAddress, SubnetId: subnet }] = NetworkInterfaces;
  expect({ AssociatePublicIpAddress, SubnetId }).toEqual({ AssociatePublicIpAddress: false, SubnetId: undefined });
  const { CidrBlock, MapPublicIpOnLaunch } = propertiesOf(whole, SUBNET, subnet.Ref);
  expect({ CidrBlock, MapPublicIpOnLaunch }).toEqual({ CidrBlock: '10.0.21.0/24', MapPublicIpOnLaunch: false });
  whole.resourceCountIs('AWS::EC2::EIPAssociation', 0);
  expect(MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  // Other security groups, and what a launch template could add: an address, a group, a role, a script.
  for (const property of ['SecurityGroupIds', 'SecurityGroups']) expect(bastion(whole)).not.toHaveProperty(property);
  expect(propertiesOf(whole, TEMPLATE, bastion(whole).LaunchTemplate.LaunchTemplateId.Ref)).toEqual({
    LaunchTemplateData: {
      ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      Monitoring: { Enabled: true },
    },
  });
}

/** Outbound: the port of Aurora and HTTPS only. */
export function reachesAurora(whole: Template) {
  opens('bastion', 'Egress')(whole);
  reachedByClients(whole);
}

/** The instance has psql, which requires TLS. The database has the user `dbowner` and IAM authentication. */
export function psqlConnects(whole: Template) {
  const start: string = bastion(whole).UserData['Fn::Base64'];
  expect(start).toMatch(/dnf install --assumeyes nftables postgresql\d+ /);
  expect(start).toContain('export PGSSLMODE=require');
  ownerIsDbowner(whole);
  expect(propertiesOf(whole, AURORA, only(whole, AURORA)).EnableIAMDatabaseAuthentication).toBe(true);
  reachesAurora(whole);
}

/** Input and output are streamed to an encrypted log group and stored nowhere else. */
export function sessionsAreLogged(whole: Template) {
  const { cloudWatchEncryptionEnabled, cloudWatchStreamingEnabled, s3BucketName } = inputs(whole);
  expect({ cloudWatchEncryptionEnabled, cloudWatchStreamingEnabled, s3BucketName }).toEqual({
    cloudWatchEncryptionEnabled: true,
    cloudWatchStreamingEnabled: true,
    s3BucketName: '',
  });
  expect(whoMay(whole, 'logs:PutLogEvents')).toContainEqual({
    role: role(whole),
    resource: attribute(sessionLog(whole), 'Arn'),
  });
  expect(bastion(whole).UserData['Fn::Base64']).toContain('export HISTFILE=/dev/null PSQL_HISTORY=/dev/null');
}

/** Six years, encrypted, retained after deletion. The instance can add entries and delete nothing. */
export function sessionsAreKept(whole: Template) {
  const { LogGroupName, RetentionInDays, KmsKeyId } = propertiesOf(whole, LOG_GROUP, sessionLog(whole));
  expect({ LogGroupName, RetentionInDays }).toEqual({ LogGroupName: undefined, RetentionInDays: SIX_YEARS });
  expect(KmsKeyId).toEqual(inputs(whole).kmsKeyId);
  expect(whole.toJSON().Resources[sessionLog(whole)]).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
  const rights = granted(whole, role(whole));
  expect(rights.length).toBeGreaterThan(0);
  for (const action of ['logs:DeleteLogStream', 'logs:DeleteLogGroup', 'logs:PutRetentionPolicy']) {
    expect(rights.filter((right) => allows(right, action))).toEqual([]);
  }
}
