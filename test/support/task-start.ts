import { Dependencies, DependencyTemplate, TemplateResource } from './dependencies';

type Network = Record<'groups' | 'subnets', unknown>;

/** The security groups and the subnets of the tasks that a resource of a type starts. */
const STARTERS: Record<string, (properties: TemplateResource['Properties']) => Network> = {
  'AWS::ECS::Service': ({ NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups, Subnets } } }) =>
    ({ groups: SecurityGroups, subnets: Subnets }),
  'Custom::Migration': ({ SecurityGroup, Subnets }) => ({ groups: SecurityGroup, subnets: Subnets }),
};
const RULES = ['AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress'];
const POLICIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::RolePolicy'];
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/**
 * The resources that a task needs and that CloudFormation can create after the service, as `Resource -> Service`.
 *
 * A task needs what its service refers to, and what makes that reachable: see `completes`. The custom resource that
 * runs a migration counts as a service.
 */
export function createdAfterTasks(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  return startersIn(dependencies).flatMap((service) => {
    const before = dependencies.reachedFrom(service);
    return neededBy(template, dependencies, service)
      .filter((id) => !before.has(id))
      .map((id) => `${id} -> ${service}`);
  });
}

/** The resources that depend on themselves. CloudFormation refuses such a template. */
export function cycles(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  return Object.keys(template.Resources).filter((id) => dependencies.goesBefore(id, id));
}

/** The security group rules of other stacks for a service. Such a stack is deployed after the service. */
export function rulesInLaterStacks(templates: Map<string, DependencyTemplate>): string[] {
  return [...templates].flatMap(([name, template]) =>
    groupsOfServices(template).flatMap((group) =>
      [...templates].filter(([other]) => other !== name).flatMap(([other, { Resources }]) =>
        Object.entries(Resources)
          .filter(([, { Type, Properties }]) =>
            RULES.includes(Type) && JSON.stringify(Properties).includes(`"${name}:ExportsOutputFnGetAtt${group}`))
          .map(([id]) => `${other}/${id} -> ${name}`),
      ),
    ),
  );
}

function groupsOfServices(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  const groups = startersIn(dependencies).map((id) => groupsOfService(template.Resources[id]));
  return dependencies.ofType('AWS::EC2::SecurityGroup').filter((id) => dependencies.mentions(groups, id));
}

function startersIn(dependencies: Dependencies): string[] {
  return Object.keys(STARTERS).flatMap((type) => dependencies.ofType(type));
}

function groupsOfService({ Type, Properties }: TemplateResource): unknown {
  return STARTERS[Type](Properties).groups;
}

/** Everything that a service needs, found repeatedly until nothing is added. */
function neededBy(template: DependencyTemplate, dependencies: Dependencies, service: string): string[] {
  const needed = new Set(dependencies.reachedFrom(service));
  for (let size = -1; size !== needed.size;) {
    size = needed.size;
    for (const [id, resource] of Object.entries(template.Resources)) {
      if (needed.has(id) || !completes(template, dependencies, service, needed, resource)) continue;
      // A service cannot wait for a policy that refers to it.
      if (POLICIES.includes(resource.Type) && dependencies.goesBefore(id, service)) continue;
      needed.add(id);
      for (const other of dependencies.reachedFrom(id)) needed.add(other);
    }
  }
  needed.delete(service);
  return [...needed];
}

