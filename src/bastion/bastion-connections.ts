import { Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { requireForwardHost } from './bastion-validation';
import { requireReachable } from '../blocks/same-vpc';
import { refuse, requireInteger } from '../core/refusal';

const HTTPS_PORT = 443;
const HIGHEST_PORT = 65535;

/** Creates the security group of a bastion, which allows outbound HTTPS. */
export function bastionConnections(scope: Construct, vpc: ec2.IVpc, description: string): ec2.Connections {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description,
    allowAllOutbound: false,
    allowAllIpv6Outbound: false,
    disableInlineRules: false,
  });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT),
    'HTTPS to Systems Manager, CloudWatch Logs, KMS and the packages of Amazon Linux');
  return new ec2.Connections({ securityGroups: [securityGroup] });
}

/** Allows connections from a bastion to a target. Refuses a target without a port, and one in another VPC. */
export function allowFromBastion(
  scope: Construct & ec2.IConnectable, vpc: ec2.IVpc, target: ec2.IConnectable, port?: ec2.Port,
): void {
  const open = port ?? target.connections.defaultPort;
  if (!open) {
    const allowed = 'set for a target without a default port';
    refuse(scope, { prop: 'port', given: port, allowed, change: 'pass the port: ec2.Port.tcp(5432)' });
  }
  requireReachable(scope, { prop: 'target', what: 'a target', vpc }, target);
  scope.connections.allowTo(target, open, `Sessions through ${scope.node.id}`);
}

/** Returns two ports as text. Refuses ports and a host that a command cannot contain. */
export function forwardedPorts(scope: Construct, host: string, port: number, localPort: number): [string, string] {
  requireForwardHost(scope, host);
  requireInteger(scope, 'port', port, 1, HIGHEST_PORT);
  requireInteger(scope, 'localPort', localPort, 1, HIGHEST_PORT);
  return [Tokenization.stringifyNumber(port), Tokenization.stringifyNumber(localPort)];
}
