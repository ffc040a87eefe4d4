import * as path from 'path';
import { ROOT } from './example';
import { ExampleReport, GATES } from './gates';
import { Fact } from '../../test/support/template/facts';

/** Prints every finding with its path. */
export function printFindings(reports: ExampleReport[]): void {
  for (const report of reports) {
    for (const finding of report.violations) {
      console.log(`\nFOUND ${report.name}: ${finding.id} at ${finding.path}\n      ${finding.description}`);
    }
  }
}

/**
 * Prints every accepted finding for review, grouped by path and reason. For a variant, prints only the differences from
 * its example.
 */
export function printAcknowledged(reports: ExampleReport[]): void {
  const keyOf = ({ id, path: at, reason }: ExampleReport['acknowledged'][number]) => `${id} ${at} ${reason}`;
  for (const report of reports) {
    const example = reports.find(({ name }) => report.name.startsWith(`${name}-`));
    const known = new Set(example?.acknowledged.map(keyOf));
    console.log(`\nAcknowledged in ${report.name}${example ? `, in addition to ${example.name}` : ''}:`);
    const places = new Map<string, Set<string>>();
    for (const { id, path: at, reason } of report.acknowledged.filter((accepted) => !known.has(keyOf(accepted)))) {
      const key = `${at}\n    ${reason}`;
      places.set(key, (places.get(key) ?? new Set()).add(id));
    }
    for (const [place, ids] of places) console.log(`  ${[...ids].join(', ')}\n    at ${place}`);
  }
}

/** Prints the relaxed safeguards of every example. For a variant, prints only the differences from its example. */
export function printRelaxed(reports: ExampleReport[]): void {
  const lineOf = ({ path: at, what, reason }: ExampleReport['relaxed'][number]) => `  ${at}: ${what}\n    ${reason}`;
  for (const report of reports) {
    const known = reports.find(({ name }) => report.name.startsWith(`${name}-`))?.relaxed.map(lineOf) ?? [];
    const lines = report.relaxed.map(lineOf).filter((line) => !known.includes(line));
    if (lines.length > 0) {
      console.log(`\nRelaxed in ${report.name}, each with its reason:\n${lines.join('\n')}`);
    }
  }
}

/** Prints the statements of the documents that no template shows verbatim, with the reason. */
export async function printFacts(names: string[]): Promise<void> {
  for (const name of names) {
    const { FACTS }: { FACTS: Fact[] } = await import(path.join(ROOT, 'test', 'acceptance', name, 'facts'));
    const silent = FACTS.filter((fact) => fact.notInfrastructure !== undefined || fact.replaced !== undefined);
    console.log(
      `\n${name}: ${FACTS.length} statements of its document, ${FACTS.length - silent.length} shown verbatim by the `
        + 'template. The others:',
    );
    for (const fact of silent) {
      const kind = fact.replaced === undefined ? 'not infrastructure' : 'replaced';
      console.log(`  [${kind}] ${fact.section}: "${fact.words}"\n    ${fact.replaced ?? fact.notInfrastructure}`);
    }
  }
}

/** Prints one row for each example. */
export function printTable(reports: ExampleReport[]): void {
  const header = ['example', 'stacks', 'resources', ...GATES, 'acknowledged', 'seconds'];
  const rows = reports.map((report) => [
    report.name,
    report.stacks,
    report.resources,
    ...GATES.map((gate) => report.violations.filter((violation) => violation.gate === gate).length),
    report.acknowledged.length,
    report.seconds.toFixed(1),
  ].map(String));
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  console.log(`\n${line(header)}\n${widths.map((width) => '-'.repeat(width)).join('  ')}`);
  for (const row of rows) console.log(line(row));
}
