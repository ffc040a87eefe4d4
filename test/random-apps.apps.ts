import { RandomApp, Variant } from './random-apps/app';
import { brokenParts, differences, replacements, synthesize, unlimitedRoles } from './random-apps/checks';
import { differences as unknownNames, publicNames } from './random-apps/generator';
import { RECIPES } from './random-apps/recipes';
import { PROP_TYPES } from '../src/core/prop-types';

/** `RANDOM_APPS=800 RANDOM_SEED=1 npx projen test:apps random-apps.apps` tests more apps, from a seed on. */
const COUNT = Number(process.env.RANDOM_APPS ?? 8);
const FIRST = Number(process.env.RANDOM_SEED ?? 1);
const SEEDS = Array.from({ length: COUNT }, (_, index) => FIRST + index);

/** Classes that are no choices: the app passes itself. */
const NO_CHOICES = ['ComplianceChecks', 'DataProtection', 'ImportedKeyPolicy'];
/** The structs and the choice classes of the jsii assembly. */
const STRUCTS = Object.keys(PROP_TYPES.structs).filter((name) => !name.includes('.'));
const CHOICES = Object.keys(PROP_TYPES.choices).filter((name) => !NO_CHOICES.includes(name));
/** The most apps that are built, but not synthesized, until every prop and factory is used. */
const MOST_BUILT = 60;
/** The public props that no app sets, and why. */
const NOT_GENERATED: Record<string, string> = {
  'ServiceBindingContext.service': 'a service passes it to bindToService',
  'ServiceBindingContext.certificateBundlePath': 'a service passes it to bindToService',
};
/** Correct refusals of valid props in a combination that cannot work. */
const REFUSALS: RegExp[] = [];

const used = new Set<string>();
const counts = { apps: 0, stacks: 0, resources: 0, refused: 0 };

/** The faults of the app of a seed. */
function faultsOf(seed: number): string[] {
  const build = (variant: Variant = {}) => new RandomApp(seed, variant);
  try {
    const random = build();
    const base = synthesize(random.app, true);
    random.generator.used.forEach((name) => used.add(name));
    counts.apps += 1;
    counts.stacks += Object.keys(base.templates).length;
    counts.resources += Object.values(base.templates).flatMap(({ Resources }) => Object.keys(Resources)).length;
    return [
      ...base.findings,
      ...brokenParts(base.templates),
      ...random.shape.boundary ? unlimitedRoles(base.templates) : [],
      ...differences(base.templates, synthesize(build().app).templates, 'again').slice(0, 3),
      ...differences(base.templates, synthesize(build({ reversed: true }).app).templates, 'reversed').slice(0, 3),
      ...replacements(base.templates, synthesize(build({ extra: true }).app).templates),
    ];
  } catch (error) {
    const { message, stack } = error as Error;
    if (REFUSALS.some((refusal) => refusal.test(message))) {
      counts.refused += 1;
      return [];
    }
    return [process.env.RANDOM_STACK ? stack! : message];
  }
}

afterAll(() => {
  if (!process.env.RANDOM_APPS) return;
  const names = Object.values(PROP_TYPES.structs).length;
  // eslint-disable-next-line no-console
  console.log(`Seeds ${FIRST} to ${FIRST + COUNT - 1}: ${JSON.stringify(counts)}, ${used.size} props and factories of `
    + `${names} structs used`);
});

test('the generator knows every public prop and every factory', () => {
  expect(unknownNames(RECIPES, STRUCTS, CHOICES)).toEqual([]);
});

test('the random apps use every public prop and every factory, except for those with a reason', () => {
  const wanted = new Set(publicNames(STRUCTS, CHOICES).filter((name) => NOT_GENERATED[name] === undefined));
  for (let seed = 1; seed <= MOST_BUILT && wanted.size > 0; seed++) {
    new RandomApp(seed, { wanted }).generator.used.forEach((name) => wanted.delete(name));
  }
  expect([...wanted]).toEqual([]);
  Object.keys(NOT_GENERATED).forEach((name) => expect(publicNames(STRUCTS, CHOICES)).toContain(name));
});

test.each(SEEDS)('the random app of RANDOM_SEED=%d RANDOM_APPS=1 has no fault', (seed) => {
  expect(faultsOf(seed)).toEqual([]);
});
