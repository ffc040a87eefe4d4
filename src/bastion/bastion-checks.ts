import { Annotations, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuseUse } from '../core/refusal';

/** The network placement of a bastion. */
export interface BastionPlacement {
  readonly vpc: ec2.IVpc;
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
}

/** At synthesis, refuses inbound rules of a bastion, and warns if Systems Manager cannot reach it. */
export function checkBastion(scope: IConstruct, placement: BastionPlacement): void {
  scope.node.addValidation({
    validate: () => {
      refuseIngress(scope, placement);
      warnIfUnreachable(scope, placement);
      return [];
    },
  });
}

/** At synthesis, refuses inbound rules of a bastion other than the one that allows SSH. */
export function checkOnlySsh(scope: IConstruct, securityGroup: ec2.ISecurityGroup): void {
  scope.node.addValidation({
    validate: () => {
      if (countIngress(scope, securityGroup) > 1) {
        refuseUse(scope, 'a second security group rule allows inbound connections to the bastion',
          'remove it, because the bastion accepts only SSH from allowedAddress');
      }
      return [];
    },
  });
}

function countIngress(scope: IConstruct, securityGroup: ec2.ISecurityGroup): number {
  const group = securityGroup.node.defaultChild as ec2.CfnSecurityGroup;
  const inlineRules: object[] = Stack.of(scope).resolve(group.securityGroupIngress) ?? [];
  const isSeparateRule = (node: IConstruct) =>
    node instanceof ec2.CfnSecurityGroupIngress && node.groupId === securityGroup.securityGroupId;
  return inlineRules.length + scope.node.root.node.findAll().filter(isSeparateRule).length;
}

function refuseIngress(scope: IConstruct, { securityGroup }: BastionPlacement): void {
  if (countIngress(scope, securityGroup) === 0) return;
  refuseUse(scope, 'a security group rule allows inbound connections to the bastion',
    'remove the inbound rule, because sessions use Systems Manager');
}

/** Warns about a subnet without a default route or an endpoint. The routes of an imported subnet are unknown. */
function warnIfUnreachable(scope: IConstruct, { vpc, subnet }: BastionPlacement): void {
  if (!(subnet instanceof ec2.Subnet) || subnet.node.tryFindChild('DefaultRoute')) return;
  const stack = Stack.of(vpc);
  const isOfSystemsManager = (node: IConstruct) => node instanceof ec2.CfnVPCEndpoint && Stack.of(node) === stack
    && /\.ssm$/.test(String(JSON.stringify(stack.resolve(node.serviceName))).replace(/[^\w.]+$/, ''));
  if (scope.node.root.node.findAll().some(isOfSystemsManager)) return;
  Annotations.of(scope).addWarningV2('cdk-hipaa:bastion-unreachable',
    'the subnet of the bastion has no route to the internet and its VPC has no endpoint for Systems Manager, so '
    + 'sessions cannot start: choose subnets with a route to the internet, or add the endpoint');
}
