import { Duration, Fn, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { checkBastion } from './bastion-checks';
import { BastionImage, BastionImageInPlace } from './bastion-image';
import { bastionAlarms, bastionMetric } from './bastion-monitoring';
import { allowReports, bastionRole } from './bastion-role';
import { bastionStart } from './bastion-start';
import { patchEveryWeek } from './machine-patches';
import { sessionDocument } from './session-document';
import { attach, FORWARDING_DOCUMENT, sessionPolicy } from './session-policy';
import { SsmBastionProps } from './ssm-bastion-props';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../core/acknowledge';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { auditLogGroup } from '../blocks/log-group';
import { refuse, requireInteger, Situation } from '../core/refusal';
import { relax } from '../core/relaxation';
import { declareWatchable } from '../core/monitored-mark';

/** Two processors and 1 GiB, enough to install patches and to run clients. */
const DEFAULT_INSTANCE_TYPE = 't4g.micro';
/** The clients of PostgreSQL 16, which also speak to older and newer servers. */
const DEFAULT_PACKAGES = ['postgresql16'];
const PACKAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
/** How long a session may rest, in minutes, unless the app says otherwise, and at most. Source: the schema of session documents. */
const DEFAULT_IDLE_MINUTES = 15;
const LONGEST_IDLE_MINUTES = 60;
/** How long a session may last, in minutes, unless the app says otherwise (a working day), and at most. Source: the same. */
const DEFAULT_SESSION_MINUTES = 480;
const LONGEST_SESSION_MINUTES = 1440;
const HTTPS_PORT = 443;
const HIGHEST_PORT = 65535;
/** The root of Amazon Linux. */
const ROOT_DEVICE = '/dev/xvda';

/**
 * A machine from which people reach what is in the network: a database with psql, by Session Manager and by nothing else.
 *
 * Nothing reaches it from outside: it has no public address, no key pair and no rule that lets anything in. Whoever opens a session is named by IAM
 * (`grantStartSession`), may use one session document, and what is typed and shown is kept for six years in an encrypted log group. It reaches HTTPS and
 * what `allowTo` names. It holds no state, and is replaced rather than repaired. Nothing is granted to it: nobody with a session can act as the machine, and
 * people stay themselves towards AWS and the database.
 */
export class SsmBastion extends Construct implements ec2.IConnectable, IMonitored {
  /** The machine. */
  public readonly instance: ec2.Instance;
  /** What the machine may reach. Nothing may reach it: a rule that lets something in is refused when the app is synthesised. */
  public readonly connections: ec2.Connections;
  /** The document that sessions are opened with. */
  public readonly sessionDocument: ssm.CfnDocument;
  /** What a person needs in order to open a session. Name it in a permission set where people come from IAM Identity Center. */
  public readonly sessionPolicy: iam.ManagedPolicy;
  /** What was typed and shown. */
  public readonly sessionLogGroup: logs.LogGroup;
  /** The key of the disk, the sessions and their log. */
  public readonly encryptionKey: kms.IKey;
  /** The command that opens a shell, for an output of the app's own. */
  public readonly shellCommand: string;

  constructor(scope: Construct, id: string, private readonly props: SsmBastionProps) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    const subnets = this.chooseSubnets();
    const sessions = this.validateSessions();
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, { description: `Bastion ${this.node.path}: disk, sessions, session log`, users: [cloudWatchLogs] });
    this.sessionLogGroup = auditLogGroup(this, 'SessionLog', { encryptionKey: this.encryptionKey });
    const role = bastionRole(this, 'Role', this.sessionLogGroup, this.encryptionKey);
    this.connections = this.defineConnections();
    this.instance = this.defineInstance(role, subnets);
    allowReports(this, 'Reports', role, this.instance);
    patchEveryWeek(this, 'Patches', this.instance);
    this.sessionDocument = sessionDocument(this, 'Session', { logGroup: this.sessionLogGroup, encryptionKey: this.encryptionKey, ...sessions });
    this.sessionPolicy = this.defineSessionPolicy();

    this.shellCommand = this.startSession(this.sessionDocument.ref);
    checkBastion(this, { vpc: props.vpc, subnet: subnets.subnets[0], securityGroup: this.connections.securityGroups[0] });
  }

  /** A machine that fails its status checks. */
  public monitoringPlan(): MonitoringPlan {
    return {
      title: `Bastion ${this.node.path}`,
      alarms: bastionAlarms(this.instance),
      widgets: [new cloudwatch.GraphWidget({
        title: 'Bastion',
        left: [bastionMetric(this.instance, 'NetworkOut', cloudwatch.Stats.SUM)],
        right: [bastionMetric(this.instance, 'CPUUtilization', cloudwatch.Stats.AVERAGE)],
        width: 12,
      })],
    };
  }

  /**
   * Opens one port from the bastion to something else. The rules are made in the stack of the bastion.
   * @param target what is to be reached
   * @param port its port; what has no port of its own is refused without one
   */
  public allowTo(target: ec2.IConnectable, port?: ec2.Port): void {
    const open = port ?? target.connections.defaultPort;
    if (!open) {
      refuse(this, {
        prop: 'allowTo',
        given: new Situation('called without a port, for a target that has no port of its own'),
        allowed: 'a target with a default port, or a port',
        change: 'pass the port: ec2.Port.tcp(5432)',
      });
    }
    this.connections.allowTo(target, open, `Bastion ${this.node.id}`);
  }

  /** Lets a role or a group open sessions on this machine, by its one document. Users are refused: they get their rights from groups. */
  public grantStartSession(identity: iam.IIdentity): void {
    attach(this, this.sessionPolicy, identity);
  }

  /**
   * The command that carries a port of a host to one's own machine, for an output of the app's own. Refused without `portForwarding`.
   * @param host the host, as the bastion knows it: the endpoint of a database
   * @param port the port of that host
   * @param localPort the port at which it is then found on one's own machine
   */
  public forwardCommand(host: string, port: number, localPort: number): string {
    if (!this.props.portForwarding) {
      refuse(this, {
        prop: 'forwardCommand',
        given: new Situation('called without portForwarding'),
        allowed: 'a bastion that may forward ports',
        change: 'pass portForwarding with a reason, or use shellCommand',
      });
    }
    requireInteger(this, 'port', port, 1, HIGHEST_PORT);
    requireInteger(this, 'localPort', localPort, 1, HIGHEST_PORT);
    const [there, here] = [port, localPort].map((number) => Tokenization.stringifyNumber(number));
    return `${this.startSession(FORWARDING_DOCUMENT)} --parameters host=${host},portNumber=${there},localPortNumber=${here}`;
  }

  private startSession(documentName: string): string {
    return `aws ssm start-session --region ${Stack.of(this).region} --target ${this.instance.instanceId} --document-name ${documentName}`;
  }

  private chooseSubnets(): ec2.SelectedSubnets {
    const subnets = this.props.vpc.selectSubnets(this.props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
    if (subnets.hasPublic) {
      refuse(this, { prop: 'vpcSubnets', given: new Situation('public subnets'), allowed: 'subnets that the internet does not reach', change: 'leave it out, or pass private or data subnets' });
    }
    return subnets;
  }

  private validateSessions(): { idleTimeout: Duration; longestSession: Duration } {
    const idleTimeout = this.props.idleTimeout ?? Duration.minutes(DEFAULT_IDLE_MINUTES);
    const longestSession = this.props.maxSessionDuration ?? Duration.minutes(DEFAULT_SESSION_MINUTES);
    this.requireMinutes('idleTimeout', idleTimeout, LONGEST_IDLE_MINUTES);
    this.requireMinutes('maxSessionDuration', longestSession, LONGEST_SESSION_MINUTES);
    return { idleTimeout, longestSession };
  }

  private requireMinutes(prop: string, given: Duration, most: number): void {
    if (given.isUnresolved()) return;
    const minutes = given.toMinutes({ integral: false });
    if (Number.isInteger(minutes) && minutes >= 1 && minutes <= most) return;
    refuse(this, { prop, given, allowed: `1 to ${most} whole minutes`, change: 'say it as Duration.minutes(…)' });
  }

  private choosePackages(): string[] {
    const { packages = DEFAULT_PACKAGES } = this.props;
    if (Token.isUnresolved(packages)) refuse(this, { prop: 'packages', given: packages, allowed: 'a list known at synthesis', change: 'write the names out' });
    if (!Array.isArray(packages)) refuse(this, { prop: 'packages', given: packages, allowed: 'a list of names', change: 'put the name into a list' });
    if (packages.length === 0) refuse(this, { prop: 'packages', given: packages, allowed: 'one package at least', change: 'leave it out, or name what people work with' });
    for (const name of packages) {
      if (Token.isUnresolved(name) || PACKAGE_NAME.test(name)) continue;
      refuse(this, { prop: 'packages', given: name, allowed: 'names of packages of Amazon Linux', change: 'pass the name alone, as postgresql16' });
    }
    return packages;
  }

  private defineConnections(): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.vpc,
      description: 'What the bastion may reach; nothing reaches it',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
      disableInlineRules: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to Systems Manager, CloudWatch Logs, KMS and the packages of Amazon Linux');
    return new ec2.Connections({ securityGroups: [securityGroup] });
  }

  private defineInstance(role: iam.Role, { subnets }: ec2.SelectedSubnets): ec2.Instance {
    const instanceType = this.props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
    const image = (this.props.image ?? BastionImage.amazonLinux2023())._bind(this, instanceType);
    const userData = bastionStart({ packages: this.choosePackages(), mark: image.mark });
    const instance = new ec2.Instance(this, 'Instance', {
      vpc: this.props.vpc,
      vpcSubnets: { subnets: subnets.slice(0, 1) },
      securityGroup: this.connections.securityGroups[0],
      associatePublicIpAddress: false,
      instanceType,
      machineImage: { getImage: () => ({ imageId: image.imageId ?? '', osType: ec2.OperatingSystemType.LINUX, userData }) },
      userDataCausesReplacement: true,
      role,
      ssmSessionPermissions: false,
      httpTokens: ec2.HttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      httpEndpoint: true,
      instanceMetadataTags: false,
      detailedMonitoring: true,
      ebsOptimized: true,
      disableApiTermination: false,
      propagateTagsToVolumeOnCreation: true,
    });
    this.fit(instance.instance, image, subnets[0]);
    this.acknowledgeInstance(instance.instance, image, instanceType);
    // The way to the internet has to be there before the machine starts; the role is nothing without its policy.
    instance.node.addDependency(role, subnets[0].internetConnectivityEstablished);
    return instance;
  }

  /** What aws-cdk-lib does not let one say: a disk as large as that of the image, an image that a launch template names, a subnet of a list known at deployment. */
  private fit(instance: ec2.CfnInstance, { imageId, launchTemplate }: BastionImageInPlace, { subnetId }: ec2.ISubnet): void {
    instance.blockDeviceMappings = [{
      deviceName: ROOT_DEVICE,
      ebs: { encrypted: true, kmsKeyId: this.encryptionKey.keyArn, volumeType: ec2.EbsDeviceVolumeType.GP3, deleteOnTermination: true },
    }];
    instance.imageId = imageId;
    if (launchTemplate) instance.launchTemplate = { launchTemplateId: launchTemplate.ref, version: launchTemplate.attrLatestVersionNumber };
    // The subnet decides the zone.
    instance.availabilityZone = undefined;
    const [networkInterface] = instance.networkInterfaces as ec2.CfnInstance.NetworkInterfaceProperty[];
    const isOfList = !Token.isUnresolved(subnetId) && Token.isUnresolved([subnetId]);
    instance.networkInterfaces = [{ ...networkInterface, subnetId: isOfList ? Fn.select(0, [subnetId]) : subnetId }];
  }

  private acknowledgeInstance(instance: ec2.CfnInstance, image: BastionImageInPlace, instanceType: ec2.InstanceType): void {
    acknowledge(instance,
      {
        rules: ['AwsSolutions-EC29'],
        reason: `${this.node.path} holds no state and is renewed by being replaced, which protection against termination would stop halfway`,
      },
      {
        rules: ['HIPAA.Security-EC2InstancesInVPC', 'NIST.800.53.R5-EC2InstancesInVPC'],
        reason: `${this.node.path} stands in a subnet of the VPC: its one network interface names it, where a public address can be ruled out, and the rule reads another property`,
      },
    );
    if (image.isWrittenOut) {
      acknowledge(instance, {
        rules: ['CloudFormation-Validate::W9010'],
        reason: `The app pins the image of ${this.node.path} for each region with BastionImage.pinned, so that it changes when the app says so`,
      });
    }
    if (Token.isUnresolved(instanceType.toString())) {
      acknowledge(instance, {
        rules: ['HIPAA.Security-EC2EBSOptimizedInstance', 'NIST.800.53.R5-EC2EBSOptimizedInstance'],
        reason: `The type of ${this.node.path} is known only at deployment, and the rule cannot read it; the machine is optimized for its disk whatever the type`,
      });
    }
  }

  private defineSessionPolicy(): iam.ManagedPolicy {
    const { portForwarding } = this.props;
    if (portForwarding) {
      relax(this, { id: 'port-forwarding', what: 'ports are forwarded through the bastion, and nothing that goes through them is logged', reason: portForwarding.reason });
    }
    return sessionPolicy(this, 'SessionPolicy', {
      instance: this.instance, document: this.sessionDocument, encryptionKey: this.encryptionKey, portForwarding: portForwarding !== undefined,
    });
  }
}
