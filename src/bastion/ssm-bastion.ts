import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { checkBastion } from './bastion-checks';
import { allowFromBastion, bastionConnections, forwardedPorts } from './bastion-connections';
import { bastionInstance } from './bastion-instance';
import { bastionMonitoring } from './bastion-monitoring';
import { allowReports, bastionRole } from './bastion-role';
import { validateSessions } from './bastion-validation';
import { patchEveryWeek } from './machine-patches';
import { sessionDocument } from './session-document';
import { attachSessionPolicy, FORWARDING_DOCUMENT, sessionPolicy } from './session-policy';
import { SsmBastionProps } from './ssm-bastion-props';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { auditLogGroup } from '../blocks/log-group';
import { selectSubnets } from '../blocks/subnet-selection';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, Situation } from '../core/refusal';
import { relax } from '../core/relaxation';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/**
 * Creates an EC2 instance for access to databases through Session Manager.
 *
 * The instance has no public IP address, no key pair and no inbound rule. IAM determines who can open a session
 * (`grantStartSession`), and only with one session document. An encrypted log group keeps the input and output of all
 * shell sessions for six years. The instance can make outbound connections only over HTTPS and to the targets of
 * `allowTo`. It has no state: replace it instead of repairing it. It is not an `iam.IGrantable`: users of a session
 * cannot use the role of the instance, and they connect to AWS and to the database with their own identities.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const database: EncryptedDatabaseInstance;
 * declare const analysts: iam.IRole;
 *
 * const bastion = new SsmBastion(this, 'Bastion', { vpc: network });
 * bastion.allowTo(database);
 * bastion.grantStartSession(analysts);
 */
export class SsmBastion extends Construct implements ec2.IConnectable, IMonitored {
  /** The EC2 instance. */
  public readonly instance: ec2.Instance;
  /** The outbound connections of the instance. Synthesis refuses an inbound rule. */
  public readonly connections: ec2.Connections;
  /** The document that opens sessions. */
  public readonly sessionDocument: ssm.CfnDocument;
  /** The policy that allows sessions. A permission set of IAM Identity Center can include it. */
  public readonly sessionPolicy: iam.ManagedPolicy;
  /** The log group with the input and output of sessions. */
  public readonly sessionLogGroup: logs.LogGroup;
  /** The key that encrypts the disk, the sessions and the session log. */
  public readonly encryptionKey: kms.IKey;
  /** The AWS CLI command that opens a shell, for an output of your app. */
  public readonly shellCommand: string;

  constructor(scope: Construct, id: string, private readonly props: SsmBastionProps) {
    super(scope, id);
    checkProps(this, 'SsmBastionProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    const subnets = this.chooseSubnets();
    const sessions = validateSessions(this, props);
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Bastion ${this.node.path}: disk, sessions, session log`, users: [cloudWatchLogs],
    });
    this.sessionLogGroup = auditLogGroup(this, 'SessionLog', { encryptionKey: this.encryptionKey });
    const role = bastionRole(this, 'Role', { logGroup: this.sessionLogGroup, sessionKey: this.encryptionKey });
    this.connections = bastionConnections(this, props.vpc,
      'Outbound connections of the bastion; no inbound connections');
    const [securityGroup] = this.connections.securityGroups;
    const [subnet] = subnets.subnets;
    this.instance = bastionInstance(this, 'Instance', props, {
      role, subnet, securityGroup, encryptionKey: this.encryptionKey,
    });
    allowReports(this, 'Reports', role, this.instance);
    patchEveryWeek(this, 'Patches', this.instance);
    const { sessionLogGroup: logGroup, encryptionKey } = this;
    this.sessionDocument = sessionDocument(this, 'Session', { logGroup, encryptionKey, ...sessions });
    this.sessionPolicy = this.defineSessionPolicy();

    this.shellCommand = this.startSession(this.sessionDocument.ref);
    checkBastion(this, { vpc: props.vpc, subnet, securityGroup });
  }

  /** Returns the alarm for failed status checks, and graphs of network and CPU. */
  public monitoringPlan(): MonitoringPlan {
    return bastionMonitoring(this, this.instance);
  }

  /**
   * Allows connections from the bastion to one port of a target. The rules are in the stack of the bastion.
   * @param target the target of the connections, such as a database; a target in another VPC is refused
   * @param port the port; required if the target has no default port
   */
  public allowTo(target: ec2.IConnectable, port?: ec2.Port): void {
    checkArguments(this, 'SsmBastion.allowTo', { target, port });
    allowFromBastion(this, this.props.vpc, target, port);
  }

  /**
   * Allows a role or a group to open sessions on this instance, only with its session document.
   * @param identity the role or group; a user is refused, because users get permissions from groups
   */
  public grantStartSession(identity: iam.IIdentity): void {
    checkArguments(this, 'SsmBastion.grantStartSession', { identity });
    attachSessionPolicy(this, this.sessionPolicy, identity);
  }

  /**
   * Returns the AWS CLI command that forwards a port of a host, for an output of your app. Requires `portForwarding`.
   * @param host the host name as the bastion resolves it: the endpoint of a database
   * @param port the port of the host
   * @param localPort the port on the computer of the user
   */
  public forwardCommand(host: string, port: number, localPort: number): string {
    checkArguments(this, 'SsmBastion.forwardCommand', { host, port, localPort });
    if (!this.props.portForwarding) {
      const change = 'set portForwarding with a reason, or use shellCommand';
      refuse(this, { prop: 'portForwarding', given: undefined, allowed: 'set for forwardCommand', change });
    }
    const [remote, local] = forwardedPorts(this, host, port, localPort);
    const command = this.startSession(FORWARDING_DOCUMENT);
    return `${command} --parameters host=${host},portNumber=${remote},localPortNumber=${local}`;
  }

  private startSession(documentName: string): string {
    return `aws ssm start-session --region ${Stack.of(this).region} --target ${this.instance.instanceId} `
      + `--document-name ${documentName}`;
  }

  private chooseSubnets(): ec2.SelectedSubnets {
    const { vpc, vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } } = this.props;
    const subnets = selectSubnets(this, vpc, vpcSubnets, this.props.vpcSubnets !== undefined);
    if (subnets.hasPublic) {
      refuse(this, {
        prop: 'vpcSubnets',
        given: new Situation('public subnets'),
        allowed: 'private or isolated subnets',
        change: 'remove vpcSubnets, or select private or isolated subnets',
      });
    }
    return subnets;
  }

  private defineSessionPolicy(): iam.ManagedPolicy {
    const { portForwarding } = this.props;
    if (portForwarding) {
      relax(this, {
        id: 'port-forwarding',
        what: 'users can forward ports through the bastion, and Session Manager does not log the forwarded traffic',
        reason: portForwarding.reason,
      });
    }
    return sessionPolicy(this, 'SessionPolicy', {
      instance: this.instance,
      document: this.sessionDocument,
      encryptionKey: this.encryptionKey,
      portForwarding: Boolean(portForwarding),
    });
  }
}
