import type { RawTemplate } from './template';
import { at, items, UNKNOWN } from './values';

const LOOP = /^Fn::ForEach::/;

/**
 * Replaces the loops of a template by their elements.
 *
 * The language extensions of CloudFormation do the same at deployment. An element of a collection that is known only
 * at deployment is read once.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
 */
export function expandLoops(template: RawTemplate): RawTemplate {
  return JSON.stringify(template).includes('"Fn::ForEach::') ? expanded(template, template) as RawTemplate : template;
}

function expanded(value: unknown, template: RawTemplate): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => expanded(each, template));
  return Object.fromEntries(Object.entries(value).flatMap(([key, each]) => {
    const [identifier, collection, body] = LOOP.test(key) && Array.isArray(each) ? each : [];
    if (typeof identifier !== 'string') return [[key, expanded(each, template)]];
    const elements = items({ path: '', value: collection }, template)
      .map((item) => typeof item.value === 'string' ? item.value : UNKNOWN);
    return elements.flatMap((element) =>
      Object.entries(expanded(replaced(body, identifier, element), template) as object));
  }));
}

/** Replaces the identifier of a loop: in keys, in texts and in references. `&{Name}` leaves out special characters. */
function replaced(value: unknown, identifier: string, element: string): unknown {
  const inText = (text: string) => text
    .split(`\${${identifier}}`).join(element)
    .split(`&{${identifier}}`).join(element.replace(/[^A-Za-z0-9]/g, ''));
  if (typeof value === 'string') return inText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => replaced(each, identifier, element));
  if (at(value, 'Ref') === identifier) return element;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [inText(key), replaced(each, identifier, element)]),
  );
}
