import { Rule } from '../rule';
import { at, list, TemplateResource } from '../template';

/** The property paths of the containers of a task definition for which something holds. */
function containersWhere(resource: TemplateResource, property: string, holds: (container: unknown) => boolean): string[] {
  return list(at(resource.properties, 'ContainerDefinitions'))
    .flatMap((container, index) => holds(container) ? [`ContainerDefinitions.${index}.${property}`] : []);
}

/** What may be said of a container that holds or handles PHI. */
export const containerRules: Rule[] = [
  {
    id: 'ContainerRunsAsRoot',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'A container runs as root, so whoever breaks out of the application owns all that the container has',
    fix: 'Set the container\'s user to one that is not root.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => containersWhere(resource, 'User', (container) => {
      const user = at(container, 'User');
      return user === undefined || /^(root|0)(:|$)/.test(String(user));
    }),
  },
  {
    id: 'ContainerIsPrivileged',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'A privileged container has the rights of its host',
    fix: 'Remove Privileged; add single Linux capabilities if the application needs them.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => containersWhere(resource, 'Privileged', (container) => at(container, 'Privileged') === true),
  },
  {
    id: 'ContainerRootIsWritable',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'The root file system of a container is writable, so its program can be altered while it runs',
    fix: 'Set ReadonlyRootFilesystem to true and mount a volume where the application writes.',
    source: '45 CFR 164.312(c)(1), integrity',
    violations: (resource) => containersWhere(resource, 'ReadonlyRootFilesystem', (container) => at(container, 'ReadonlyRootFilesystem') !== true),
  },
  {
    id: 'ContainerWithoutLog',
    types: ['AWS::ECS::TaskDefinition'],
    problem: 'What a container prints is not kept anywhere',
    fix: 'Give the container a log configuration.',
    source: '45 CFR 164.312(b), audit controls',
    violations: (resource) => containersWhere(resource, 'LogConfiguration', (container) => at(container, 'LogConfiguration') === undefined),
  },
  {
    id: 'RepositoryWithoutScan',
    types: ['AWS::ECR::Repository'],
    problem: 'Images are not scanned for vulnerabilities when they are pushed',
    fix: 'Set ImageScanningConfiguration.ScanOnPush to true.',
    source: '45 CFR 164.308(a)(5)(ii)(B), protection from malicious software',
    violations: (resource) => at(resource.properties, 'ImageScanningConfiguration', 'ScanOnPush') === true ? [] : ['ImageScanningConfiguration'],
  },
];
