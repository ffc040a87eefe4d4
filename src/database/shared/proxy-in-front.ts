import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IDependable } from 'constructs';
import { DatabaseProxy } from './database-proxy';
import { grantSecretRead } from '../../binding/grant-read';
import { rulesBetween } from '../../binding/readiness';
import { closeEgress } from '../../blocks/closed-egress';
import { auditLogGroup } from '../../blocks/log-group';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { firstOfEachZone } from '../../blocks/subnet-selection';
import { refuse, Situation } from '../../core/refusal';
import { LoginProxy } from '../access/user-database';

/**
 * The number of zones of a proxy. A change of its subnets replaces it, so a third zone of the VPC must not change them.
 */
const ZONES = 2;
const READ_ONLY_ID = 'ReadOnly';
/**
 * The maximum number of secrets of a proxy.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limits
 */
export const MAX_SECRETS = 200;
/** The password authentication of clients, by engine family: the strongest type of each. */
const PASSWORD_AUTHENTICATION: { readonly [family: string]: string } = {
  POSTGRESQL: 'POSTGRES_SCRAM_SHA_256',
  MYSQL: 'MYSQL_CACHING_SHA2_PASSWORD',
};

/** The database behind a proxy. */
export interface ProxiedDatabase {
  /** The noun of the database in descriptions. */
  readonly noun: 'cluster' | 'instance';
  /** The instance or cluster, which exists before the proxy connects to it. */
  readonly server: Construct;
  readonly vpc: ec2.IVpc;
  readonly engineFamily: string;
  /** The target of the proxy, with the connections and the port of the props. */
  target(scope: Construct, connections: ec2.Connections, port: number): rds.ProxyTarget;
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}

/** The props of a proxy. */
export interface ProxyInFrontProps {
  readonly choice: DatabaseProxy;
  readonly database: ProxiedDatabase;
  /** The connections of the database, with a port that cdk-nag can read. */
  readonly connections: ec2.Connections;
  readonly port: number;
  readonly subnets: ec2.ISubnet[];
  readonly masterSecret: secretsmanager.ISecret;
  readonly encryptionKey: kms.IKey;
  /** Whether the database has a reader. */
  readonly hasReaders: boolean;
}

/**
 * An RDS Proxy that requires TLS and logs no statements.
 *
 * The proxy can read only the secrets of its logins and reach only the database.
 */
export class ProxyInFront extends Construct implements LoginProxy {
  public readonly proxy: rds.DatabaseProxy;
  /** The host name of the read-only endpoint, if the database has a reader. */
  public readonly readOnlyHost?: string;
  /** The connections of the proxy on the port of the engine. They allow no client by default. */
  public readonly connections: ec2.Connections;

  /** Whether clients log in with an IAM token instead of a password. */
  public readonly asksForToken: boolean;

  private readonly name: string;
  private readonly subnets: ec2.ISubnet[];
  private readonly role: ManagedPolicyRole;
  private readonly logins: secretsmanager.ISecret[] = [];
  private readonly tokenUsers = new Set<string>();

