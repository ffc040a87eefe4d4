import { setTimeout as sleep } from 'timers/promises';
import {
  DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, ResourceNotFoundException, SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  DatabaseUserProperties, DatabaseUsersEnvironment, describedSecret, ManagedUser, parseUsers, RepairRequest,
} from './contract';
import { DatabaseServer } from './database-server';
import { AsAdministrator, ensureLogin, LoginCopies, loginRotation, ReadVersion } from './login-rotation';
import { Login, loginNames, readLogin } from './logins';
import { MysqlServer } from './mysql-server.lambda';
import { PostgresServer } from './postgres-server.lambda';
import { ANSWER_MARGIN, answer, CustomResourceRequest } from '../../blocks/custom-resource';
import { takeStep } from '../../rotation/four-steps.lambda';
import { RotationRequest } from '../../rotation/rotation-steps';

/** The attempts to log in as the administrator, and the time between them, in milliseconds. */
const ADMINISTRATOR_ATTEMPTS = 5;
const ADMINISTRATOR_PAUSE = 2_000;

/**
 * The attempts to log in through a proxy, which can still use the previous copy. The pause is in milliseconds.
 */
const PROXY_ATTEMPTS = 12;
const PROXY_PAUSE = 5_000;

const secretsManager = new SecretsManagerClient();

/** Handles a step of a rotation, a request of CloudFormation, or one of a person to repair a user. */
export const handler = async (
  request: RotationRequest | CustomResourceRequest<DatabaseUserProperties> | RepairRequest,
  invocation: { getRemainingTimeInMillis(): number },
): Promise<void> => {
  if ('RequestType' in request) return reconcileUser(request, invocation.getRemainingTimeInMillis());
  if ('Repair' in request) return repairUser(request);
  const { user, copies } = await describe(request.SecretId);
  return takeStep(request, loginRotation(user, server(), asAdministrator, copies));
};

/** The user of a secret, and its copies for a proxy. */
async function describe(secretId: string): Promise<{ user: ManagedUser; copies: LoginCopies | undefined }> {
  const { Description } = await secretsManager.send(new DescribeSecretCommand({ SecretId: secretId }));
  const described = describedSecret(Description);
  const user = userNamed(described.user);
  if (!user || user.iamToken) throw new Error(`${secretId} is not one of the secrets that this function rotates`);
  return { user, copies: described.copies.length > 0 ? copiesOf(user, described.copies) : undefined };
}

/** The copies in these secrets: one for each login, in the order of the logins. */
function copiesOf(user: ManagedUser, arns: string[]): LoginCopies {
  return {
    write: async (login) => {
      const SecretId = arns[loginNames(user).indexOf(login.username)];
      const value = JSON.stringify(login);
      if (await secretText(SecretId) === value) return;
      await secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
    },
    logIn: async (login) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await server(environment().PROXY).logIn(login, user);
        } catch (error) {
          if (attempt === PROXY_ATTEMPTS || !server().refusedLogin(error)) throw error;
          await sleep(PROXY_PAUSE);
        }
      }
    },
  };
}

/** Creates and repairs a user with an IAM token. */
async function repairUser({ Repair: name }: RepairRequest): Promise<void> {
  const user = requireUser(name);
  if (!user.iamToken) throw new Error(`the user ${name} has a password. Rotate its secret, which repairs the user`);
  await ensureLogin(user, async () => undefined, server(), asAdministrator);
}

async function reconcileUser(
  request: CustomResourceRequest<DatabaseUserProperties>, remaining: number,
): Promise<void> {
  const { User: name, SecretArn: secretArn } = request.ResourceProperties;
  let stillEnabled: unknown;
  await answer(request, {
    physicalId: () => name,
    standing: () => `the user ${name} is not ready. Check that the function reaches the database and Secrets Manager`,
    timeLeft: remaining - ANSWER_MARGIN,
    run: async (signal) => {
      // CloudFormation has its answer when the time is up. Work that continues after that would use outdated values.
      const inTime: AsAdministrator = (work) => asAdministrator((administrator) => {
        signal.throwIfAborted();
        return work(administrator);
      });
      if (request.RequestType === 'Delete') {
        if (hasSuccessor(request.ResourceProperties)) return;
        stillEnabled = new Error(`the user ${name} is not disabled yet`);
        stillEnabled = await disable(name, inTime).catch((error: unknown) => error);
        if (stillEnabled) throw stillEnabled;
        return;
      }
      const user = requireUser(name);
      const read: ReadVersion = async (stage) => secretArn && secretText(secretArn, stage);
      const { copies } = user.iamToken || !secretArn ? {} : await describe(secretArn);
      await ensureLogin(user, read, server(), inTime, copies);
    },
  });
  // CloudFormation has its answer. As an error of the function, the failure fires an alarm, and Lambda tries again.
  if (stillEnabled) throw stillEnabled;
}

/**
 * Whether another resource manages a user of the same name.
 *
 * CloudFormation deletes a resource after it has created its successor, for example if only the case of an ID changed.
 */
function hasSuccessor({ User, Address }: DatabaseUserProperties): boolean {
  const user = userNamed(User);
  return user !== undefined && user.address !== Address;
}

/** Prevents new connections of a user that is no longer part of the app, with either kind of login. */
async function disable(name: string, inTime: AsAdministrator): Promise<void> {
  for (const iamToken of [false, true]) {
    await inTime((administrator) =>
      server().disableUser(administrator, { name, privileges: 'readOnly', iamToken }));
  }
}

/**
 * Does something as the master user, whose password RDS can be rotating.
 *
 * RDS first sets the password and then the label of the version, so a refused login is repeated with a new value.
 */
async function asAdministrator<T>(work: (administrator: Login) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const administrator = readLogin(await secretText(environment().ADMINISTRATOR));
    if (!administrator) throw new Error('the secret of the master user does not contain a user name and a password');
    try {
      return await work(administrator);
    } catch (error) {
      if (attempt === ADMINISTRATOR_ATTEMPTS || !server().refusedLogin(error)) throw error;
      await sleep(ADMINISTRATOR_PAUSE);
    }
  }
}

async function secretText(secretId: string, stage = 'AWSCURRENT'): Promise<string | undefined> {
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
    return (await secretsManager.send(command)).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function server(host = environment().HOST): DatabaseServer {
  const { ENGINE, PORT, DATABASE, SCHEMA } = environment();
  const address = { host, port: Number(PORT), database: DATABASE, schema: SCHEMA };
  return ENGINE === 'postgres' ? new PostgresServer(address) : new MysqlServer(address);
}

function userNamed(name: string | undefined): ManagedUser | undefined {
  return parseUsers(environment().USERS).find((user) => user.name === name);
}

function requireUser(name: string): ManagedUser {
  const user = userNamed(name);
  if (!user) throw new Error(`${name} is not one of the users that this function manages`);
  return user;
}

function environment(): DatabaseUsersEnvironment {
  return process.env as unknown as DatabaseUsersEnvironment;
}
