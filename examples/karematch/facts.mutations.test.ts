import { Template } from 'aws-cdk-lib/assertions';
import { FACTS } from './facts';
import { DELIVERY } from './mutations/delivery';
import { INFRASTRUCTURE } from './mutations/infrastructure';
import { karematch } from './proof/synthesis';
import { System } from './proof/system';

// A proof that holds whatever the template says proves nothing. So each change here has to break the row that is about it.
const system = karematch();
const texts = Object.fromEntries(Object.entries(system).map(([name, template]) => [name, JSON.stringify(template.toJSON())]));
// Whether the template has a circle was asked when it was synthesised, and takes a third of the time.
const read = (text: string) => Template.fromString(text, { skipCyclicalDependenciesCheck: true });

test('an unchanged copy breaks no row', () => {
  const copy = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, read(text)]));
  for (const { shown } of FACTS) shown?.(copy as unknown as System);
});

const MUTATIONS = [...INFRASTRUCTURE, ...DELIVERY].map((mutation) => [`${mutation.words}: ${mutation.what} (${mutation.of})`, mutation] as const);

test.each(MUTATIONS)('%s', (_name, { rows, words, change, of }) => {
  const [row, ...more] = rows.filter((fact) => fact.words === words);
  expect(more).toEqual([]);
  const template = JSON.parse(texts[of]);
  change(template);
  expect(JSON.stringify(template) === texts[of]).toBe(false);
  expect(() => row.shown!({ ...system, [of]: read(JSON.stringify(template)) })).toThrow();
});
