import {
  CUSTOM_RESOURCE, DATABASE, NAT_GATEWAY, NETWORK, one, ref, Resources, SERVICE, Template,
} from './control-templates';
import { IN_USE, USERS } from './resources-in-use';

/** Stacks that cannot be deleted, each with the words of the refusal. The stack with `accepted` can be deleted. */
export interface DeletionControl {
  readonly fault: string;
  readonly template: Template;
  readonly accepted: Template;
  /** An update between the creation and the deletion. */
  readonly update?: Template;
  /** A second stack that uses the resources of the first one. */
  readonly user?: (physicalIds: Record<string, string>) => Template;
  /** Whether an object is written to the bucket `It` before the deletion. */
  readonly withObject?: boolean;
  readonly says: string;
}

/** A changed copy of a template. The topic is a change that CloudFormation accepts as an update. */
function changed(template: Template, change: (resources: Resources) => void): Template {
  const copy = structuredClone(template);
  change(copy.Resources);
  copy.Resources.Topic = { Type: 'AWS::SNS::Topic', Properties: {} };
  return copy;
}

const cluster = (DeletionProtection: boolean) => one('AWS::RDS::DBCluster', {
  Engine: 'aurora-postgresql',
  MasterUsername: 'administrator',
  MasterUserPassword: 'not-a-real-password',
  DeletionProtection,
});

const balancer = (Scheme: string, protection: string): Template => ({
  Resources: {
    ...NETWORK,
    Balancer: {
      ...SERVICE.Resources.Balancer,
      Properties: {
        ...SERVICE.Resources.Balancer.Properties,
        Scheme,
        LoadBalancerAttributes: [{ Key: 'deletion_protection.enabled', Value: protection }],
      },
    },
  },
});

const vault = (others: Resources): Template => ({
  Resources: { It: { Type: 'AWS::Backup::BackupVault', Properties: { BackupVaultName: 'vault' } }, ...others },
});

const PREFIX = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}';

/** A custom resource that names its function without a reference. */
const NAMED_FUNCTION: Template = {
  Resources: {
    ...CUSTOM_RESOURCE.Resources,
    Function: {
      ...CUSTOM_RESOURCE.Resources.Function,
      Properties: { ...CUSTOM_RESOURCE.Resources.Function.Properties, FunctionName: 'count-queues' },
    },
    Count: {
      Type: 'Custom::Count',
      Properties: {
        ServiceToken: { 'Fn::Sub': `${PREFIX}:function:count-queues` },
      },
      DependsOn: ['Function', 'Policy', 'Queue'],
    },
  },
};

/** A custom resource whose function names its role without a reference. */
const NAMED_ROLE: Template = {
  Resources: {
    ...CUSTOM_RESOURCE.Resources,
    Role: {
      ...CUSTOM_RESOURCE.Resources.Role,
      Properties: { ...CUSTOM_RESOURCE.Resources.Role.Properties, RoleName: 'count-queues' },
    },
    Function: {
      ...CUSTOM_RESOURCE.Resources.Function,
      Properties: {
        ...CUSTOM_RESOURCE.Resources.Function.Properties,
        Role: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/count-queues' },
      },
      DependsOn: 'Role',
    },
  },
};

/** A database that names its parameter group without a reference. */
const NAMED_PARAMETERS: Template = {
  Resources: {
    Parameters: {
      Type: 'AWS::RDS::DBParameterGroup',
      Properties: { DBParameterGroupName: 'parameters', Description: 'parameters', Family: 'postgres16' },
    },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      Properties: { ...DATABASE, DBParameterGroupName: 'parameters' },
      DependsOn: 'Parameters',
    },
  },
};

const retained = (resources: Resources): Resources => Object.fromEntries(
  Object.entries(resources).map(([name, each]) => [name, { ...each, DeletionPolicy: 'Retain' }]));

