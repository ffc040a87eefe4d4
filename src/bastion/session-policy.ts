import { Aws, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { refuse } from '../core/refusal';

/** The AWS document that forwards a port of a remote host. Session Manager does not log its traffic. */
export const FORWARDING_DOCUMENT = 'AWS-StartPortForwardingSessionToRemoteHost';
/**
 * The other AWS documents that open sessions.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
 */
const UNLOGGED_DOCUMENTS = [
  'AWS-StartSSHSession',
  'AWS-StartPortForwardingSession',
  'AWS-StartPortForwardingSessionToSocket',
  'AWS-StartInteractiveCommand',
  'AWS-StartNonInteractiveCommand',
  'AWS-PasswordReset',
];
/** The document of an account for sessions that name no document. */
const DEFAULT_DOCUMENT = 'SSM-SessionManagerRunShell';
/**
 * Tags that Systems Manager adds to a session: its owner and its target.
 *
 * The owner has the form of `aws:userid`, for users and for assumed roles.
 */
const OWNER_TAG = 'ssm:resourceTag/aws:ssmmessages:session-id';
const TARGET_TAG = 'ssm:resourceTag/aws:ssmmessages:target-id';

/** Options for the session policy. */
export interface SessionPolicyOptions {
  readonly instance: ec2.Instance;
  readonly document: ssm.CfnDocument;
  readonly encryptionKey: kms.IKey;
  readonly portForwarding: boolean;
}

/**
 * Creates the policy that allows sessions on one instance with one document. It denies other documents.
 *
 * With `ssm:SessionDocumentAccessCheck`, Systems Manager also checks the permission for the document. Without it, a
 * user with access to the instance can choose any document.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-sessiondocumentaccesscheck.html
 *
 * Tags identify the sessions of a user. Session IDs do not: for an assumed role, they begin with the name of the role
 * session, and IAM has no policy variable for that name.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
 */
export function sessionPolicy(scope: Construct, id: string, options: SessionPolicyOptions): iam.ManagedPolicy {
  const stack = Stack.of(scope);
  // Pseudo parameters give the same text in a stack with an environment, so the acknowledgement below matches it.
  const sessions = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:session/*`;
  const policy = new iam.ManagedPolicy(scope, id, { description: `Allows logged sessions on ${scope.node.path}` });
  policy.addStatements(
    new iam.PolicyStatement({
      actions: ['ssm:StartSession'],
      resources: [
        stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: options.instance.instanceId }),
        stack.formatArn({ service: 'ssm', resource: 'document', resourceName: options.document.ref }),
        ...options.portForwarding
          ? [stack.formatArn({ service: 'ssm', account: '', resource: 'document', resourceName: FORWARDING_DOCUMENT })]
          : [],
      ],
      conditions: { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } },
    }),
    new iam.PolicyStatement({
      actions: ['ssm:ResumeSession', 'ssm:TerminateSession'],
      resources: [sessions],
      conditions: { StringEquals: { [OWNER_TAG]: '${aws:userid}', [TARGET_TAG]: options.instance.instanceId } },
    }),
    // The action supports no condition. A channel opens only with the token that StartSession or ResumeSession returns.
    new iam.PolicyStatement({ actions: ['ssmmessages:OpenDataChannel'], resources: [sessions] }),
    new iam.PolicyStatement({ actions: ['kms:GenerateDataKey'], resources: [options.encryptionKey.keyArn] }),
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: ['ssm:StartSession'],
      resources: otherDocuments(options.portForwarding),
    }),
  );
  acknowledge(policy, {
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:session/*]'],
    reason: `The ID of a session on ${scope.node.path} ends with random characters. A condition on the tags of the `
      + 'session limits which sessions a user can resume and terminate, and a channel opens only with its token',
  });
  return policy;
}

/**
 * The documents of AWS, and the default document of the account.
 *
 * IAM authorizes instance and document separately. Without a deny statement, another policy of the same user that
 * allows such a document would also allow it on this instance.
 */
function otherDocuments(portForwarding: boolean): string[] {
  const ofAws = portForwarding ? UNLOGGED_DOCUMENTS : ['AWS-*'];
  return [
    ...ofAws.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${name}`),
    `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:document/${DEFAULT_DOCUMENT}`,
  ];
}

/**
 * Attaches the session policy to a role or group. Refuses a user.
 *
 * The policy lists the identity, so imported identities work. The AWS Config rule `iam-user-no-policies-check` reports
 * policies that are attached to users.
 */
export function attachSessionPolicy(scope: Construct, policy: iam.ManagedPolicy, identity: iam.IIdentity): void {
  if ('roleName' in identity) return policy.attachToRole(identity as iam.IRole);
  if ('groupName' in identity) return policy.attachToGroup(identity as iam.IGroup);
  return refuse(scope, {
    prop: 'identity',
    given: identity,
    allowed: 'a role or a group',
    change: 'add the user to a group, and call grantStartSession for the group',
  });
}
