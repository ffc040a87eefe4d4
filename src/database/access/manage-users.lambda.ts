import { setTimeout as sleep } from 'timers/promises';
import {
  GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DatabaseUserProperties, DatabaseUsersEnvironment, ManagedUser } from './contract';
import { DatabaseServer } from './database-server';
import { ensureLogin, loginRotation } from './login-rotation';
import { Login } from './logins';
import { MysqlServer } from './mysql-server.lambda';
import { PostgresServer } from './postgres-server.lambda';
import { ANSWER_MARGIN, answer, CustomResourceRequest } from '../../blocks/custom-resource';
import { takeStep } from '../../rotation/four-steps.lambda';
import { RotationRequest } from '../../rotation/rotation-steps';

/** The attempts to log in as the administrator, and the time between them, in milliseconds. */
const ADMINISTRATOR_ATTEMPTS = 5;
const ADMINISTRATOR_PAUSE = 2_000;

const secretsManager = new SecretsManagerClient();

/** A step of a rotation, or a request of CloudFormation to create, repair or disable a user. */
export const handler = async (
  request: RotationRequest | CustomResourceRequest<DatabaseUserProperties>,
  invocation: { getRemainingTimeInMillis(): number },
): Promise<void> => {
  if ('RequestType' in request) return reconcileUser(request, invocation.getRemainingTimeInMillis());
  const user = users().find(({ secretArn }) => secretArn === request.SecretId);
  if (!user) throw new Error(`${request.SecretId} is not one of the secrets that this function rotates`);
  return takeStep(request, loginRotation(user, server(), asAdministrator));
};

async function reconcileUser(
  request: CustomResourceRequest<DatabaseUserProperties>, remaining: number,
): Promise<void> {
  const name = request.ResourceProperties.User;
  await answer(request, {
    physicalId: () => name,
    standing: () => `the user ${name} is not ready. Check that the function reaches the database and Secrets Manager`,
    timeLeft: remaining - ANSWER_MARGIN,
    run: async () => {
      if (request.RequestType === 'Delete') return hasSuccessor(request.ResourceProperties) ? undefined : disable(name);
      const user = users().find((each) => each.name === name);
      if (!user) throw new Error(`${name} is not one of the users that this function manages`);
      const current = user.secretArn === undefined ? undefined : await secretText(user.secretArn);
      await ensureLogin(user, current, server(), asAdministrator);
    },
  });
}

/**
 * Whether another resource manages a user of the same name.
 *
 * CloudFormation deletes a resource after it has created its successor, for example if only the case of an ID changed.
 * Users with an IAM token have no secret that could differ, so one that is still part of the app counts as a successor.
 */
function hasSuccessor({ User, SecretArn }: DatabaseUserProperties): boolean {
  const listed = users().find(({ name }) => name === User);
  return listed !== undefined && (listed.iamToken || listed.secretArn !== SecretArn);
}

/** Prevents new connections of a user that is no longer part of the app, also of its former kind. */
async function disable(name: string): Promise<void> {
  for (const iamToken of [false, true]) {
    await asAdministrator((administrator) =>
      server().disableUser(administrator, { name, privileges: 'readOnly', iamToken }));
  }
}

/**
 * Does something as the master user, whose password RDS can be rotating.
 *
 * RDS first sets the password and then the label of the version, so a refused login is repeated with a new value.
 */
async function asAdministrator(work: (administrator: Login) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { username, password } = JSON.parse(await secretText(environment().ADMINISTRATOR) ?? '{}');
    if (!username || !password) throw new Error('the secret of the master user contains no user name and password');
    try {
      return await work({ username, password });
    } catch (error) {
      if (attempt === ADMINISTRATOR_ATTEMPTS || !server().refusedLogin(error)) throw error;
      await sleep(ADMINISTRATOR_PAUSE);
    }
  }
}

async function secretText(secretId: string): Promise<string | undefined> {
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSCURRENT' });
    return (await secretsManager.send(command)).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function server(): DatabaseServer {
  const { ENGINE, HOST, PORT, DATABASE, SCHEMA } = environment();
  const address = { host: HOST, port: Number(PORT), database: DATABASE, schema: SCHEMA };
  return ENGINE === 'postgres' ? new PostgresServer(address) : new MysqlServer(address);
}

function users(): ManagedUser[] {
  return JSON.parse(environment().USERS);
}

function environment(): DatabaseUsersEnvironment {
  return process.env as unknown as DatabaseUsersEnvironment;
}
