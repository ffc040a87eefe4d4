import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { SecureLoadBalancerProps } from './secure-load-balancer-props';
import { firstOfEachZone, isOneSubnet, selectSubnets } from '../blocks/subnet-selection';
import { refuse, refuseUse, requireDistinct, requireInteger, Situation } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';
import { requireCovered } from '../endpoint/certificate-names';
import { MAX_ADDITIONAL_CERTIFICATES, requireCertificateQuota } from '../endpoint/certificate-quota';
import { certificateRegion, validateEndpoint } from '../endpoint/endpoint-domain';
import { requireFirewall } from '../firewall/web-firewall-interface';

/**
 * The limits of the idle timeout, in seconds.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
const IDLE_TIMEOUT_MIN_SECONDS = 1;
const IDLE_TIMEOUT_MAX_SECONDS = 4000;
/** An Application Load Balancer requires subnets in two Availability Zones. */
const MIN_SUBNETS = 2;

/** Refuses props that do not work together, or that could not be deployed. */
export function validateLoadBalancer(scope: Construct, props: SecureLoadBalancerProps): void {
  validateCertificates(scope, props);
  requireFirewall(scope, props.firewall);
  validateSubnets(scope, props);
  if (props.accessLogBucket) requireRegionOf(scope, 'accessLogBucket', 'a bucket', props.accessLogBucket);
  if (props.idleTimeout && !props.idleTimeout.isUnresolved()) {
    const seconds = props.idleTimeout.toSeconds({ integral: false });
    requireInteger(scope, 'idleTimeout in seconds', seconds, IDLE_TIMEOUT_MIN_SECONDS, IDLE_TIMEOUT_MAX_SECONDS);
  }
  if (props.encryptionKey && props.firewall) {
    const problem = 'encryptionKey is only for the firewall that the load balancer creates, but firewall is set';
    refuseUse(scope, problem, 'pass the key to the WebFirewall');
  }
}

function validateCertificates(
  scope: Construct, { endpoint, additionalCertificates, hstsDomainOnly }: SecureLoadBalancerProps,
): void {
  validateEndpoint(scope, endpoint);
  if (endpoint._domainNames.length > 1) {
    refuse(scope, {
      prop: 'endpoint',
      given: new Situation(`${endpoint._domainNames.length} domain names`),
      allowed: 'for one domain name',
      change: 'pass one name, and the certificates of the other names in additionalCertificates',
    });
  }
  if (endpoint._plainHttp && hstsDomainOnly !== undefined) {
    refuseUse(scope, 'hstsDomainOnly requires HTTPS, but endpoint is WebEndpoint.plainHttp', 'remove hstsDomainOnly');
  }
  if (endpoint._plainHttp && additionalCertificates !== undefined) {
    const problem = 'additionalCertificates require HTTPS, but endpoint is WebEndpoint.plainHttp';
    refuseUse(scope, problem, 'use WebEndpoint.certificate with the first certificate');
  }
  if (endpoint._certificate) requireSameRegion(scope, 'certificate', endpoint._certificate);
  for (const certificate of additionalCertificates ?? []) {
    requireSameRegion(scope, 'additionalCertificates', certificate);
  }
  // aws-cdk-lib would create two constructs with one ID.
  requireDistinct(scope, 'additionalCertificates', additionalCertificates);
  requireCertificateQuota(
    scope, 'additionalCertificates', additionalCertificates?.length ?? 0, MAX_ADDITIONAL_CERTIFICATES,
  );
  if (endpoint._certificate) {
    requireCovered(scope, endpoint._domainNames, [endpoint._certificate, ...(additionalCertificates ?? [])]);
  }
}

/** Refuses a certificate of another region than that of the load balancer. Tokens pass. */
function requireSameRegion(scope: Construct, prop: string, certificate: acm.ICertificate): void {
  const given = certificateRegion(certificate);
  const { region } = Stack.of(scope);
  if (given === undefined || Token.isUnresolved(region) || given === region) return;
  refuse(scope, {
    prop,
    given: new Situation(`a certificate in ${given}`),
    allowed: `a certificate in ${region}, the region of the load balancer`,
    change: `request or import it in ${region}`,
  });
}

function validateSubnets(scope: Construct, { vpc, vpcSubnets, internetFacing = true }: SecureLoadBalancerProps): void {
  if (vpcSubnets === undefined && internetFacing && vpc.publicSubnets.length === 0) {
    refuse(scope, {
      prop: 'vpc',
      given: new Situation('one without'),
      allowed: 'a VPC with public subnets',
      change: 'pass such a VPC, or set internetFacing: false to allow requests only from inside the network',
    });
  }
  const selection = vpcSubnets ?? (internetFacing ? { subnetType: ec2.SubnetType.PUBLIC } : {});
  const { isPendingLookup, subnets, subnetIds } = selectSubnets(scope, vpc, selection, vpcSubnets !== undefined);
  if (internetFacing) requirePublic(scope, vpc, subnetIds);
  // The result of a pending lookup is unknown. A list token counts as one subnet and may be many.
  if (isPendingLookup || !subnets.every(isOneSubnet)) return;
  const found = firstOfEachZone(scope, subnets).length;
  if (found >= MIN_SUBNETS) return requireOnePerZone(scope, subnetIds.length, found);
  if (vpcSubnets) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(`a selection of ${found}`),
      allowed: `a selection of at least ${MIN_SUBNETS} subnets in different Availability Zones`,
      change: 'select subnets of another Availability Zone too',
    });
  }
  refuse(scope, {
    prop: 'vpc',
    given: new Situation(`one with ${found}`),
    allowed: `a VPC with at least ${MIN_SUBNETS} ${internetFacing ? 'public' : 'private'} subnets in different `
      + 'Availability Zones',
    change: 'use a VPC with subnets in two Availability Zones',
  });
}

/** Refuses subnets without a route from the internet. The routes of subnets that the VPC does not list are unknown. */
function requirePublic(scope: Construct, vpc: ec2.IVpc, subnetIds: string[]): void {
  const hidden = [...vpc.privateSubnets, ...vpc.isolatedSubnets].map(({ subnetId }) => subnetId);
  if (!subnetIds.some((id) => hidden.includes(id))) return;
  refuse(scope, {
    prop: 'vpcSubnets',
    given: new Situation('a selection with private or isolated subnets'),
    allowed: 'public subnets for an internet-facing load balancer',
    change: 'leave vpcSubnets out, or set internetFacing: false',
  });
}

/**
 * Refuses several subnets of one Availability Zone.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
 */
function requireOnePerZone(scope: Construct, subnets: number, zones: number): void {
  if (subnets === zones) return;
  refuse(scope, {
    prop: 'vpcSubnets',
    given: new Situation(`${subnets} subnets in ${zones} zones`),
    allowed: 'a selection with one subnet in each Availability Zone',
    change: 'add onePerAz: true to the selection',
  });
}
