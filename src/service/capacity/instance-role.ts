import { Aws } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  CONTROL_CHANNEL, MANAGED_INSTANCE_DOCUMENTS, managedInstanceStatements, reportStatements,
} from '../../blocks/managed-instance';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { acknowledge, reportedText } from '../../core/acknowledge';

const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
  new iam.PolicyStatement({ actions, resources, conditions });

/**
 * Creates the role of the instances. It allows the ECS agent to work for one cluster, and SSM Agent to report.
 *
 * The roles of the tasks pull images, read secrets and write logs. The statements of aws-cdk-lib allow these actions on
 * all resources of the account to the instance too.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function instanceRole(scope: Construct, id: string, { clusterArn, clusterName }: ecs.ICluster): iam.Role {
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: 'Allows instances to join an ECS cluster and to report to Systems Manager',
  });
  // Pseudo parameters: the acknowledgement then matches in a stack with an explicit environment too.
  const instances =
    `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:container-instance/${clusterName}/*`;
  [
    allow([
      'ecs:DeregisterContainerInstance', 'ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges',
      'ecs:SubmitContainerStateChange', 'ecs:SubmitTaskStateChange',
    ], [clusterArn]),
    // The agent sets its own instance to DRAINING before EC2 interrupts it.
    allow(['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'], [instances], {
      ArnEquals: { 'ecs:cluster': clusterArn },
    }),
    allow(['ecs:DiscoverPollEndpoint', ...CONTROL_CHANNEL], ['*']),
    ...managedInstanceStatements(MANAGED_INSTANCE_DOCUMENTS),
    ...reportStatements(),
  ].forEach((statement) => role.addToPrincipalPolicy(statement));
  acknowledgeWildcards(scope, role, instances);
  return role;
}

function acknowledgeWildcards(scope: Construct, role: iam.Role, instances: string): void {
  const ofRegion = 'arn:<AWS::Partition>:ssm:<AWS::Region>';
  acknowledge(role.node.findChild('Policy'),
    {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `The actions with which the agents on the instances of ${scope.node.path} find their endpoint and report `
        + 'to Systems Manager do not support resource-level permissions, according to the Service Authorization '
        + 'Reference',
    },
    {
      rules: [`AwsSolutions-IAM5[Resource::${reportedText(scope, instances)}]`],
      reason: `ECS assigns the IDs of the container instances of ${scope.node.path} when they register; a condition `
        + 'limits the statement to the cluster',
    },
    {
      rules: [
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]',
        `AwsSolutions-IAM5[Resource::${ofRegion}:<AWS::AccountId>:association/*]`,
      ],
      reason: `The Auto Scaling group of ${scope.node.path} launches its instances after their role exists, so no `
        + 'instance ID and no association ID is known',
    },
    {
      rules: [`AwsSolutions-IAM5[Resource::${ofRegion}::document/AmazonInspector2-*]`],
      reason: `Inspector chooses which of its documents scan the instances of ${scope.node.path}; only AWS can create `
        + 'a document with this prefix',
    },
  );
}