/** Whether a resource makes one of the needed resources usable, although the needed resource does not refer to it. */
function completes(
  template: DependencyTemplate, dependencies: Dependencies, service: string, needed: Set<string>,
  { Type, Properties: properties = {} }: TemplateResource,
): boolean {
  const { Properties: own } = template.Resources[service];
  const neededOf = (type: string) => dependencies.ofType(type).filter((id) => needed.has(id));
  const propertiesOf = (type: string) => neededOf(type).map((id) => template.Resources[id].Properties ?? {});
  const refersTo = (value: unknown, type: string) => neededOf(type).some((id) => dependencies.mentions(value, id));
  const shares = (one: unknown, other: unknown) =>
    Object.keys(template.Resources).some((id) => dependencies.mentions(one, id) && dependencies.mentions(other, id));
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  switch (Type) {
    case 'AWS::DocDB::DBInstance':
    case 'AWS::Neptune::DBInstance':
    case 'AWS::RDS::DBInstance':
      return refersTo(properties.DBClusterIdentifier, Type.replace('DBInstance', 'DBCluster'));
    case 'AWS::RDS::DBProxyTargetGroup':
    case 'AWS::RDS::DBProxyEndpoint':
      return refersTo(properties.DBProxyName, 'AWS::RDS::DBProxy');
    case 'AWS::SecretsManager::SecretTargetAttachment':
      return shares(properties.SecretId, secretsOfTasks());
    case 'AWS::SecretsManager::RotationSchedule':
      // A schedule with a function of the app can wait for the service: the function can roll it.
      return !properties.RotationLambdaARN && !properties.HostedRotationLambda
        && shares(properties.SecretId, secretsOfTasks());
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy':
    case 'AWS::IAM::RolePolicy':
      return [...propertiesOf('AWS::ECS::TaskDefinition'), ...propertiesOf('AWS::RDS::DBProxy')]
        .some(({ TaskRoleArn, ExecutionRoleArn, RoleArn }) =>
          shares([properties.Roles, properties.RoleName], [TaskRoleArn, ExecutionRoleArn, RoleArn]));
    case 'AWS::EC2::VPCEndpoint':
      return propertiesOf('AWS::EC2::SecurityGroup').some(({ VpcId }) => isSame(VpcId, properties.VpcId));
    case 'AWS::EC2::SubnetRouteTableAssociation':
      return [
        STARTERS[template.Resources[service].Type](own).subnets,
        ...propertiesOf('AWS::EC2::NatGateway').map(({ SubnetId }) => SubnetId),
      ].some((subnets) => shares(properties.SubnetId, subnets));
    case 'AWS::EC2::Route':
      return propertiesOf('AWS::EC2::SubnetRouteTableAssociation')
        .some(({ RouteTableId }) => shares(properties.RouteTableId, RouteTableId));
    case 'AWS::EC2::VPCGatewayAttachment':
      return propertiesOf('AWS::EC2::NatGateway').length > 0;
    case 'AWS::ElasticLoadBalancingV2::ListenerRule':
      return shares(properties.Actions, own.LoadBalancers);
    case 'AWS::EC2::SecurityGroupEgress':
      return isRuleOf(properties.GroupId, properties.DestinationSecurityGroupId);
    case 'AWS::EC2::SecurityGroupIngress':
      return isRuleOf(properties.SourceSecurityGroupId, properties.GroupId);
    default:
      return false;
  }

  function secretsOfTasks(): unknown {
    return propertiesOf('AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions = [] }) =>
      ContainerDefinitions.map(({ Secrets }: { Secrets?: unknown }) => Secrets));
  }

  /** From the tasks, from a proxy to its database, or from a load balancer to the tasks. */
  function isRuleOf(from: unknown, to: unknown): boolean {
    const tasks = groupsOfService(template.Resources[service]);
    const proxies = propertiesOf('AWS::RDS::DBProxy').map(({ VpcSecurityGroupIds }) => VpcSecurityGroupIds);
    const databases = propertiesOf('AWS::RDS::DBCluster').map(({ VpcSecurityGroupIds }) => VpcSecurityGroupIds);
    const balancers = propertiesOf(LOAD_BALANCER).map(({ SecurityGroups }) => SecurityGroups);
    // A load balancer that is imported, or that is in another stack.
    const isForeign = typeof from === 'string' || 'Fn::ImportValue' in Object(from);
    return shares(from, tasks)
      || (shares(from, proxies) && shares(to, databases))
      || ((isForeign || shares(from, balancers)) && shares(to, tasks));
  }
}
