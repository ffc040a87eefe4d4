import * as fs from 'fs';
import * as path from 'path';
import { backend } from './backend';
import { carebow } from './carebow';
import { Costs, longTable, shortTable, TemplateJson, withTable } from './costs';
import { karematch } from './karematch';
import { mentalhealthaide } from './mentalhealthaide';
import { omnirapeutic } from './omnirapeutic';
import { ROOT } from '../examples/example';

/** The documented systems. */
export const SYSTEMS: Costs[] = [backend, carebow, karematch, mentalhealthaide, omnirapeutic];

/** A document with a cost table: its text, and its text with the table of these templates. */
export interface CostDocument {
  readonly file: string;
  readonly text: string;
  readonly printed: string;
}

/** The documents of a system. */
export function documentsOf({ name, columns }: Costs, templates: Record<string, TemplateJson>): CostDocument[] {
  const counted = columns(templates);
  const tables = { 'README.md': shortTable(counted), 'OPERATIONS.md': longTable(counted) };
  return Object.entries(tables).map(([document, table]) => {
    const file = path.join(ROOT, 'examples', name, document);
    const text = fs.readFileSync(file, 'utf8');
    return { file, text, printed: withTable(text, table) };
  });
}
