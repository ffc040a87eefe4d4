import { Course } from './lives';
import { RefusalReport } from './refusals';

/**
 * Prints what the SDK read, and every deployed type that neither a schema nor a rule checks, with the reason. Returns
 * the types without a reason as problems.
 * @param refusals the apps that were deployed without the CLI
 */
export function printTypes(courses: Course[], refusals: RefusalReport[]): string[] {
  const read: Record<string, number> = {};
  for (const course of courses) {
    for (const [type, count] of Object.entries(course.read)) read[type] = (read[type] ?? 0) + count;
  }
  console.log('\nRead back through the SDK:');
  for (const [type, count] of Object.entries(read)) console.log(`  ${type}: ${count}`);

  const deployed = [...refusals.flatMap(({ checked }) => checked), ...courses.flatMap((course) => course.types)];
  const types = new Map(deployed.map((each) => [each.type, each]));
  const sorted = [...types.values()].sort((one, other) => one.type.localeCompare(other.type));
  const withRules = sorted.filter(({ rules }) => rules).length;
  const notes = [...refusals, ...courses].flatMap((each) => each.notes);
  const notRun = new Map(notes.map((note) => [note.type, note.notRun] as const).filter(([, reason]) => reason));
  const withSchema = sorted.filter(({ schema }) => schema).length;
  console.log(
    `\n${sorted.length} types were deployed. A schema checks ${withSchema}, and rules of services ${withRules}.`,
  );
  console.log('\nThe types that no schema checks:');
  const unchecked = sorted.filter(({ schema }) => !schema);
  const reasons = unchecked.map(({ type }) => {
    const custom = type.startsWith('Custom::') ? 'its function runs, and checks the properties itself' : undefined;
    return { type, reason: notRun.get(type) ?? custom };
  });
  if (reasons.length === 0) console.log('  none');
  for (const { type, reason } of reasons) console.log(`  ${type}: ${reason ?? 'no reason is known'}`);
  console.log('\nThe types whose properties the endpoint only stores, because the emulator does not have them:');
  console.log(`  ${sorted.filter(({ generic }) => generic).map(({ type }) => type).join(', ') || 'none'}`);
  const unsupported = notes.filter(({ event }) => event === 'unsupported');
  const lacking = new Map(unsupported.map(({ type, reason }) => [type, reason]));
  console.log('\nThe types of which the emulator lacks properties. The endpoint only stores these resources:');
  for (const [type, reason] of lacking) console.log(`  ${type}: ${reason}`);
  if (lacking.size === 0) console.log('  none');
  return reasons.filter(({ reason }) => !reason).map(({ type }) => `nothing checks ${type}, and no reason is known`);
}
