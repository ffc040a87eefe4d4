import * as fs from 'fs';
import * as path from 'path';

/** A kind of page in docs/. */
export interface Kind {
  readonly name: string;
  /** Whether the page at a path below docs/ is of this kind. */
  readonly has: (page: string) => boolean;
  /** The second-level headings, in order. */
  readonly headings: string[];
}

/** A heading that a page leaves out. */
export interface Omission {
  readonly page: string;
  readonly heading: string;
  readonly reason: string;
}

/** The pages about a subject that is not one construct. */
const TOPICS = [
  'before-you-rely-on-it.md', 'config-rules.md', 'cut-over.md', 'database-users.md', 'deployment-testing.md',
  'first-deployment.md', 'imported-keys.md', 'imported-vpcs.md', 'languages.md', 'production-and-development.md',
  'recovery-objectives.md', 'service-bindings.md', 'several-stacks.md',
];

/** The file name of the page of a construct, without its extension. */
export const pageName = (construct: string) => construct.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** The kinds of pages in docs/. `docs/README.md` describes the same kinds. */
export function kindsOf(constructs: string[]): Kind[] {
  const names = constructs.map(pageName);
  return [
    { name: 'Index', has: (page) => page === 'README.md', headings: ['Constructs', 'Topics', 'Headings'] },
    {
      name: 'Construct',
      has: (page) => names.some((name) => page === `${name}.md`),
      headings: [
        'What it creates', 'Defaults', 'Recipes', 'Relaxations', 'Monitoring', 'Cost', 'Operations', 'Limits',
      ],
    },
    {
      name: 'Operations',
      has: (page) => names.some((name) => page === `${name}-operations.md`),
      headings: ['Setup', 'Routine tasks', 'Changes', 'Failures', 'Restore', 'Deletion'],
    },
    {
      name: 'Topic',
      has: (page) => TOPICS.includes(page),
      headings: ['Settings', 'Procedures', 'Cost', 'Limits'],
    },
    {
      name: 'Decision',
      has: (page) => /^decisions\/\d{4}-[a-z0-9-]+\.md$/.test(page),
      headings: ['Status', 'Context', 'Decision', 'Consequences'],
    },
    { name: 'Index of decisions', has: (page) => page === 'decisions/README.md', headings: [] },
  ];
}

/** The headings that a page leaves out, because there is nothing to say. */
export const OMISSIONS: Omission[] = [
  {
    page: 'data-protection-operations.md',
    heading: 'Routine tasks',
    reason: 'the setting requires no action between the first deployment and the deletion',
  },
];

/** A second-level section of a page. */
export interface Section {
  readonly heading: string;
  /** The lines below the heading, without code fences and blank lines. */
  readonly lines: string[];
}

/** The second-level sections of a page. */
export function sectionsOf(text: string): Section[] {
  return text.replace(/^```[^]*?^```/gm, '').split(/^## /m).slice(1).map((section) => {
    const [heading, ...lines] = section.split('\n');
    return { heading, lines: lines.filter((line) => line.trim() !== '') };
  });
}

/** The pages below a directory, by their paths in it. */
export function pagesBelow(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file.endsWith('.md'))
    .sort();
}
