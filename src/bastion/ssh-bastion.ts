import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requireAllowedAddress } from './allowed-address';
import { checkOnlySsh } from './bastion-checks';
import { allowFromBastion, bastionConnections, forwardedPorts } from './bastion-connections';
import { bastionInstance } from './bastion-instance';
import { bastionMonitoring } from './bastion-monitoring';
import { allowReports, bastionRole } from './bastion-role';
import { SESSION_USER } from './bastion-start';
import { validateIdleTimeout } from './bastion-validation';
import { patchEveryWeek } from './machine-patches';
import { SshBastionProps } from './ssh-bastion-props';
import { keyPairAndLoginLog, LOGIN_LOG_PACKAGES, restrictedSsh } from './ssh-start';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { auditLogGroup } from '../blocks/log-group';
import { selectSubnets } from '../blocks/subnet-selection';
import { acknowledge } from '../core/acknowledge';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, Situation } from '../core/refusal';
import { relax } from '../core/relaxation';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

const SSH_PORT = 22;
/** The rules that report an inbound rule whose address is a token. */
const RULES_ABOUT_ADDRESSES = [
  'AwsSolutions-EC23', 'HIPAA.Security-EC2RestrictedCommonPorts', 'HIPAA.Security-EC2RestrictedSSH',
  'NIST.800.53.R5-EC2RestrictedCommonPorts', 'NIST.800.53.R5-EC2RestrictedSSH',
];

/**
 * Creates an EC2 instance that people reach by SSH from one address, with a key pair.
 *
 * Use `SsmBastion` unless you must have SSH: it needs no open port and no key pair, and it logs sessions. This bastion
 * accepts SSH from `allowedAddress` only, for one user who cannot become root. An encrypted log group keeps the logins
 * for six years, but not the input and output of sessions. The instance can make outbound connections only over HTTPS
 * and to the targets of `allowTo`. It has no state: replace it instead of repairing it. The creation is a relaxation:
 * it raises a warning and appears in the report.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const database: EncryptedDatabaseInstance;
 *
 * const bastion = new SshBastion(this, 'Bastion', {
 *   vpc: network,
 *   allowedAddress: '203.0.113.7/32',
 *   keyPair: ec2.KeyPair.fromKeyPairName(this, 'Analysts', 'analysts'),
 *   reason: 'the client of the analysts supports SSH only',
 * });
 * bastion.allowTo(database);
 */
export class SshBastion extends Construct implements ec2.IConnectable, IMonitored {
  /** The EC2 instance. */
  public readonly instance: ec2.Instance;
  /** The Elastic IP address, which stays the same when the instance is replaced. */
  public readonly elasticIp: ec2.CfnEIP;
  /** The connections of the instance. Synthesis refuses a second inbound rule. */
  public readonly connections: ec2.Connections;
  /** The log group with the logins. */
  public readonly loginLogGroup: logs.LogGroup;
  /** The key that encrypts the disk and the login log. */
  public readonly encryptionKey: kms.IKey;
  /** The command that opens a shell, for an output of your app. */
  public readonly sshCommand: string;

