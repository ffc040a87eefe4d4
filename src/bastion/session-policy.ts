import { Aws, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { refuse, Situation } from '../core/refusal';

/** The document of AWS that carries a port of a host to one's own machine. What goes through it cannot be logged. */
export const FORWARDING_DOCUMENT = 'AWS-StartPortForwardingSessionToRemoteHost';
/** The other documents of AWS that open a session: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html */
const UNLOGGED_DOCUMENTS = ['AWS-StartSSHSession', 'AWS-StartPortForwardingSession', 'AWS-StartPortForwardingSessionToSocket', 'AWS-StartInteractiveCommand', 'AWS-StartNonInteractiveCommand', 'AWS-PasswordReset'];
/** The document of an account that a session is opened with when none is named. */
const DEFAULT_DOCUMENT = 'SSM-SessionManagerRunShell';
/** The tags that Systems Manager gives a session: who opened it, as `aws:userid` has it for users and for whoever has assumed a role, and on what. */
const OWNER_TAG = 'ssm:resourceTag/aws:ssmmessages:session-id';
const TARGET_TAG = 'ssm:resourceTag/aws:ssmmessages:target-id';

/** What a session is opened on, and how. */
export interface SessionPolicyOptions {
  readonly instance: ec2.Instance;
  readonly document: ssm.CfnDocument;
  readonly encryptionKey: kms.IKey;
  readonly portForwarding: boolean;
}

/**
 * What a person needs in order to open a session on one machine by one document, and nothing else. Other documents are denied, whatever other policies say.
 *
 * `ssm:SessionDocumentAccessCheck` has Systems Manager ask for the document, too; without it, who may reach the machine may choose any.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-sessiondocumentaccesscheck.html
 *
 * One's own sessions are told by their tags. Their ids do not tell: for an assumed role they begin with the name of the role's session, of which IAM has no variable.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
 */
export function sessionPolicy(scope: Construct, id: string, options: SessionPolicyOptions): iam.ManagedPolicy {
  const stack = Stack.of(scope);
  // Pseudo parameters, so that the text is the same in a stack with an environment and the acknowledgement below fits it.
  const sessions = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:session/*`;
  const policy = new iam.ManagedPolicy(scope, id, { description: `Opens sessions on ${scope.node.path}, which are logged` });
  policy.addStatements(
    new iam.PolicyStatement({
      actions: ['ssm:StartSession'],
      resources: [
        stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: options.instance.instanceId }),
        stack.formatArn({ service: 'ssm', resource: 'document', resourceName: options.document.ref }),
        ...options.portForwarding ? [stack.formatArn({ service: 'ssm', account: '', resource: 'document', resourceName: FORWARDING_DOCUMENT })] : [],
      ],
      conditions: { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } },
    }),
    new iam.PolicyStatement({
      actions: ['ssm:ResumeSession', 'ssm:TerminateSession'],
      resources: [sessions],
      conditions: { StringEquals: { [OWNER_TAG]: '${aws:userid}', [TARGET_TAG]: options.instance.instanceId } },
    }),
    // Knows no condition. A channel opens with the token alone that StartSession or ResumeSession has given out for it.
    new iam.PolicyStatement({ actions: ['ssmmessages:OpenDataChannel'], resources: [sessions] }),
    new iam.PolicyStatement({ actions: ['kms:GenerateDataKey'], resources: [options.encryptionKey.keyArn] }),
    new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['ssm:StartSession'], resources: otherDocuments(options.portForwarding) }),
  );
  acknowledge(policy, {
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:session/*]'],
    reason: `The id of a session on ${scope.node.path} ends at random. Which one may be taken up and closed is a matter of its tags, which are a condition; opening its channel takes its token`,
  });
  return policy;
}

/**
 * The documents of AWS, and the one that is used when none is named: machine and document are authorized one by one, so that another policy of the
 * same person that allows such a document would open it on this machine as well.
 */
function otherDocuments(portForwarding: boolean): string[] {
  const ofAws = portForwarding ? UNLOGGED_DOCUMENTS : ['AWS-*'];
  return [
    ...ofAws.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${name}`),
    `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:document/${DEFAULT_DOCUMENT}`,
  ];
}

/** Attaches a policy from its own side, which works for identities that are imported, too. A user is refused: rights come from groups and roles, as AWS Config `iam-user-no-policies-check` has it. */
export function attach(scope: Construct, policy: iam.ManagedPolicy, identity: iam.IIdentity): void {
  if ('roleName' in identity) return policy.attachToRole(identity as iam.IRole);
  if ('groupName' in identity) return policy.attachToGroup(identity as iam.IGroup);
  return refuse(scope, {
    prop: 'grantStartSession',
    given: new Situation('called for a user'),
    allowed: 'a role or a group',
    change: 'put the user into a group, and grant it to that',
  });
}
