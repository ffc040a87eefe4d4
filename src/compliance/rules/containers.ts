import { Rule, Violation } from '../rule';
import { at, list, nameOf, TemplateResource } from '../template';
import { isTrue } from '../values';

const TASKS = 'AWS::ECS::TaskDefinition';
const JOBS = 'AWS::Batch::JobDefinition';
const CONTAINER_TYPES = [TASKS, JOBS];
/** The capabilities with which a process can leave its container, or read the memory of others. */
const ROOT_CAPABILITIES = ['ALL', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO', 'NET_ADMIN', 'DAC_READ_SEARCH'];
/** Root as a name or as a number, alone or with a group, and the administrator of Windows containers. */
const ROOT = /^(root|0+|ContainerAdministrator)(:|$)/i;

/** A container with its path. */
interface Container {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
}

/** The containers of a task definition of ECS or of a job definition of Batch. */
function containersOf({ type, properties }: TemplateResource): Container[] {
  if (type === TASKS) return named('ContainerDefinitions', at(properties, 'ContainerDefinitions'));
  const alone = (path: string, value: unknown): Container[] =>
    value === undefined ? [] : [{ path, name: 'job', value }];
  const ofTasks = (path: string, ecs: unknown): Container[] => list(at(ecs, 'TaskProperties'))
    .flatMap((task, index) => named(`${path}.TaskProperties.${index}.Containers`, at(task, 'Containers')));
  return [
    ...alone('ContainerProperties', at(properties, 'ContainerProperties')),
    ...ofTasks('EcsProperties', at(properties, 'EcsProperties')),
    ...ofPod('EksProperties', at(properties, 'EksProperties')),
    ...list(at(properties, 'NodeProperties', 'NodeRangeProperties')).flatMap((range, index) => {
      const path = `NodeProperties.NodeRangeProperties.${index}`;
      return [
        ...alone(`${path}.Container`, at(range, 'Container')),
        ...ofTasks(`${path}.EcsProperties`, at(range, 'EcsProperties')),
        ...ofPod(`${path}.EksProperties`, at(range, 'EksProperties')),
      ];
    }),
  ];
}

/** The containers of a pod, with the properties that the rules read in the form of ECS. */
function ofPod(path: string, eks: unknown): Container[] {
  return ['InitContainers', 'Containers'].flatMap((kind) =>
    named(`${path}.PodProperties.${kind}`, at(eks, 'PodProperties', kind)).map((container) => {
      const context = at(container.value, 'SecurityContext');
      const user = at(context, 'RunAsUser');
      return {
        ...container,
        value: {
          User: user === undefined && isTrue(at(context, 'RunAsNonRoot')) ? 'not root' : user,
          Privileged: at(context, 'Privileged'),
          ReadonlyRootFilesystem: at(context, 'ReadOnlyRootFilesystem'),
        },
      };
    }));
}

function named(path: string, containers: unknown): Container[] {
  return list(containers).map((value, index) =>
    ({ path: `${path}.${index}`, name: nameOf(at(value, 'Name'), index), value }));
}

/** Returns the containers of a resource that match a predicate. Each is a finding of its own. */
function containersWhere(
  resource: TemplateResource, property: string, matches: (container: unknown) => boolean,
): Violation[] {
  return containersOf(resource).filter(({ value }) => matches(value))
    .map(({ path, name }) => ({ location: `${path}.${property}`, part: name }));
}

/**
 * The pods of a job that share the network of their host, as they do by default. Such a pod can read the credentials
 * of its host.
 * https://docs.aws.amazon.com/batch/latest/APIReference/API_EksPodProperties.html
 */
function podsOnHostNetwork({ properties }: TemplateResource): string[] {
  const pods: Array<[string, unknown]> = [
    ['EksProperties', at(properties, 'EksProperties')],
    ...list(at(properties, 'NodeProperties', 'NodeRangeProperties')).map((range, index): [string, unknown] =>
      [`NodeProperties.NodeRangeProperties.${index}.EksProperties`, at(range, 'EksProperties')]),
  ];
  return pods.filter(([, eks]) => eks !== undefined
    && String(at(eks, 'PodProperties', 'HostNetwork')).toLowerCase() !== 'false')
    .map(([path]) => `${path}.PodProperties.HostNetwork`);
}

/** Whether a container has the permissions of root on its host. */
function isPrivileged(container: unknown): boolean {
  const added = list(at(container, 'LinuxParameters', 'Capabilities', 'Add')).map(String);
  return isTrue(at(container, 'Privileged')) || added.some((each) => ROOT_CAPABILITIES.includes(each.toUpperCase()));
}

/** The rules about containers and their images. */
export const containerRules: Rule[] = [
  {
    id: 'ContainerRunsAsRoot',
    types: CONTAINER_TYPES,
    problem: 'A container runs as root, so an attacker who controls the application controls the whole container',
    fix: 'Set User to a user other than root.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) =>
      containersWhere(resource, 'User', (container) => {
        const user = at(container, 'User');
        return user === undefined || user === '' || ROOT.test(String(user));
      }),
  },
  {
    id: 'ContainerIsPrivileged',
    types: CONTAINER_TYPES,
    problem: 'A container has root permissions on its host, or shares its network',
    fix: 'Remove Privileged, PidMode and capabilities such as SYS_ADMIN, and set HostNetwork of a pod to false. If the '
      + 'application needs individual Linux capabilities, add only those.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => [
      ...containersWhere(resource, 'Privileged', isPrivileged),
      ...['PidMode', 'IpcMode'].filter((name) => at(resource.properties, name) === 'host'),
      ...resource.type === JOBS ? podsOnHostNetwork(resource) : [],
    ],
  },
  {
    id: 'ContainerRootIsWritable',
    types: CONTAINER_TYPES,
    problem: 'The root file system of a container is writable, so an attacker can change its program',
    fix: 'Set ReadonlyRootFilesystem to true, and mount a volume for the paths that the application writes.',
    source: '45 CFR 164.312(c)(1), integrity',
    violations: (resource) =>
      containersWhere(
        resource, 'ReadonlyRootFilesystem', (container) => !isTrue(at(container, 'ReadonlyRootFilesystem')),
      ),
  },
  {
    id: 'ContainerWithoutLog',
    types: [TASKS],
    problem: 'The output of a container is not stored',
    fix: 'Set LogConfiguration.',
    source: '45 CFR 164.312(b), audit controls',
    violations: (resource) =>
      containersWhere(
        resource,
        'LogConfiguration',
        (container) => {
          const configuration = at(container, 'LogConfiguration');
          return configuration === undefined || at(configuration, 'LogDriver') === 'none';
        },
      ),
  },
  {
    id: 'RepositoryWithoutScan',
    types: ['AWS::ECR::Repository'],
    problem: 'ECR does not scan images for vulnerabilities when they are pushed',
    fix: 'Set ImageScanningConfiguration.ScanOnPush to true.',
    source: '45 CFR 164.308(a)(5)(ii)(B), protection from malicious software',
    violations: ({ properties }) =>
      isTrue(at(properties, 'ImageScanningConfiguration', 'ScanOnPush')) ? [] : ['ImageScanningConfiguration'],
  },
];
