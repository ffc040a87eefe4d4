import * as childProcess from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { Json } from './example';
import { TemplateJson } from '../../../scripts/costs/costs';
import { documentsOf, SYSTEMS } from '../../../scripts/costs/systems';
import { ROOT } from '../../../scripts/examples/example';

/** The headings of each README.md, which fits on one page. */
const README_HEADINGS = ['Architecture', 'Cost', 'Before you start', 'Deploy', 'Try it', 'Destroy'];
const MAX_README_LINES = 80;
/** The headings of each OPERATIONS.md. */
const OPERATIONS_HEADINGS = [
  'Programs',
  'Account',
  'Cut-over',
  'Alarms',
  'Logs',
  'Database access',
  'Rotation',
  'Updates',
  'Scaling',
  'Findings',
  'Restore',
  'Deletion',
  'Cost in detail',
  'Limits',
];
const MAX_LINE = 120;
/** The first deployment of a stack. A rollback would fail because of the deletion protection of the stack. */
const FIRST_DEPLOYMENT = 'npx cdk deploy "$STACK" --no-rollback';

/** README.md and OPERATIONS.md of an example. */
export class Documents {
  public readonly readme: string;
  public readonly operations: string;
  /** Both documents. */
  public readonly text: string;
  private readonly folder: string;

  constructor(private readonly name: string) {
    this.folder = path.join(ROOT, 'examples', name);
    this.readme = this.read('README.md');
    this.operations = this.read('OPERATIONS.md');
    this.text = `${this.readme}\n${this.operations}`;
  }

  /** A file of the example. */
  public read(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), 'utf8');
  }

  /** The groups of each match of a pattern, in both documents. */
  public captures(pattern: RegExp): string[][] {
    return [...this.text.matchAll(pattern)].map(([, ...captured]) => captured);
  }

  /** Expects that the documents contain these words. Line breaks count as spaces. */
  public expectWords(...words: string[]): void {
    const text = this.text.replace(/\s+/g, ' ');
    expect(words.filter((each) => !text.includes(each))).toEqual([]);
  }

  /** Tests the format of the documents and their cost tables. */
  public test(templates: Record<string, Json>): void {
    this.testForm();
    test('the cost tables match prices.json and the templates (otherwise run scripts/costs/write.ts)', () => {
      const costs = SYSTEMS.find(({ name }) => name === this.name)!;
      for (const { text, printed } of documentsOf(costs, templates as Record<string, TemplateJson>)) {
        expect(text).toBe(printed);
      }
    });
  }

  private testForm(): void {
    const headings = (document: string) =>
      [...document.replace(/```[^]*?```/g, '').matchAll(/^## (.+)$/gm)].map(([, words]) => words);

    test('README.md fits on one page and has the standard headings', () => {
      expect(this.readme.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES);
      expect(headings(this.readme)).toEqual(README_HEADINGS);
    });

    test('OPERATIONS.md has the standard headings', () => {
      expect(headings(this.operations)).toEqual(OPERATIONS_HEADINGS);
    });

    test('a line of prose has at most 120 characters and a table cell at most 100', () => {
      const lines = this.text.replace(/```[^]*?```|<!-- costs -->[^]*?<!-- \/costs -->/g, '').split('\n');
      expect(lines.filter((line) => !line.startsWith('|') && line.length > MAX_LINE)).toEqual([]);
      const cells = lines
        .filter((line) => line.startsWith('|'))
        .flatMap((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
      // The length of a link includes its text, not its address.
      expect(cells.filter((cell) => cell.replace(/\]\([^)]+\)/g, ']').length > 100)).toEqual([]);
    });

    test('the first deployment is the same command in every example', () => {
      const [first] = this.readme.match(/^.*npx cdk deploy.*$/m)!;
      expect(first.trim()).toBe(FIRST_DEPLOYMENT);
    });

    test('a shell can parse the commands', () => {
      const commands = [...this.text.matchAll(/```sh\n([^]*?)```/g)].map(([, command]) => command);
      expect(commands.length).toBeGreaterThan(10);
      for (const command of commands) childProcess.execFileSync('bash', ['-n'], { input: command });
    });

    test('the links have existing files and headings as targets', () => {
      for (const document of ['README.md', 'OPERATIONS.md']) {
        const links = [...this.read(document).matchAll(/\]\(((?!https?:)[^)#]*)(?:#([^)]+))?\)/g)];
        expect(links.length).toBeGreaterThan(2);
        for (const [, file, heading] of links) {
          const target = this.read(file || document);
          const headings_ = [...target.matchAll(/^#+ (.+)$/gm)].map(([, words]) => anchor(words));
          if (heading) {
            expect({ document, file, headings: headings_ }).toMatchObject({
              headings: expect.arrayContaining([heading]),
            });
          }
        }
      }
    });
  }
}

/** The number of resources of a type. */
export const amount = (template: Template, type: string) => Object.keys(template.findResources(type)).length;

/** The number of resources of a type that the deletion of the stack retains. */
export function kept(template: Template, type: string): number {
  return Object.values(template.findResources(type)).filter(({ DeletionPolicy }) =>
    /^Retain/.test(DeletionPolicy ?? ''),
  ).length;
}

const anchor = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-');
