import { Privileges, UserDefinition } from './logins';
import { markChoice } from '../../core/choice';

/**
 * The privileges of a database user on the application's data, and how it logs in.
 *
 * A user with a password has two logins with the same privileges. A rotation changes the login that is not in use, and
 * the other one stays valid until the next rotation.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 * declare const database: EncryptedDatabaseInstance;
 *
 * const login = database.access('Reports', DatabaseAccess.readOnly());
 * services.addService(this, 'Reports', { image: images.image('1.4.2'), uses: [login] });
 */
export abstract class DatabaseAccess {
  /** Reads the data. Logs in with a password. For reports and exports. */
  public static readOnly(): DatabaseAccess {
    return new Access('readOnly', false);
  }

  /** Reads and changes the data, but not the schema. Logs in with a password. For services. */
  public static readWrite(): DatabaseAccess {
    return new Access('readWrite', false);
  }

  /**
   * Owns the schema: also creates, changes and drops its objects. Logs in with a password. For migrations.
   *
   * The owner cannot create roles or users. On PostgreSQL, the owner role becomes the owner of the objects that the
   * master user owns in the schema.
   */
  public static owner(): DatabaseAccess {
    return new Access('owner', false);
  }

  /**
   * Reads and changes the data, but not the schema. Logs in with an IAM token, so it has no password.
   *
   * For programs that can sign a token. A token is valid for 15 minutes for new connections.
   */
  public static iamToken(): DatabaseAccess {
    return new Access('readWrite', true);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'DatabaseAccess');

  /** @internal Returns the definition of a user with this name. */
  public abstract _define(name: string): UserDefinition;
}

class Access extends DatabaseAccess {
  constructor(private readonly privileges: Privileges, private readonly iamToken: boolean) {
    super();
  }

  public _define(name: string): UserDefinition {
    return { name, privileges: this.privileges, iamToken: this.iamToken };
  }
}
