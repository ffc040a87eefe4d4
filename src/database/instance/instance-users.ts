import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { InstanceSettings } from './instance-settings';
import { ServiceBindingContext } from '../../binding/service-binding';
import { DatabaseEntrance, UserDatabase } from '../access/user-database';
import { ClientVariables } from '../engines/engine-profile';
import { entrancesOf, requireProxyCertificates } from '../shared/entrances';
import { passwordRotation } from '../shared/master-password';
import { ProxyInFront } from '../shared/proxy-in-front';
import { warnAboutUnverifiedServer } from '../shared/verified-server';

/** The instance of the library. */
interface Instance extends IConstruct, ec2.IConnectable {
  readonly instance: rds.DatabaseInstance;
  readonly databaseName: string;
  readonly secret: secretsmanager.ISecret;
  readonly encryptionKey: kms.IKey;
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}

/** The parts of an instance on which its clients depend. */
export interface InstanceClient {
  readonly settings: InstanceSettings;
  readonly vpc: ec2.IVpc;
  readonly inFront?: ProxyInFront;
}

/** Returns the instance itself, for clients that do not connect to a proxy. */
export function instanceEntrance(scope: Instance, client: InstanceClient): DatabaseEntrance {
  return {
    connectable: scope,
    ready: [scope.instance, ...passwordRotation(scope)],
    variables: (context) => variables(scope, { ...client, inFront: undefined }, context),
  };
}

/** The description of an instance for its users. They connect to its proxy if it accepts their kind of login. */
export function usersOfInstance(scope: Instance, client: InstanceClient): UserDatabase {
  const { settings, vpc, inFront } = client;
  const direct = instanceEntrance(scope, client);
  return {
    profile: settings.profile,
    vpc,
    host: scope.instance.instanceEndpoint.hostname,
    databaseName: scope.databaseName,
    connectable: scope,
    masterSecret: scope.secret,
    encryptionKey: scope.encryptionKey,
    maintenanceWindow: settings.maintenanceWindow,
    ready: direct.ready,
    ...entrancesOf(direct, inFront, (context) => variables(scope, client, context)),
    grantConnect: (grantee, dbUser) => scope.grantConnect(grantee, dbUser),
  };
}

function variables(
  scope: Instance, { settings, inFront }: InstanceClient, context: ServiceBindingContext,
): ClientVariables {
  warnAboutUnverifiedServer(scope, context);
  requireProxyCertificates(scope, inFront, context);
  return settings.profile.clientVariables({
    host: inFront?.host ?? scope.instance.instanceEndpoint.hostname,
    databaseName: scope.databaseName,
    certificateBundlePath: context.certificateBundlePath,
  });
}