  constructor(scope: Construct, id: string, private readonly props: SshBastionProps) {
    super(scope, id);
    checkProps(this, 'SshBastionProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    requireAllowedAddress(this, props.allowedAddress);
    this.reportAccess();
    const [subnet] = this.chooseSubnets().subnets;
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Bastion ${this.node.path}: disk, login log`, users: [cloudWatchLogs],
    });
    this.loginLogGroup = auditLogGroup(this, 'LoginLog', { encryptionKey: this.encryptionKey });
    this.connections = this.defineConnections();
    this.instance = this.defineInstance(subnet);
    patchEveryWeek(this, 'Patches', this.instance);
    this.elasticIp = this.defineAddress(subnet);
    this.sshCommand = `ssh ${this.login()}`;
    checkOnlySsh(this, this.connections.securityGroups[0]);
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
    checkArguments(this, 'SshBastion.allowTo', { target, port });
    allowFromBastion(this, this.props.vpc, target, port);
  }

  /**
   * Returns the SSH command that forwards a port of a host, for an output of your app.
   * @param host the host name as the bastion resolves it: the endpoint of a database
   * @param port the port of the host
   * @param localPort the port on the computer of the user
   */
  public forwardCommand(host: string, port: number, localPort: number): string {
    checkArguments(this, 'SshBastion.forwardCommand', { host, port, localPort });
    const [remote, local] = forwardedPorts(this, host, port, localPort);
    return `ssh -N -L ${local}:${host}:${remote} ${this.login()}`;
  }

  private login(): string {
    return `${SESSION_USER}@${this.elasticIp.attrPublicIp}`;
  }

  private reportAccess(): void {
    relax(this, {
      id: 'ssh-bastion',
      what: 'people with the key pair log in over SSH from the internet as one shared user, and no log contains the '
        + 'input and output of their sessions',
      reason: this.props.reason,
    });
  }

  private chooseSubnets(): ec2.SelectedSubnets {
    const { vpc, vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC } } = this.props;
    const isGiven = this.props.vpcSubnets !== undefined;
    const noPublic = (change: string) => refuse(this, {
      prop: isGiven ? 'vpcSubnets' : 'vpc',
      given: new Situation(isGiven ? 'private or isolated subnets' : 'none'),
      allowed: isGiven ? 'public subnets' : 'a VPC with public subnets',
      change,
    });
    if (!isGiven && vpc.publicSubnets.length === 0) noPublic('pass such a VPC, or use SsmBastion');
    const subnets = selectSubnets(this, vpc, vpcSubnets, isGiven);
    const isPrivate = (subnet: ec2.ISubnet) => [...vpc.privateSubnets, ...vpc.isolatedSubnets].includes(subnet);
    if (subnets.subnets.some(isPrivate)) noPublic('remove vpcSubnets, or use SsmBastion in private subnets');
    return subnets;
  }

  private defineConnections(): ec2.Connections {
    const { vpc, allowedAddress } = this.props;
    const connections = bastionConnections(this, vpc, 'SSH from one address, and outbound connections of the bastion');
    const [securityGroup] = connections.securityGroups as ec2.SecurityGroup[];
    securityGroup.addIngressRule(ec2.Peer.ipv4(allowedAddress), ec2.Port.tcp(SSH_PORT), 'SSH from the allowed address');
    if (Token.isUnresolved(allowedAddress)) this.acknowledgeUnknownAddress(securityGroup);
    return connections;
  }

  /** The rules report an address that they cannot read. Synthesis refuses any other inbound rule of the group. */
  private acknowledgeUnknownAddress(securityGroup: ec2.SecurityGroup): void {
    acknowledge(securityGroup, {
      rules: RULES_ABOUT_ADDRESSES,
      reason: `The address that ${this.node.path} accepts is known only at deployment, so the rule cannot read it. Its `
        + 'pattern or its prefix length allows at most 256 addresses',
    });
  }

  private defineInstance(subnet: ec2.ISubnet): ec2.Instance {
    const role = bastionRole(this, 'Role', { logGroup: this.loginLogGroup });
    const instance = bastionInstance(this, 'Instance', this.props, {
      role,
      subnet,
      securityGroup: this.connections.securityGroups[0],
      encryptionKey: this.encryptionKey,
      keyPair: this.props.keyPair,
      additionalPackages: LOGIN_LOG_PACKAGES,
      commandsAtStart: restrictedSsh(validateIdleTimeout(this, this.props.idleTimeout)),
      commandsAfterUser: keyPairAndLoginLog(this.loginLogGroup),
    });
    allowReports(this, 'Reports', role, instance);
    return instance;
  }

  /** A changed instance keeps the address: CloudFormation moves it to the new instance. */
  private defineAddress(subnet: ec2.ISubnet): ec2.CfnEIP {
    const address = new ec2.CfnEIP(this, 'Address', { domain: 'vpc', instanceId: this.instance.instanceId });
    // The association needs the internet gateway of the VPC.
    address.node.addDependency(subnet.internetConnectivityEstablished);
    return address;
  }
}
