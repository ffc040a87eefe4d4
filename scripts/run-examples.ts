/**
 * Synthesizes every example and every variant like the CDK CLI, and checks its cloud assembly.
 *
 * Writes out/examples/<name>/ and out/report.json. Prints a table and the items to review: accepted findings, relaxed
 * safeguards with their reasons, and the statements of the documents that are not infrastructure. Exits with an error
 * on any finding.
 */
import * as fs from 'fs';
import * as path from 'path';
import { documentedNames, OUT, Synthesizer, variantNames } from './examples/example';
import { ExampleReport, GATES, judge } from './examples/gates';
import { printAcknowledged, printFacts, printFindings, printRelaxed, printTable } from './examples/print';

async function main() {
  const chosen = process.argv.slice(2);
  const names = variantNames().filter((name) => chosen.length === 0 || chosen.includes(name));
  if (names.length === 0) {
    throw new Error(`No example is called ${chosen.join(', ')}; there are ${variantNames().join(', ')}`);
  }

  const synthesizer = new Synthesizer();
  const reports: ExampleReport[] = [];
  for (const [index, name] of names.entries()) {
    process.stdout.write(`[${index + 1}/${names.length}] ${name}: synthesizing … `);
    const synthesis = await synthesizer.synthesize(name);
    process.stdout.write(`${synthesis.seconds.toFixed(1)} s, checking … `);
    const report = judge(name, synthesis);
    process.stdout.write(
      `${report.violations.length === 0 && synthesis.ok ? 'clean' : `${report.violations.length} findings`}\n`,
    );
    if (!synthesis.ok) process.stdout.write(`${synthesis.output}\n`);
    reports.push(report);
  }
  synthesizer.stop();

  printFindings(reports);
  printAcknowledged(reports);
  printRelaxed(reports);
  await printFacts(documentedNames().filter((name) => names.includes(name)));
  printTable(reports);
  writeReport(reports);
  process.exitCode = reports.every((report) => report.ok && report.violations.length === 0) ? 0 : 1;
}

function writeReport(reports: ExampleReport[]) {
  const examples = reports.map(({ name, stacks, resources, seconds, violations, acknowledged, relaxed }) => ({
    name,
    stacks,
    resources,
    seconds,
    findings: Object.fromEntries(
      GATES.map((gate) => [gate, violations.filter((violation) => violation.gate === gate).length]),
    ),
    acknowledged: acknowledged.map(({ id, path: at, reason }) => ({ id, path: at, reason })),
    relaxed: relaxed.map(({ id, path: at, reason }) => ({ id, path: at, reason })),
  }));
  const file = path.join(OUT, 'report.json');
  fs.writeFileSync(file, `${JSON.stringify({ examples }, undefined, 2)}\n`);
  console.log(
    `\nTemplates and reports are in ${path.relative(process.cwd(), path.join(OUT, 'examples'))}/, the summary in `
      + `${path.relative(process.cwd(), file)}`,
  );
}

void main();
