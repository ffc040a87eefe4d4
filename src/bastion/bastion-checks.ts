import { Annotations, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** Where a bastion stands. */
export interface BastionPlace {
  readonly vpc: ec2.IVpc;
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
}

/** Refuses, when the app is synthesised, a rule that lets something into a bastion, and warns of one that has no way to Systems Manager. */
export function checkBastion(scope: IConstruct, place: BastionPlace): void {
  scope.node.addValidation({
    validate: () => {
      refuseIngress(scope, place);
      warnWithoutWay(scope, place);
      return [];
    },
  });
}

function refuseIngress(scope: IConstruct, { securityGroup }: BastionPlace): void {
  const inside: object[] | undefined = Stack.of(scope).resolve((securityGroup.node.defaultChild as ec2.CfnSecurityGroup).securityGroupIngress);
  const isBeside = (node: IConstruct) => node instanceof ec2.CfnSecurityGroupIngress && node.groupId === securityGroup.securityGroupId;
  if (!inside?.length && !scope.node.root.node.findAll().some(isBeside)) return;
  refuse(scope, {
    prop: 'connections',
    given: new Situation('opened to what comes in'),
    allowed: 'nothing that comes in, since sessions come through Systems Manager',
    change: 'remove the rule that lets something reach the bastion',
  });
}

/** A subnet of the app has a default route or none; of an imported one nothing is known. */
function warnWithoutWay(scope: IConstruct, { vpc, subnet }: BastionPlace): void {
  if (!(subnet instanceof ec2.Subnet) || subnet.node.tryFindChild('DefaultRoute')) return;
  const stack = Stack.of(vpc);
  const isOfSystemsManager = (node: IConstruct) => node instanceof ec2.CfnVPCEndpoint && Stack.of(node) === stack
    && /\.ssm$/.test(String(JSON.stringify(stack.resolve(node.serviceName))).replace(/[^\w.]+$/, ''));
  if (scope.node.root.node.findAll().some(isOfSystemsManager)) return;
  Annotations.of(scope).addWarningV2('cdk-hipaa:bastion-without-way',
    'the bastion stands in a subnet without a way out, and no endpoint of Systems Manager is there, so that no session reaches it: choose subnets with a way out, or add the endpoint');
}
