import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** Who may connect to a database, on a port that rules can read: nobody yet, and the database to nothing at all. */
export function databaseConnections(scope: Construct, vpc: ec2.IVpc, port: number): ec2.Connections {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Who may connect to the database',
    allowAllOutbound: false,
    allowAllIpv6Outbound: false,
    disableInlineRules: false,
  });
  return new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(port) });
}

/** The ARN of something that RDS has not made yet: `db` for an instance, `cluster` for a cluster. */
export function databaseArnOf(scope: Construct, resource: string, identifier: string): string {
  return Stack.of(scope).formatArn({ service: 'rds', resource, resourceName: identifier, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
