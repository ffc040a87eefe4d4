import { Fn, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { checkBastion } from './bastion-checks';
import { BastionImage, ResolvedImage } from './bastion-image';
import { bastionAlarms, bastionMetric } from './bastion-monitoring';
import { allowReports, bastionRole } from './bastion-role';
import { bastionStart } from './bastion-start';
import {
  requireForwardHost, requireInstanceType, validatePackages, validateRotationMarker, validateSessions,
} from './bastion-validation';
import { patchEveryWeek } from './machine-patches';
import { sessionDocument } from './session-document';
import { attachSessionPolicy, FORWARDING_DOCUMENT, sessionPolicy } from './session-policy';
import { SsmBastionProps } from './ssm-bastion-props';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { auditLogGroup } from '../blocks/log-group';
import { requireReachable } from '../blocks/same-vpc';
import { selectSubnets } from '../blocks/subnet-selection';
import { acknowledge } from '../core/acknowledge';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, requireInteger, Situation } from '../core/refusal';
import { relax } from '../core/relaxation';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** Two vCPUs and 1 GiB of memory, enough for patches and database clients. */
const DEFAULT_INSTANCE_TYPE = 't4g.micro';
const HTTPS_PORT = 443;
const HIGHEST_PORT = 65535;
/** The root device of Amazon Linux. */
const ROOT_DEVICE = '/dev/xvda';

