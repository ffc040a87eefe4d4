import { Duration, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuseUse, requireDistinct, requireInteger } from '../../core/refusal';
import { requireSameRegion } from '../../core/same-region';

/** The default share of connections, in percent. The rest stays free for administrators. */
const DEFAULT_CONNECTIONS_PERCENT = 90;
const MOST_PERCENT = 100;
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-managing.html */
const DEFAULT_IDLE_MINUTES = 30;
const MOST_IDLE_SECONDS = 28_800;
/** The regions without RDS Proxy, by the data of CloudFormation Validate in aws-cdk-lib 2.271.0. */
const WITHOUT_PROXY = ['ap-east-2'];

/** The options of an RDS Proxy. */
export interface DatabaseProxyOptions {
  /**
   * The share of the database's connections that the proxy can use, in percent: 1 to 100.
   * @default 90
   */
  readonly maxConnectionsPercent?: number;
  /**
   * The time without a request after which the proxy disconnects a client: 1 second to 8 hours.
   * @default Duration.minutes(30)
   */
  readonly idleClientTimeout?: Duration;
  /**
   * The secrets of database users that the app itself creates, with `username` and `password`. The users of `access`
   * and of `uses` need no entry. The rotation of such a secret must change the password of one user. A rotation that
   * alternates between two users switches to a user that the proxy does not accept. A secret of another region is
   * refused.
   * @default - none
   */
  readonly secrets?: secretsmanager.ISecret[];
}

/**
 * An RDS Proxy in front of a database, and how clients log in to it. The proxy requires TLS.
 *
 * The proxy presents certificates of Amazon Trust Services, not of RDS. An image whose clients verify the server must
 * trust both. A region that does not offer RDS Proxy (ap-east-2) is refused.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const postgres: rds.IInstanceEngine;
 *
 * new EncryptedDatabaseInstance(this, 'Database', {
 *   vpc: network,
 *   engine: postgres,
 *   proxy: DatabaseProxy.withPassword(),
 * });
 */
export abstract class DatabaseProxy {
  /** Clients log in with the user name and password of a secret, as they do to the database. */
  public static withPassword(options: DatabaseProxyOptions = {}): DatabaseProxy {
    checkFactory('DatabaseProxy.withPassword', { options });
    return new ProxyWith(options, false);
  }

  /**
   * Clients log in with an IAM token, and the proxy also logs in to the database with a token.
   *
   * No service receives a password. A service that uses the database has a user with an IAM token. A token is valid for
   * 15 minutes for new connections.
   */
  public static withIamToken(options: DatabaseProxyOptions = {}): DatabaseProxy {
    checkFactory('DatabaseProxy.withIamToken', { options });
    return new ProxyWith(options, true);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'DatabaseProxy');

  /**
   * Whether clients log in with an IAM token instead of a password.
   * @internal
   */
  public abstract readonly _asksForToken: boolean;

  /**
   * The validated options. Tokens pass.
   * @internal
   */
  public abstract _settings(scope: Construct): Required<DatabaseProxyOptions>;
}

class ProxyWith extends DatabaseProxy {
  constructor(private readonly options: DatabaseProxyOptions, public readonly _asksForToken: boolean) {
    super();
  }

  public _settings(scope: Construct): Required<DatabaseProxyOptions> {
    const { region } = Stack.of(scope);
    if (WITHOUT_PROXY.includes(region)) {
      refuseUse(scope, `proxy must not be set, because ${region} does not offer RDS Proxy`,
        'remove it: clients then connect to the database');
    }
    const { maxConnectionsPercent = DEFAULT_CONNECTIONS_PERCENT, secrets = [] } = this.options;
    const idleClientTimeout = this.options.idleClientTimeout ?? Duration.minutes(DEFAULT_IDLE_MINUTES);
    requireInteger(scope, 'proxy.maxConnectionsPercent', maxConnectionsPercent, 1, MOST_PERCENT);
    requireDistinct(scope, 'proxy.secrets', secrets);
    secrets.forEach((secret, index) =>
      requireSameRegion(scope, `proxy.secrets[${index}]`, 'secretsmanager.ISecret', secret));
    if (!idleClientTimeout.isUnresolved()) {
      requireInteger(
        scope,
        'proxy.idleClientTimeout in seconds',
        idleClientTimeout.toSeconds({ integral: false }),
        1,
        MOST_IDLE_SECONDS,
      );
    }
    return { maxConnectionsPercent, idleClientTimeout, secrets };
  }
}
