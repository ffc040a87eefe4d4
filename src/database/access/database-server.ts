import { UserDefinition, Login } from './logins';

/** The address of a database server, and the database of the application. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** The schema of PostgreSQL that contains the data. MySQL has no schemas besides databases. */
  readonly schema: string;
}

/** The time limits of a connection and of a statement, in milliseconds. A paused serverless cluster resumes first. */
export const CONNECT_TIMEOUT = 30_000;
export const STATEMENT_TIMEOUT = 30_000;

/** The time for which an invocation waits until another one has changed a user, in seconds. */
const TURN_SECONDS = 120;

/**
 * Waits until no other invocation changes users: both would change the same rows of the catalog.
 *
 * A deployment and a maintenance window start one invocation for each user at the same time.
 * @param attempt tries to take the turn; a failed attempt lasts `seconds`
 */
export async function takeTurn(attempt: () => Promise<boolean>, seconds: number): Promise<void> {
  for (let passed = 0; passed < TURN_SECONDS; passed += seconds) {
    if (await attempt()) return;
  }
  throw new Error('another invocation is changing the users of the database. Try again');
}

/** The users of a database server. Each method can be repeated, also after a partial success. */
export interface DatabaseServer {
  /**
   * Creates the roles and logins that are missing, and repairs their privileges. New logins have no password.
   *
   * Returns the failure if only the privileges could not be repaired. A transaction of another user can cause it.
   */
  ensureUser(administrator: Login, user: UserDefinition): Promise<Error | void>;
  /** Sets the password of a login. Existing connections continue. */
  setPassword(administrator: Login, login: Login): Promise<void>;
  /** Prevents new connections of a user, or of these logins of it. What the user created remains. */
  disableUser(administrator: Login, user: UserDefinition, logins?: string[]): Promise<void>;
  /** Logs in as a login of a user and runs a statement. Throws if the login does not have the role of the user. */
  logIn(login: Login, user: UserDefinition): Promise<void>;
  /** Whether an error of this server means that it refused the name or the password. */
  refusedLogin(error: unknown): boolean;
}

/** A failure of a database server, without the text of the statement, which can contain a password. */
export class DatabaseFailure extends Error {
  constructor(what: string, public readonly code: string | undefined, public readonly detail: string) {
    super(`the database could not ${what}: ${code === undefined ? '' : `${code} `}${detail}`.trim());
    this.name = 'DatabaseFailure';
  }
}

/** Does the work, and throws errors of the driver without the statement, the stack and the parameters. */
export async function doing<T>(what: string, work: () => Promise<T>, mayQuote = true): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    throw new DatabaseFailure(what, code, mayQuote ? (message ?? '') : '');
  }
}
