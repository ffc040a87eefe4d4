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
  const variants = (costs.variants ?? []).map((variant) => templatesOf(`${costs.name}-${variant}`, `${variant}/`));
  documentsOf(costs, Object.assign(templatesOf(costs.name), ...variants)).forEach(write);
}
if (chosen.length === 0) write(guardrailsDocument());

/** The templates of an example or a variant, by the name of the stack after a prefix. */
function templatesOf(example: string, prefix = ''): Record<string, TemplateJson> {
  const { ok, output, directory } = synthesizeExample(example);
  if (!ok) throw new Error(output);
  const files = fs.readdirSync(directory).filter((file) => file.endsWith('.template.json'));
  return Object.fromEntries(files.map((file) => [
    prefix + file.replace('.template.json', ''), JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8')),
  ]));
}

function write({ file, text, printed }: CostDocument): void {
  if (printed === text) return;
  fs.writeFileSync(file, printed);
  console.log(`Wrote the costs into ${path.relative(process.cwd(), file)}`);
}
