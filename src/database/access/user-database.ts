import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IDependable } from 'constructs';
import { ServiceBindingContext } from '../../binding/service-binding';
import { ClientVariables, EngineProfile } from '../engines/engine-profile';

/** The server or the proxy that clients connect to. */
export interface DatabaseEntrance {
  /** The connections, on the port of the engine. */
  readonly connectable: ec2.IConnectable;
  /** The dependables after which it accepts connections. */
  readonly ready: IDependable[];
  /** The proxy that must know each login, if there is one. */
  readonly proxy?: LoginProxy;
  /** The environment variables of a client. */
  variables(context: ServiceBindingContext): ClientVariables;
}

/** A proxy in front of a database. It logs in to the database as its clients. */
export interface LoginProxy {
  readonly host: string;
  /** Lets the proxy log in with the secret of a login. */
  addLogin(secret: secretsmanager.ISecret): void;
  /** Lets the proxy log in with IAM tokens as a user. */
  addTokenUser(name: string): void;
}

/** The parts of a database that its users need. */
export interface UserDatabase {
  readonly profile: EngineProfile;
  readonly vpc: ec2.IVpc;
  /** The host name of the writer. */
  readonly host: string;
  readonly databaseName: string;
  /** The connections of the server, on its port. */
  readonly connectable: ec2.IConnectable;
  readonly masterSecret: secretsmanager.ISecret;
  readonly encryptionKey: kms.IKey;
  /** The window in which the passwords rotate. */
  readonly maintenanceWindow: string;
  /** The dependables after which the server accepts connections. */
  readonly ready: IDependable[];
  /** The servers or proxies that accept passwords, and that accept IAM tokens. */
  readonly entrances: { readonly password: DatabaseEntrance; readonly iamToken: DatabaseEntrance };
  /** Whether a service that uses the database logs in with an IAM token by default. */
  readonly prefersIamToken: boolean;
  /** Grants the right to log in with an IAM token. */
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}
