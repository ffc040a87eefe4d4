import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Gives a security group an egress rule to an unreachable address.
 *
 * EC2 allows all outbound traffic from a group that is created without an egress rule. aws-cdk-lib removes its
 * placeholder rule as soon as a rule is added, which can be a resource of its own, in another stack that is deployed
 * later.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
 */
export function closeEgress(group: ec2.SecurityGroup): void {
  const description = 'Unreachable, so that EC2 does not allow all outbound traffic';
  group.addEgressRule(ec2.Peer.ipv4('127.0.0.1/32'), ec2.Port.allTraffic(), description);
}
