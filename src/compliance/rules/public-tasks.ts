import { Rule } from '../rule';
import { at, TemplateResource } from '../template';
import { UNKNOWN } from '../values';

/** The types that start tasks or jobs. Each has the property somewhere below its properties. */
export const TASK_TYPES = [
  'AWS::ECS::Service', 'AWS::ECS::TaskSet', 'AWS::Events::Rule', 'AWS::Scheduler::Schedule', 'AWS::Pipes::Pipe',
  'AWS::Batch::JobDefinition',
];
const PROPERTY = 'AssignPublicIp';

/** The values of the property below a value, with their locations. */
function assignments(value: unknown, location: string): { location: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner = { location: location === '' ? key : `${location}.${key}`, value: at(value, key) };
    return key === PROPERTY ? [inner] : assignments(inner.value, inner.location);
  });
}

/** Whether only the deployment knows if the tasks of a resource get a public IP address. */
export function hasUnknownTaskAddress({ type, properties }: TemplateResource): boolean {
  return TASK_TYPES.includes(type) && assignments(properties, '')
    .some(({ value }) => typeof value === 'object' || String(value).includes(UNKNOWN));
}

/** The rule about the addresses of tasks and jobs. */
export const publicTaskRules: Rule[] = [
  {
    id: 'TaskHasPublicAddress',
    types: TASK_TYPES,
    problem: 'A task of ECS or a job of Batch gets a public IP address',
    fix: 'Set AssignPublicIp to DISABLED, and use private subnets with a NAT gateway or VPC endpoints.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: ({ properties }) => assignments(properties, '')
      .filter(({ value }) => String(value).toUpperCase() === 'ENABLED').map(({ location }) => location),
  },
];
