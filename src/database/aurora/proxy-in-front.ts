import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ClusterProxy } from './cluster-proxy';
import { firstOfEachZone } from '../shared/placement';
import { auditLogGroup } from '../../blocks/log-group';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { grantSecretRead } from '../../binding/grant-read';

/** Two zones are enough for a proxy, and a proxy is replaced when its subnets change: a third zone must not do that. */
const ZONES = 2;
/** How a client proves that it knows the password, by the family of the engine: the stronger way that each of them has. */
const PASSWORD_AUTHENTICATION: { readonly [family: string]: string } = { POSTGRESQL: 'POSTGRES_SCRAM_SHA_256', MYSQL: 'MYSQL_CACHING_SHA2_PASSWORD' };

/** What a proxy stands in front of. */
export interface ProxyInFrontProps {
  readonly choice: ClusterProxy;
  readonly cluster: rds.DatabaseCluster;
  /** Who may connect to the cluster, on a port that rules can read. */
  readonly connections: ec2.Connections;
  readonly port: number;
  readonly subnets: ec2.ISubnet[];
  readonly masterSecret: secretsmanager.ISecret;
  readonly encryptionKey: kms.IKey;
  /** Whether there is a reader that the proxy can lead to. */
  readonly hasReaders: boolean;
}

/** A proxy that takes TLS only, logs no statement, reads the logins it was given and reaches the cluster, and nothing else. */
export class ProxyInFront extends Construct {
  public readonly proxy: rds.DatabaseProxy;
  /** Where the proxy reads only, where there is a reader. */
  public readonly readOnlyHost?: string;
  /** Who may connect to the proxy, on the port of the engine. Nobody is let in by itself. */
  public readonly connections: ec2.Connections;

  private readonly name: string;
  private readonly subnets: ec2.ISubnet[];

  constructor(scope: Construct, id: string, private readonly props: ProxyInFrontProps) {
    super(scope, id);
    this.name = physicalName(this, 'proxy');
    this.subnets = firstOfEachZone(this, props.subnets).slice(0, ZONES);
    this.connections = this.defineConnections();
    this.proxy = this.defineProxy();
    this.readOnlyHost = props.hasReaders ? this.defineReadOnlyEndpoint() : undefined;
  }

  private defineConnections(): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.cluster.vpc,
      description: 'Who may connect to the proxy, and the proxy to the cluster',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
      disableInlineRules: false,
    });
    return new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(this.props.port) });
  }

  private defineProxy(): rds.DatabaseProxy {
    const { choice, cluster } = this.props;
    const { secrets, ...settings } = choice._settings(this.node.scope as Construct);
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('rds.amazonaws.com'),
      description: 'Reads the logins with which a proxy connects to a database',
    });
    const logGroup = auditLogGroup(this, 'Log', { encryptionKey: this.props.encryptionKey, logGroupName: `/aws/rds/proxy/${this.name}` });
    const proxy = new rds.DatabaseProxy(this, 'Resource', {
      dbProxyName: this.name,
      proxyTarget: rds.ProxyTarget.fromCluster(this.clusterWithKnownPort()),
      vpc: cluster.vpc,
      vpcSubnets: { subnets: this.subnets },
      securityGroups: this.connections.securityGroups,
      role,
      secrets: [this.props.masterSecret, ...secrets].map((secret, index) => this.readByProxy(`Login${index + 1}`, secret)),
      iamAuth: choice._asksForToken,
      clientPasswordAuthType: choice._asksForToken ? undefined : PASSWORD_AUTHENTICATION[cluster.engine!.engineFamily!] as rds.ClientPasswordAuthType,
      requireTLS: true,
      debugLogging: false,
      ...settings,
    });
    proxy.node.addDependency(role, logGroup);
    // A target has to exist before it can be one, and the stand-in below has no instances to wait for.
    proxy.node.findChild('ProxyTargetGroup').node.addDependency(cluster);
    return proxy;
  }

  /** The cluster with its port as a number: aws-cdk-lib takes the port of a cluster from its endpoint, which no rule can read before the deployment. */
  private clusterWithKnownPort(): rds.IDatabaseCluster {
    const { cluster, connections, port } = this.props;
    return rds.DatabaseCluster.fromDatabaseClusterAttributes(this, 'Target', {
      clusterIdentifier: cluster.clusterIdentifier,
      engine: cluster.engine,
      securityGroups: connections.securityGroups,
      port,
    });
  }

  /** A secret whose grant holds the key to this one secret. aws-cdk-lib would let the proxy decrypt whatever the key encrypts. */
  private readByProxy(id: string, secret: secretsmanager.ISecret): secretsmanager.ISecret {
    return Object.assign(secretsmanager.Secret.fromSecretAttributes(this, id, { secretPartialArn: secret.secretArn }), {
      grantRead: (grantee: iam.IGrantable) => grantSecretRead(grantee, [secret]),
    });
  }

  /** A resource of its own instead of `proxy.addEndpoint`, which takes a list that is known only at deployment for one subnet and refuses it. */
  private defineReadOnlyEndpoint(): string {
    const endpoint = new rds.CfnDBProxyEndpoint(this, 'ReadOnly', {
      dbProxyName: this.proxy.dbProxyName,
      dbProxyEndpointName: `${this.name}-ro`,
      targetRole: 'READ_ONLY',
      vpcSubnetIds: this.subnets.map(({ subnetId }) => subnetId),
      vpcSecurityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
    });
    return endpoint.attrEndpoint;
  }
}
