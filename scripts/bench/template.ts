/** The parts of a template that the benchmark reads. */
export interface TemplateBody {
  readonly Resources: Record<string, TemplateResource>;
}

/** One resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The number of resources in a template. */
export function resourceCount(template: TemplateBody): number {
  return Object.keys(template.Resources).length;
}

/**
 * The differences between two templates: the number of resources of each type, and the properties that they set. Does
 * not compare the values of properties. Of the alarms, the first template can have more.
 */
export function differences(one: TemplateBody, other: TemplateBody): string[] {
  const types = compared(tally(one, typeOf), tally(other, typeOf));
  return types.length > 0 ? types : compared(tally(one, shapeOf), tally(other, shapeOf));
}

/** The library creates its alarms from data. A new one there needs no second one in the stack without the library. */
const isAlarm = (name: string) => name.startsWith('AWS::CloudWatch::Alarm');

const typeOf = (resource: TemplateResource) => resource.Type;
const shapeOf = (resource: TemplateResource) =>
  `${resource.Type} that sets ${Object.keys(resource.Properties ?? {})
    .sort()
    .join(', ')}, removal ${resource.DeletionPolicy}`;

function tally(template: TemplateBody, label: (resource: TemplateResource) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of Object.values(template.Resources).map(label)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function compared(one: Map<string, number>, other: Map<string, number>): string[] {
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return names
    .filter((name) => isAlarm(name) ? (one.get(name) ?? 0) < (other.get(name) ?? 0) : one.get(name) !== other.get(name))
    .map((name) => `${one.get(name) ?? 0} and ${other.get(name) ?? 0} of ${name}`);
}
