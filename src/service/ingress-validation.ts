import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { requireSeconds } from './duration-bounds';
import { FIRST_PRIORITY, LAST_PRIORITY, LONGEST_PATH } from './listener-priority';
import { ServiceIngressOptions } from './service-ingress-options';
import { refuse, requireInteger } from '../core/refusal';

/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const SHORTEST_STICKINESS_SECONDS = 1;
const LONGEST_STICKINESS_SECONDS = 7 * 24 * 60 * 60;
const LONGEST_DEREGISTRATION_SECONDS = 3_600;
/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
const FEWEST_CHECKS = 2;
const MOST_CHECKS = 10;
/** The timeout of the health check, in seconds. The interval must be longer. */
export const HEALTH_CHECK_TIMEOUT_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 300;
/** Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
const LONGEST_GRACE_PERIOD_SECONDS = 2_147_483_647;
/**
 * A host pattern has a dot, with letters only after the last one. A domain name in another script ends with xn--….
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
const HOST = /^(?=.{1,128}$)[A-Za-z0-9._*?-]*\.(?:[A-Za-z*?]+|xn--[A-Za-z0-9-]+)$/;
/** Printable characters of ASCII. */
const PATH = /^\/[!-~]*$/;

/**
 * Refuses ingress options that cannot be deployed, and a service with ingress that has no port. Tokens are accepted.
 */
export function validateIngress(
  scope: IConstruct, options: ServiceIngressOptions, containerPort: number | undefined,
): void {
  if (containerPort === undefined) {
    refuse(scope, {
      prop: 'containerPort',
      given: containerPort,
      allowed: 'the port of the program when the service has ingress',
      change: 'pass containerPort',
    });
  }
  validateMatch(scope, options);
  requirePath(scope, 'ingress.healthCheckPath', options.healthCheckPath);
  const { healthCheckInterval, healthCheckGracePeriod, stickiness, deregistrationDelay } = options;
  requireSeconds(
    scope,
    'ingress.healthCheckInterval',
    healthCheckInterval,
    HEALTH_CHECK_TIMEOUT_SECONDS + 1,
    LONGEST_INTERVAL_SECONDS,
  );
  requireInteger(scope, 'ingress.healthyThreshold', options.healthyThreshold, FEWEST_CHECKS, MOST_CHECKS);
  requireInteger(scope, 'ingress.unhealthyThreshold', options.unhealthyThreshold, FEWEST_CHECKS, MOST_CHECKS);
  requireSeconds(scope, 'ingress.healthCheckGracePeriod', healthCheckGracePeriod, 0, LONGEST_GRACE_PERIOD_SECONDS);
  requireSeconds(scope, 'ingress.stickiness', stickiness, SHORTEST_STICKINESS_SECONDS, LONGEST_STICKINESS_SECONDS);
  requireSeconds(scope, 'ingress.deregistrationDelay', deregistrationDelay, 0, LONGEST_DEREGISTRATION_SECONDS);
}

function validateMatch(scope: IConstruct, { path, host, priority }: ServiceIngressOptions): void {
  requirePath(scope, 'ingress.path', path);
  stateExactPath(scope, path);
  if (host !== undefined && !Token.isUnresolved(host) && !HOST.test(host)) {
    refuse(scope, {
      prop: 'ingress.host',
      given: host,
      allowed: 'a host name or pattern of at most 128 characters, with a dot',
      change: 'pass only the host, without protocol, port and path',
    });
  }
  requireInteger(scope, 'ingress.priority', priority, FIRST_PRIORITY, LAST_PRIORITY);
  if (priority === undefined && (Token.isUnresolved(path) || Token.isUnresolved(host))) {
    refuse(scope, {
      prop: 'ingress.priority',
      given: undefined,
      allowed: 'an integer when path or host is a token',
      change: 'pass ingress.priority',
    });
  }
}

function requirePath(scope: IConstruct, prop: string, path: string | undefined): void {
  if (path === undefined || Token.isUnresolved(path)) return;
  if (PATH.test(path) && path.length <= LONGEST_PATH) return;
  refuse(scope, {
    prop,
    given: path,
    allowed: `a path that starts with / and has at most ${LONGEST_PATH} characters of ASCII`,
    change: 'pass the path as it appears in a URL',
  });
}

/** States that a path without a wildcard matches no path below it, unless it is the path of a file. */
function stateExactPath(scope: IConstruct, path: string | undefined): void {
  if (path === undefined || Token.isUnresolved(path) || /[*?]|\.[^/]*$/.test(path)) return;
  Annotations.of(scope).addInfoV2(
    'cdk-hipaa:exact-path',
    `ingress.path '${path}' matches only requests for exactly ${path}. For the paths below it, use `
      + `'${path.replace(/\/$/, '')}/*'.`,
  );
}
