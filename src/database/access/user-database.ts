import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IDependable } from 'constructs';
import { ServiceBindingContext } from '../../binding/service-binding';
import { ClientVariables, EngineProfile } from '../engines/engine-profile';

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
  /** The environment variables of a client. */
  variables(context: ServiceBindingContext): ClientVariables;
  /** Grants the right to log in with an IAM token. */
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}
