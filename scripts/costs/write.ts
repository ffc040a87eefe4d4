/**
 * Writes the cost tables into README.md and OPERATIONS.md of the documented systems, and into the page of the
 * guardrails, between `<!-- costs -->` and `<!-- /costs -->`. Prices are in prices.json. Quantities are counted in
 * newly synthesized templates where possible.
 *
 *   npx tsx --tsconfig tsconfig.dev.json scripts/costs/write.ts [system…]
 */
import * as fs from 'fs';
import * as path from 'path';
import { TemplateJson } from './costs';
import { guardrailsDocument } from './guardrails';
import { CostDocument, documentsOf, SYSTEMS } from './systems';
import { synthesizeExample } from '../examples/example';

const chosen = process.argv.slice(2);
for (const costs of SYSTEMS.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  const { ok, output, directory } = synthesizeExample(costs.name);
  if (!ok) throw new Error(output);
  const files = fs.readdirSync(directory).filter((file) => file.endsWith('.template.json'));
  const templates: Record<string, TemplateJson> = Object.fromEntries(files.map((file) =>
    [file.replace('.template.json', ''), JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'))]));
  documentsOf(costs, templates).forEach(write);
}
if (chosen.length === 0) write(guardrailsDocument());

function write({ file, text, printed }: CostDocument): void {
  if (printed === text) return;
  fs.writeFileSync(file, printed);
  console.log(`Wrote the costs into ${path.relative(process.cwd(), file)}`);
}
