import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { Domain, requireDomain, requireSameRegion } from './load-balancer-domain';
import { SecureLoadBalancerProps } from './secure-load-balancer-props';
import { refuse, requireInteger, Situation } from '../core/refusal';

/** How long a connection may be silent, in seconds: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
const IDLE_TIMEOUT_MIN_SECONDS = 1;
const IDLE_TIMEOUT_MAX_SECONDS = 4000;
/** An Application Load Balancer stands in two zones at least. */
const MIN_SUBNETS = 2;

/** Refuses what cannot work together. */
export function validateLoadBalancer(scope: Construct, props: SecureLoadBalancerProps): Domain | undefined {
  const domain = domainOf(scope, props);
  validateEncryption(scope, props);
  if (domain) requireDomain(scope, domain, props.certificate);
  if (props.certificate) requireSameRegion(scope, 'certificate', props.certificate);
  for (const certificate of props.additionalCertificates ?? []) requireSameRegion(scope, 'additionalCertificates', certificate);
  validateSubnets(scope, props);
  if (props.idleTimeout && !props.idleTimeout.isUnresolved()) {
    const seconds = props.idleTimeout.toSeconds({ integral: false });
    requireInteger(scope, 'idleTimeout in seconds', seconds, IDLE_TIMEOUT_MIN_SECONDS, IDLE_TIMEOUT_MAX_SECONDS);
  }
  if (props.encryptionKey && props.firewall) {
    refuse(scope, {
      prop: 'encryptionKey',
      given: props.encryptionKey,
      allowed: 'nothing beside firewall, since the key is for the firewall that would be made',
      change: 'pass the key to the WebFirewall',
    });
  }
  return domain;
}

/** Both or neither: a name without a zone gets no record, a zone without a name does not say which. */
function domainOf(scope: Construct, { domainName, hostedZone }: SecureLoadBalancerProps): Domain | undefined {
  if (domainName !== undefined && hostedZone !== undefined) return { domainName, hostedZone };
  if (domainName !== undefined) {
    const change = 'pass the zone, or leave domainName out and make the record yourself';
    refuse(scope, { prop: 'hostedZone', given: undefined, allowed: 'the zone of domainName', change });
  }
  if (hostedZone !== undefined) {
    refuse(scope, { prop: 'domainName', given: undefined, allowed: 'a name in hostedZone', change: 'pass the name of the entrance, or leave hostedZone out' });
  }
  return undefined;
}

function validateEncryption(scope: Construct, props: SecureLoadBalancerProps): void {
  const { certificate, domainName, additionalCertificates, plainHttp } = props;
  if (plainHttp) {
    const given = Object.entries({ certificate, domainName, additionalCertificates }).filter(([, value]) => value !== undefined);
    const beside = given.map(([name]) => name);
    if (beside.length === 0) return;
    refuse(scope, {
      prop: 'plainHttp',
      given: new Situation(`set together with ${beside.join(' and ')}`),
      allowed: 'plainHttp only without a certificate and a domain name',
      change: 'remove plainHttp: with a certificate there is HTTPS',
    });
  }
  if (certificate || domainName !== undefined) return;
  refuse(scope, {
    prop: 'certificate',
    given: undefined,
    allowed: 'a certificate, or domainName and hostedZone to request one, or plainHttp with a reason for development',
    change: 'pass one of the three',
  });
}

function validateSubnets(scope: Construct, { vpc, vpcSubnets, internetFacing = true }: SecureLoadBalancerProps): void {
  // What a look-up will find is not known before it has run.
  if (vpcSubnets === undefined && internetFacing && vpc.publicSubnets.length === 0) {
    refuse(scope, {
      prop: 'vpc',
      given: new Situation('without public subnets'),
      allowed: 'a VPC with public subnets, which a load balancer that is reachable from the internet stands in',
      change: 'pass such a VPC, or internetFacing: false for one that is reachable from inside only',
    });
  }
  const selected = vpc.selectSubnets(vpcSubnets ?? (internetFacing ? { subnetType: ec2.SubnetType.PUBLIC } : {}));
  // An imported list that is known only at deployment looks like one subnet and may be many.
  if (selected.isPendingLookup || selected.subnetIds.length >= MIN_SUBNETS || selected.subnetIds.some((id) => Token.isUnresolved([id]))) return;
  refuse(scope, {
    prop: vpcSubnets ? 'vpcSubnets' : 'vpc',
    given: new Situation(`${vpcSubnets ? 'a selection' : 'one with a choice'} of ${selected.subnetIds.length} subnets`),
    allowed: `at least ${MIN_SUBNETS} subnets, in different zones`,
    change: vpcSubnets ? 'select subnets of another zone too' : 'use a VPC with subnets in two zones',
  });
}
