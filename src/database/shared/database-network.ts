import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { closeEgress } from '../../blocks/closed-egress';

/** Creates the security group of a database, which allows no traffic. cdk-nag can read the port, a number. */
export function databaseConnections(scope: Construct, vpc: ec2.IVpc, port: number): ec2.Connections {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Clients of the database',
    allowAllOutbound: false,
    allowAllIpv6Outbound: false,
    disableInlineRules: false,
  });
  closeEgress(securityGroup);
  return new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(port) });
}

/** The ARN of a database before it exists: `db` for an instance, `cluster` for a cluster. */
export function databaseArnOf(scope: Construct, resource: string, identifier: string): string {
  return Stack.of(scope).formatArn({
    service: 'rds',
    resource,
    resourceName: identifier,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
