import { alternatives } from '../possible-texts';
import { Rule, Violation } from '../rule';
import { at, list, nameOf, TemplateResource } from '../template';

/** Returns the containers of a task definition that match a predicate. Each is a finding of its own. */
function containersWhere(
  resource: TemplateResource, property: string, matches: (container: unknown) => boolean,
): Violation[] {
  const containers = alternatives(at(resource.properties, 'ContainerDefinitions')).flatMap(list);
  return containers.flatMap((element, index) => alternatives(element).flatMap((container) =>
    container !== undefined && matches(container)
      ? [{ location: `ContainerDefinitions.${index}.${property}`, part: nameOf(at(container, 'Name'), index) }]
      : []));
}

/** The rules about containers and their images. */
export const containerRules: Rule[] = [
  {
    id: 'ContainerRunsAsRoot',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'A container runs as root, so an attacker who controls the application controls the whole container',
    fix: 'Set User to a user other than root.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) =>
      containersWhere(resource, 'User', (container) => {
        return alternatives(at(container, 'User'))
          .some((user) => user === undefined || /^(root|0)(:|$)/.test(String(user)));
      }),
  },
  {
    id: 'ContainerIsPrivileged',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'A privileged container has root permissions on its host',
    fix: 'Remove Privileged. If the application needs individual Linux capabilities, add only those.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) =>
      containersWhere(resource, 'Privileged', (container) =>
        alternatives(at(container, 'Privileged')).some((privileged) => String(privileged) === 'true')),
  },
  {
    id: 'ContainerRootIsWritable',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'The root file system of a container is writable, so an attacker can change its program',
    fix: 'Set ReadonlyRootFilesystem to true, and mount a volume for the paths that the application writes.',
    source: '45 CFR 164.312(c)(1), integrity',
    violations: (resource) =>
      containersWhere(
        resource,
        'ReadonlyRootFilesystem',
        (container) => alternatives(at(container, 'ReadonlyRootFilesystem')).some((value) => String(value) !== 'true'),
      ),
  },
  {
    id: 'ContainerWithoutLog',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'The output of a container is not stored',
    fix: 'Set LogConfiguration.',
    source: '45 CFR 164.312(b), audit controls',
    violations: (resource) =>
      containersWhere(
        resource,
        'LogConfiguration',
        (container) => alternatives(at(container, 'LogConfiguration')).includes(undefined),
      ),
  },
  {
    id: 'RepositoryWithoutScan',
    types: ['AWS::ECR::Repository'],
    problem: 'ECR does not scan images for vulnerabilities when they are pushed',
    fix: 'Set ImageScanningConfiguration.ScanOnPush to true.',
    source: '45 CFR 164.308(a)(5)(ii)(B), protection from malicious software',
    violations: ({ properties }) =>
      at(properties, 'ImageScanningConfiguration', 'ScanOnPush') === true ? [] : ['ImageScanningConfiguration'],
  },
];
