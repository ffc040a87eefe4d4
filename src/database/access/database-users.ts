import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IDependable } from 'constructs';
import { DatabaseUserProperties, DatabaseUsersEnvironment, formatUsers, loginKind, ManagedUser } from './contract';
import { UserDefinition } from './logins';
import { watchPasswordAge } from './password-age';
import { UserDatabase } from './user-database';
import { grantSecretRead } from '../../binding/grant-read';
import { dependencyOn, endpointsOf, resourcesAround, rulesBetween } from '../../binding/readiness';
import { HandlerFunction } from '../../blocks/handler-function';
import { rotationRules } from '../../blocks/rotation-window';
import { selectSubnets } from '../../blocks/subnet-selection';

/** The time limit of one request, in minutes: a paused cluster resumes, and statements wait for locks. */
const TIMEOUT_MINUTES = 5;
/** The memory, in MiB. It also decides the share of a processor, and so the time that the drivers take to load. */
const MEMORY_MEBIBYTES = 512;
const HTTPS_PORT = 443;
/** The rotation period, in days. The AWS Config rule `secretsmanager-secret-periodic-rotation` requires 90. */
const ROTATION_DAYS = 30;
/** The remedy for too many users: their names are in the environment of the function. */
const SHARE_USERS = 'use one user for several services, or give the users shorter IDs';
/** The number of characters of a construct's address that identify a user. */
const ADDRESS_LENGTH = 8;
/** The schema that every database of PostgreSQL has. */
const SCHEMA = 'public';

/** A user with its secrets. */
export interface AddedUser {
  readonly user: UserDefinition;
  /** The construct that messages name: the service that received the user, or the user itself. */
  readonly owner: Construct;
  /** The secret of the login in use. Undefined for a user with an IAM token. */
  readonly secret?: secretsmanager.ISecret;
  /** The secrets of the logins that a proxy reads. */
  readonly copies: secretsmanager.ISecret[];
}

/**
 * The function that creates the users of a database and rotates their passwords.
 *
 * It runs in the private subnets of the VPC, can connect only to the database and over HTTPS, and logs in as the master
 * user.
 */
export class DatabaseUsers extends Construct {
  public readonly handler: HandlerFunction;