/**
 * Creates an EC2 instance for access to databases through Session Manager.
 *
 * The instance has no public IP address, no key pair and no inbound rule. IAM determines who can open a session
 * (`grantStartSession`), and only with one session document. An encrypted log group keeps the input and output of all
 * shell sessions for six years. The instance can make outbound connections only over HTTPS and to the targets of
 * `allowTo`. It has no state: replace it instead of repairing it. It is not an `iam.IGrantable`: users of a session
 * cannot use the role of the instance, and they connect to AWS and to the database with their own identities.
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
    const role = bastionRole(this, 'Role', this.sessionLogGroup, this.encryptionKey);
    this.connections = this.defineConnections();
    this.instance = this.defineInstance(role, subnets);
    allowReports(this, 'Reports', role, this.instance);
    patchEveryWeek(this, 'Patches', this.instance);
    const { sessionLogGroup: logGroup, encryptionKey } = this;
    this.sessionDocument = sessionDocument(this, 'Session', { logGroup, encryptionKey, ...sessions });
    this.sessionPolicy = this.defineSessionPolicy();

    this.shellCommand = this.startSession(this.sessionDocument.ref);
    const [securityGroup] = this.connections.securityGroups;
    checkBastion(this, { vpc: props.vpc, subnet: subnets.subnets[0], securityGroup });
  }

  /** Returns the alarm for failed status checks, and graphs of network and CPU. */
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
   * Allows connections from the bastion to one port of a target. The rules are in the stack of the bastion.
   * @param target the target of the connections, such as a database; a target in another VPC is refused
   * @param port the port; required if the target has no default port
   */
  public allowTo(target: ec2.IConnectable, port?: ec2.Port): void {
    checkArguments(this, 'SsmBastion.allowTo', { target, port });
    const open = port ?? target.connections.defaultPort;
    if (!open) {
      const allowed = 'set for a target without a default port';
      refuse(this, { prop: 'port', given: port, allowed, change: 'pass the port: ec2.Port.tcp(5432)' });
    }
    requireReachable(this, { prop: 'target', what: 'a target', vpc: this.props.vpc }, target);
    this.connections.allowTo(target, open, `Sessions through ${this.node.id}`);
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
    requireForwardHost(this, host);
    requireInteger(this, 'port', port, 1, HIGHEST_PORT);
    requireInteger(this, 'localPort', localPort, 1, HIGHEST_PORT);
    const [remote, local] = [port, localPort].map((number) => Tokenization.stringifyNumber(number));
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

  private defineConnections(): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.vpc,
      description: 'Outbound connections of the bastion; no inbound connections',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
      disableInlineRules: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT),
      'HTTPS to Systems Manager, CloudWatch Logs, KMS and the packages of Amazon Linux');
    return new ec2.Connections({ securityGroups: [securityGroup] });
  }

  private defineInstance(role: iam.Role, { subnets }: ec2.SelectedSubnets): ec2.Instance {
    const instanceType = this.props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
    requireInstanceType(this, instanceType);
    const image = (this.props.image ?? BastionImage.amazonLinux2023())._bind(this, instanceType);
    const packages = validatePackages(this, this.props.packages);
    const rotationMarker = validateRotationMarker(this, this.props.rotationMarker);
    const userData = bastionStart({ packages, rotationMarker });
    const instance = new ec2.Instance(this, 'Instance', {
      vpc: this.props.vpc,
      vpcSubnets: { subnets: subnets.slice(0, 1) },
      securityGroup: this.connections.securityGroups[0],
      associatePublicIpAddress: false,
      instanceType,
      machineImage: {
        getImage: () => ({ imageId: image.imageId ?? '', osType: ec2.OperatingSystemType.LINUX, userData }),
      },
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
    this.overrideInstance(instance.instance, image, subnets[0]);
    this.acknowledgeInstance(instance.instance, image, instanceType);
    // The instance needs the route to the internet and the policy of its role when it starts.
    instance.node.addDependency(role, subnets[0].internetConnectivityEstablished);
    return instance;
  }

  /**
   * Sets instance properties that ec2.Instance does not support.
   *
   * A disk with the size of the image, an image from a launch template, and a subnet from a list that is known only at
   * deployment.
   */
  private overrideInstance(instance: ec2.CfnInstance, image: ResolvedImage, { subnetId }: ec2.ISubnet): void {
    const { imageId, launchTemplate } = image;
    const volumeType = ec2.EbsDeviceVolumeType.GP3;
    instance.blockDeviceMappings = [{
      deviceName: ROOT_DEVICE,
      ebs: { encrypted: true, kmsKeyId: this.encryptionKey.keyArn, volumeType, deleteOnTermination: true },
    }];
    instance.imageId = imageId;
    if (launchTemplate) {
      const { ref: launchTemplateId, attrLatestVersionNumber: version } = launchTemplate;
      instance.launchTemplate = { launchTemplateId, version };
    }
    // The subnet determines the zone.
    instance.availabilityZone = undefined;
    const [networkInterface] = instance.networkInterfaces as ec2.CfnInstance.NetworkInterfaceProperty[];
    const isOfList = !Token.isUnresolved(subnetId) && Token.isUnresolved([subnetId]);
    instance.networkInterfaces = [{ ...networkInterface, subnetId: isOfList ? Fn.select(0, [subnetId]) : subnetId }];
  }

  private acknowledgeInstance(
    instance: ec2.CfnInstance, image: ResolvedImage, instanceType: ec2.InstanceType,
  ): void {
    acknowledge(instance,
      {
        rules: ['AwsSolutions-EC29'],
        reason: `${this.node.path} holds no state, and termination protection would prevent its replacement`,
      },
      {
        rules: ['HIPAA.Security-EC2InstancesInVPC', 'NIST.800.53.R5-EC2InstancesInVPC'],
        reason: `The network interface of ${this.node.path} names its subnet, because only an interface can rule out a `
          + 'public IP address; the rule reads another property',
      },
    );
    if (image.isLiteral) {
      acknowledge(instance, {
        rules: ['CloudFormation-Validate::W9010'],
        reason: `BastionImage.pinned sets the image of ${this.node.path} for each region, so only the app changes it`,
      });
    }
    if (Token.isUnresolved(instanceType.toString())) {
      acknowledge(instance, {
        rules: ['HIPAA.Security-EC2EBSOptimizedInstance', 'NIST.800.53.R5-EC2EBSOptimizedInstance'],
        reason: `The instance type of ${this.node.path} is known only at deployment, so the rule cannot read it; the `
          + 'instance is EBS-optimized for any type',
      });
    }
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
