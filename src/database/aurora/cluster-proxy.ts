import { Duration } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { requireInteger } from '../../core/refusal';

/** A tenth of the connections stays free for people who have to get in when the services hold all others. */
const DEFAULT_CONNECTIONS_PERCENT = 90;
const MOST_PERCENT = 100;
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-managing.html */
const DEFAULT_IDLE_MINUTES = 30;
const MOST_IDLE_SECONDS = 28_800;

/** How a proxy in front of a cluster behaves. */
export interface ClusterProxyOptions {
  /**
   * The share of the cluster's connections that the proxy may take, in percent, 1 to 100.
   * @default 90
   */
  readonly maxConnectionsPercent?: number;
  /**
   * After how long without a request the proxy disconnects a client: a second to 8 hours.
   * @default Duration.minutes(30)
   */
  readonly idleClientTimeout?: Duration;
  /**
   * The logins of more database users, as secrets with `username` and `password`. The proxy knows no other users than these and the master
   * user. A rotation of such a secret has to change the password of one user; one that alternates between two users logs in as a user that the
   * proxy does not know.
   * @default - the master user alone
   */
  readonly secrets?: secretsmanager.ISecret[];
}

/**
 * How clients log in to a proxy in front of an Aurora cluster. Over TLS in either case.
 *
 * The proxy shows certificates of Amazon Trust Services, not of RDS: an image whose clients verify the server has to know these too.
 */
export abstract class ClusterProxy {
  /** Clients log in with the user and the password of a secret, as they would to the cluster itself. */
  public static withPassword(options: ClusterProxyOptions = {}): ClusterProxy {
    checkFactory('ClusterProxy.withPassword', { options });
    return new ProxyWith(options, false);
  }

  /**
   * Clients log in with a token of IAM, which the proxy exchanges for the password: no service ever holds one. Each service has to be let
   * in, by `cluster.grantConnect(service, 'dbowner')`, and has to ask for a new token every 15 minutes when it opens connections.
   */
  public static withIamToken(options: ClusterProxyOptions = {}): ClusterProxy {
    checkFactory('ClusterProxy.withIamToken', { options });
    return new ProxyWith(options, true);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ClusterProxy');

  /**
   * Whether a token of IAM is asked for, and a password is not taken.
   * @internal
   */
  public abstract readonly _asksForToken: boolean;

  /**
   * The options, once they have been checked. Tokens pass.
   * @internal
   */
  public abstract _settings(scope: Construct): Required<ClusterProxyOptions>;
}

class ProxyWith extends ClusterProxy {
  constructor(private readonly options: ClusterProxyOptions, public readonly _asksForToken: boolean) {
    super();
  }

  public _settings(scope: Construct): Required<ClusterProxyOptions> {
    const { maxConnectionsPercent = DEFAULT_CONNECTIONS_PERCENT, secrets = [] } = this.options;
    const idleClientTimeout = this.options.idleClientTimeout ?? Duration.minutes(DEFAULT_IDLE_MINUTES);
    requireInteger(scope, 'proxy.maxConnectionsPercent', maxConnectionsPercent, 1, MOST_PERCENT);
    if (!idleClientTimeout.isUnresolved()) {
      requireInteger(scope, 'proxy.idleClientTimeout in seconds', idleClientTimeout.toSeconds({ integral: false }), 1, MOST_IDLE_SECONDS);
    }
    return { maxConnectionsPercent, idleClientTimeout, secrets };
  }
}