  constructor(scope: Construct, id: string, private readonly props: ProxyInFrontProps) {
    super(scope, id);
    this.name = physicalName(this, 'proxy');
    this.asksForToken = props.choice._asksForToken;
    this.subnets = firstOfEachZone(this, props.subnets).slice(0, ZONES);
    this.connections = this.defineConnections();
    this.role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('rds.amazonaws.com'),
      description: 'Logs in to a database as the clients of a proxy',
    });
    this.proxy = this.defineProxy();
    this.readOnlyHost = props.hasReaders ? this.defineReadOnlyEndpoint() : undefined;
  }

  /** The host name of the writer's endpoint. */
  public get host(): string {
    return this.proxy.endpoint;
  }

  /** Lets the proxy log in with a secret. */
  public addLogin(secret: secretsmanager.ISecret): void {
    if (this.logins.length === MAX_SECRETS) {
      refuse(this.node.scope!, {
        prop: 'the secrets of the proxy',
        given: new Situation(`${MAX_SECRETS + 1} secrets`),
        allowed: `at most ${MAX_SECRETS} (the quota of Secrets Manager secrets per RDS Proxy): two for each user with `
          + 'a password, one for the master user, and those of proxy.secrets',
        change: 'use DatabaseAccess.iamToken() for some users, or DatabaseProxy.withIamToken()',
      });
    }
    grantSecretRead(this.role, [secret]);
    this.logins.push(secret);
  }

  /** Lets the proxy log in with IAM tokens as a database user. */
  public addTokenUser(name: string): void {
    if (!this.tokenUsers.has(name)) this.props.database.grantConnect(this.role, name);
    this.tokenUsers.add(name);
  }

  /** The dependables that a client of the proxy waits for, in addition to the database. */
  public get ready(): IDependable[] {
    const readOnly = this.node.tryFindChild(READ_ONLY_ID);
    return [this.proxy, ...(readOnly ? [readOnly] : []), rulesBetween(this, this.props.connections)];
  }

  private defineConnections(): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.database.vpc,
      description: `Clients of the proxy, and the ${this.props.database.noun} behind it`,
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
      disableInlineRules: false,
    });
    closeEgress(securityGroup);
    return new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(this.props.port) });
  }

  private defineProxy(): rds.DatabaseProxy {
    const { choice, database, masterSecret, connections, port } = this.props;
    const { secrets, ...settings } = choice._settings(this.node.scope as Construct);
    for (const secret of this.asksForToken ? secrets : [masterSecret, ...secrets]) this.addLogin(secret);
    const logGroup = auditLogGroup(this, 'Log', {
      encryptionKey: this.props.encryptionKey,
      logGroupName: `/aws/rds/proxy/${this.name}`,
    });
    const proxy = new rds.DatabaseProxy(this, 'Resource', {
      dbProxyName: this.name,
      proxyTarget: database.target(this, connections, port),
      vpc: database.vpc,
      vpcSubnets: { subnets: this.subnets },
      securityGroups: this.connections.securityGroups,
      role: this.role,
      // The secrets below replace those of this construct.
      defaultAuthScheme: rds.DefaultAuthScheme.IAM_AUTH,
      requireTLS: true,
      debugLogging: false,
      ...settings,
    });
    this.authenticate(proxy.node.defaultChild as rds.CfnDBProxy);
    proxy.node.addDependency(this.role, logGroup);
    // The target is an import with a literal port, so the target group depends on the real server.
    proxy.node.findChild('ProxyTargetGroup').node.addDependency(database.server);
    return proxy;
  }

  /**
   * Sets how clients log in, with the logins that the proxy has at synthesis.
   *
   * With tokens, the proxy also logs in to the database with tokens:
   * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html
   */
  private authenticate(resource: rds.CfnDBProxy): void {
    resource.defaultAuthScheme = this.asksForToken ? rds.DefaultAuthScheme.IAM_AUTH : undefined;
    resource.auth = Lazy.any({
      produce: () => this.logins.map((secret): rds.CfnDBProxy.AuthFormatProperty => ({
        authScheme: 'SECRETS',
        clientPasswordAuthType: this.asksForToken
          ? undefined
          : PASSWORD_AUTHENTICATION[this.props.database.engineFamily],
        iamAuth: this.asksForToken ? 'REQUIRED' : 'DISABLED',
        secretArn: secret.secretArn,
      })),
    }, { omitEmptyArray: true });
  }

  /**
   * Creates the read-only endpoint as an L1 instead of with `proxy.addEndpoint`.
   *
   * `addEndpoint` counts a subnet list that is a token as one subnet and refuses it.
   */
  private defineReadOnlyEndpoint(): string {
    const endpoint = new rds.CfnDBProxyEndpoint(this, READ_ONLY_ID, {
      dbProxyName: this.proxy.dbProxyName,
      dbProxyEndpointName: `${this.name}-ro`,
      targetRole: 'READ_ONLY',
      vpcSubnetIds: this.subnets.map(({ subnetId }) => subnetId),
      vpcSecurityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
    });
    return endpoint.attrEndpoint;
  }
}

/**
 * A cluster behind a proxy, with a literal port. aws-cdk-lib reads the port from the endpoint, a token that cdk-nag
 * cannot read.
 */
export function proxiedCluster(cluster: rds.DatabaseCluster): ProxiedDatabase {
  return {
    noun: 'cluster',
    server: cluster,
    vpc: cluster.vpc,
    engineFamily: cluster.engine!.engineFamily!,
    target: (scope, { securityGroups }, port) => rds.ProxyTarget.fromCluster(
      rds.DatabaseCluster.fromDatabaseClusterAttributes(scope, 'Target', {
        clusterIdentifier: cluster.clusterIdentifier, engine: cluster.engine, securityGroups, port,
      })),
    grantConnect: (grantee, dbUser) => cluster.grantConnect(grantee, dbUser),
  };
}

/** An instance behind a proxy, with a literal port. */
export function proxiedInstance(instance: rds.DatabaseInstance, vpc: ec2.IVpc): ProxiedDatabase {
  return {
    noun: 'instance',
    server: instance,
    vpc,
    engineFamily: instance.engine!.engineFamily!,
    target: (scope, { securityGroups }, port) => rds.ProxyTarget.fromInstance(
      rds.DatabaseInstance.fromDatabaseInstanceAttributes(scope, 'Target', {
        instanceIdentifier: instance.instanceIdentifier,
        instanceEndpointAddress: instance.dbInstanceEndpointAddress,
        engine: instance.engine,
        securityGroups: [...securityGroups],
        port,
      })),
    grantConnect: (grantee, dbUser) => instance.grantConnect(grantee, dbUser),
  };
}