export const DELETION_CONTROLS: DeletionControl[] = [
  {
    fault: 'deletion protection of a database',
    template: one('AWS::RDS::DBInstance', { ...DATABASE, DeletionProtection: true }),
    accepted: one('AWS::RDS::DBInstance', { ...DATABASE, DeletionProtection: false }),
    says: 'Cannot delete protected AWS::RDS::DBInstance',
  },
  {
    fault: 'deletion protection of a cluster',
    template: cluster(true),
    accepted: cluster(false),
    says: 'Cannot delete protected AWS::RDS::DBCluster',
  },
  {
    fault: 'deletion protection of a load balancer',
    template: balancer('internal', 'true'),
    accepted: balancer('internal', 'false'),
    says: 'cannot be deleted because deletion protection is enabled',
  },
  {
    fault: 'termination protection of an instance',
    template: one('AWS::EC2::Instance', { ImageId: 'ami-0123456789abcdef0', DisableApiTermination: true }),
    accepted: one('AWS::EC2::Instance', { ImageId: 'ami-0123456789abcdef0', DisableApiTermination: false }),
    says: 'may not be terminated',
  },
  {
    fault: 'bucket with an object',
    template: one('AWS::S3::Bucket', {}),
    accepted: one('AWS::S3::Bucket', {}),
    withObject: true,
    says: 'not empty',
  },
  {
    fault: 'repository with images',
    template: one('AWS::ECR::Repository', {}),
    accepted: one('AWS::ECR::Repository', { EmptyOnDelete: true }),
    says: 'cannot be deleted because it still contains images',
  },
  {
    fault: 'backup vault with recovery points',
    template: vault({
      Plan: {
        Type: 'AWS::Backup::BackupPlan',
        Properties: {
          BackupPlan: {
            BackupPlanName: 'plan', BackupPlanRule: [{ RuleName: 'daily', TargetBackupVault: ref('It') }],
          },
        },
      },
    }),
    accepted: vault({}),
    says: 'cannot be deleted because it contains recovery points',
  },
  {
    fault: 'internet gateway that is detached before a NAT gateway is deleted',
    template: NAT_GATEWAY,
    accepted: NAT_GATEWAY,
    update: changed(NAT_GATEWAY, ({ Nat, Address }) => {
      delete Nat.DependsOn;
      delete Address.DependsOn;
    }),
    says: 'has some mapped public address(es)',
  },
  {
    fault: 'internet gateway that is detached before a load balancer is deleted',
    template: balancer('internet-facing', 'false'),
    accepted: balancer('internet-facing', 'false'),
    update: changed(balancer('internet-facing', 'false'), ({ Balancer }) => delete Balancer.DependsOn),
    says: 'has some mapped public address(es)',
  },
  {
    fault: 'custom resource that is deleted after its function',
    template: NAMED_FUNCTION,
    accepted: NAMED_FUNCTION,
    update: changed(NAMED_FUNCTION, (resources) => {
      delete resources.Function;
      delete resources.Count.DependsOn;
    }),
    says: 'of the custom resource does not exist',
  },
  {
    fault: 'custom resource that is deleted after the role of its function',
    template: NAMED_ROLE,
    accepted: NAMED_ROLE,
    update: changed(NAMED_ROLE, (resources) => {
      delete resources.Role;
      delete resources.Policy;
      delete resources.Function.DependsOn;
      delete resources.Count.DependsOn;
    }),
    says: 'of the custom resource does not exist',
  },
  {
    fault: 'custom resource that is deleted after the policy of the role of its function',
    template: CUSTOM_RESOURCE,
    accepted: CUSTOM_RESOURCE,
    update: changed(CUSTOM_RESOURCE, ({ Count }) => (Count.DependsOn = 'Queue')),
    says: 'does not have the policies',
  },
  {
    fault: 'subnet that another stack uses',
    template: { Resources: NETWORK },
    accepted: { Resources: NETWORK },
    user: ({ SubnetA, SubnetB }) => one('AWS::RDS::DBSubnetGroup', {
      DBSubnetGroupDescription: 'in use', SubnetIds: [SubnetA, SubnetB],
    }),
    says: 'is in use',
  },
  {
    fault: 'missing dependency: parameter group that is deleted before its database',
    template: NAMED_PARAMETERS,
    accepted: NAMED_PARAMETERS,
    update: changed(NAMED_PARAMETERS, ({ Database }) => delete Database.DependsOn),
    says: 'is in use',
  },
  {
    fault: 'resources that resources outside the stack use',
    template: { Resources: { ...IN_USE, ...retained(USERS) } },
    accepted: { Resources: { ...IN_USE, ...USERS } },
    says: 'is in use',
  },
];