  private readonly users: ManagedUser[] = [];
  private readonly owners = new Map<string, Construct>();
  private readonly subnets: ec2.SelectedSubnets;
  private readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, private readonly database: UserDatabase) {
    super(scope, id);
    this.subnets = selectSubnets(this, database.vpc, tierOf(database.vpc), false);
    this.connections = this.defineConnections();
    this.handler = this.defineFunction();
    grantSecretRead(this.handler.function, [database.masterSecret]);
    this.letSecretsManagerInvoke();
  }

  /** The construct that has the user of this name, if there is one: a service, or the user itself. */
  public ownerOf(name: string): Construct | undefined {
    return this.owners.get(name);
  }

  /** Creates a user in the database, and rotates its secret if it has one. */
  public add(scope: Construct, { user, owner, secret, copies }: AddedUser): void {
    const address = scope.node.addr.slice(-ADDRESS_LENGTH);
    this.users.push({ ...user, address });
    this.owners.set(user.name, owner);
    this.handler.requireSmallEnvironment(this.environment([...this.users]), SHARE_USERS);
    const properties: DatabaseUserProperties = {
      User: user.name,
      Privileges: user.privileges,
      Login: loginKind(user),
      SecretArn: secret?.secretArn,
      Copies: copies.length > 0 ? copies.map(({ secretArn }) => secretArn) : undefined,
      Address: address,
      Host: this.database.host,
      Database: this.database.databaseName,
    };
    const resource = new CustomResource(scope, 'Resource', {
      resourceType: 'Custom::DatabaseUser',
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.minutes(TIMEOUT_MINUTES + 1),
      properties: { ...properties },
    });
    resource.node.addDependency(this.handler, ...this.database.ready, ...this.routes());
    if (secret) this.rotate(scope, secret, copies, resource);
  }

  private rotate(
    scope: Construct, secret: secretsmanager.ISecret, copies: secretsmanager.ISecret[], user: CustomResource,
  ): void {
    if (copies.length > 0) {
      this.handler.function.addToRolePolicy(new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
        resources: copies.map(({ secretArn }) => secretArn),
      }));
    }
    this.handler.function.addToRolePolicy(new iam.PolicyStatement({
      actions: [
        'secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [secret.secretArn],
    }));
    const schedule = new secretsmanager.CfnRotationSchedule(scope, 'Rotation', {
      secretId: secret.secretArn,
      rotationLambdaArn: this.handler.function.functionArn,
      rotationRules: rotationRules(Duration.days(ROTATION_DAYS), this.database.maintenanceWindow),
      rotateImmediatelyOnUpdate: false,
    });
    watchPasswordAge(this.node.scope!, secret, this.database.encryptionKey);
    // Secrets Manager tests a new schedule: the login must exist.
    schedule.node.addDependency(user, this.handler.function.permissionsNode.findChild('SecretsManager'));
  }

  /** Everything that must exist before the function reaches the database and Secrets Manager. */
  private routes(): IDependable[] {
    const { vpc, connectable } = this.database;
    const stack = Stack.of(this);
    const endpoints = dependencyOn(() => endpointsOf(vpc, resourcesAround(stack)));
    return [rulesBetween({ connections: this.connections }, connectable), this.subnets.internetConnectivityEstablished,
      endpoints];
  }

  private defineConnections(): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.database.vpc,
      description: 'The function that manages the users of a database',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to AWS services');
    const connections = new ec2.Connections({ securityGroups: [securityGroup] });
    const { connectable, entrances } = this.database;
    for (const to of new Set([connectable, entrances.password.connectable])) {
      connections.allowToDefaultPort(to, 'The function that manages users');
    }
    return connections;
  }

  private defineFunction(): HandlerFunction {
    return new HandlerFunction(this, 'Function', {
      handler: 'database/access/manage-users',
      description: 'Creates the users of a database and rotates their passwords',
      timeout: Duration.minutes(TIMEOUT_MINUTES),
      memorySize: MEMORY_MEBIBYTES,
      encryptionKey: this.database.encryptionKey,
      environment: this.environment(),
      statements: [],
      network: {
        vpc: this.database.vpc,
        subnets: this.subnets.subnets,
        securityGroup: this.connections.securityGroups[0],
      },
      noReservedConcurrencyReason: 'Secrets Manager calls one step of a rotation at a time, and with a lock in the '
        + 'database, only one invocation repairs users. An account with 10 concurrent executions has none to reserve.',
    });
  }

  private environment(users?: ManagedUser[]): { [name: string]: string } {
    const { profile, host, databaseName, masterSecret, entrances } = this.database;
    const environment: DatabaseUsersEnvironment = {
      ENGINE: profile.engine,
      HOST: host,
      PORT: `${profile.port}`,
      DATABASE: databaseName,
      PROXY: entrances.password.proxy?.host,
      SCHEMA,
      ADMINISTRATOR: masterSecret.secretArn,
      USERS: users ? formatUsers(users) : Lazy.uncachedString({ produce: () => formatUsers(this.users) }),
    };
    return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  }

  /**
   * Allows Secrets Manager of this account to invoke the function.
   *
   * AWS documents the account as the condition for this principal.
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_turn-on-cli.html
   */
  private letSecretsManagerInvoke(): void {
    this.handler.function.addPermission('SecretsManager', {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      action: 'lambda:InvokeFunction',
      sourceAccount: Stack.of(this).account,
    });
  }
}

/** The subnets of services: private ones, or isolated ones with endpoints in a VPC without NAT. */
function tierOf(vpc: ec2.IVpc): ec2.SubnetSelection {
  return {
    subnetType: vpc.privateSubnets.length > 0
      ? ec2.SubnetType.PRIVATE_WITH_EGRESS
      : ec2.SubnetType.PRIVATE_ISOLATED,
  };
}
