import * as fs from 'fs';
import * as path from 'path';
import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { IMonitored } from '../src';
import { newApp } from './support/app';
import { PHRASES } from './support/phrases';
import {
  longFirstSentences, longMarkdownLines, longTypescriptLines, markdownPassages, Passage, typescriptPassages,
} from './support/prose';
import { SUBJECTS, things } from './support/shapes';

const ROOT = path.join(__dirname, '..');
/** Files with text from other sources: generated from AWS texts, or the phrases themselves. */
const QUOTES = ['src/guardrails/config/hipaa-rules.ts', 'test/support/phrases.ts', 'test/voice.test.ts'];

function filesBelow(directory: string, extensions: string[]): string[] {
  return fs.readdirSync(path.join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(directory, file.split(path.sep).join('/')))
    .filter((file) => extensions.includes(path.extname(file)))
    .filter((file) => !/node_modules|cdk\.out|\/dist\//.test(file) && !QUOTES.includes(file));
}

const FILES = [
  'README.md', 'CONTRIBUTING.md', 'SECURITY.md', '.projenrc.ts',
  ...filesBelow('docs', ['.md']),
  ...filesBelow('examples', ['.md', '.ts', '.tsx', '.js', '.jsx']),
  ...['projenrc', 'scripts', 'src', 'test'].flatMap((directory) => filesBelow(directory, ['.ts', '.js'])),
].sort();

/** The library. Its docstrings are the reference documentation in all languages. */
const SOURCES = FILES.filter((file) => file.startsWith('src/'));

/** The phrases in a passage that must not be there, each with its line and the remedy. */
function phrasesIn({ line, text }: Passage): Array<{ line: number; problem: string }> {
  return PHRASES.flatMap(({ phrase, remedy }) => [...text.matchAll(phrase)].map((match) => ({
    line: line + text.slice(0, match.index).split('\n').length - 1,
    problem: `"${match[0].replace(/\s+/g, ' ').trim()}" → ${remedy}`,
  })));
}

describe.each(FILES)('%s', (file) => {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const isMarkdown = file.endsWith('.md');
  const report = (problems: Array<{ line: number; problem: string }>) => problems
    .sort((one, other) => one.line - other.line)
    .map(({ line, problem }) => `${file}:${line} ${problem}`);

  test('is in plain English', () => {
    const passages = isMarkdown ? markdownPassages(text) : typescriptPassages(text);
    expect(report(passages.flatMap(phrasesIn))).toEqual([]);
  });

  test('has no long line of prose', () => {
    expect(report(isMarkdown ? longMarkdownLines(text) : longTypescriptLines(text))).toEqual([]);
  });
});

test.each(SOURCES)('each docstring of %s starts with a sentence of at most 100 characters', (file) => {
  const problems = longFirstSentences(fs.readFileSync(path.join(ROOT, file), 'utf8'));
  expect(problems.map(({ line, problem }) => `${file}:${line} ${problem}`)).toEqual([]);
});

describe('the alarms of every construct', () => {
  test.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    const stack = new Stack(newApp(), 'Stack');
    subject.make(stack, 'Subject', things(stack));
    const monitored = stack.node.findAll().filter((construct): construct is IMonitored => isMonitored(construct));
    const found = monitored.flatMap((construct) => construct.monitoringPlan().alarms).flatMap(({ id, description }) =>
      phrasesIn({ line: 1, text: withoutTokens(description) }).map(({ problem }) => `${id}: ${problem}`));
    expect(found).toEqual([]);
  });
});

const isMonitored = (construct: IConstruct) => typeof (construct as IMonitored).monitoringPlan === 'function';
const withoutTokens = (text: string) => Token.isUnresolved(text) ? text.replace(/\$\{Token\[[^\]]*\]\}/g, 'X') : text;

describe('each phrase', () => {
  test.each(PHRASES.map((phrase) => [phrase.found, phrase] as const))('is found in "%s"', (found, { phrase }) => {
    expect([...found.matchAll(phrase)]).not.toEqual([]);
  });

  const allowedTexts = PHRASES.flatMap(({ allowed, phrase }) => allowed ? [[allowed, phrase] as const] : []);
  test.each(allowedTexts)('is not found in "%s"', (allowed, phrase) => {
    expect([...allowed.matchAll(phrase)]).toEqual([]);
  });
});

describe('prose', () => {
  const FIRST = 'a key is generated';

  test('of Markdown: paragraphs of one or more lines, and cells, with their line numbers', () => {
    const text = `# Title\n\n${FIRST}\nanew. \`anew\`\n\n\`\`\`ts\n// anew\n\`\`\`\n\n| a | anew |\n- item anew\n`;
    expect(markdownPassages(text).flatMap(phrasesIn).map(({ line }) => line)).toEqual([4, 10, 11]);
  });

  test('of TypeScript: comments and strings, but no code', () => {
    const text = [
      "import { anew } from './anew other';",
      '/**', ` * ${FIRST}`, ' * anew.', ' */', 'const anew = 1;', '// generated anew',
      "const text = 'it is generated ' + 'anew';", 'const other = `it is ${anew} anew`;', "const id = 'anew';",
    ].join('\n');
    expect(typescriptPassages(text).flatMap(phrasesIn).map(({ line }) => line).sort()).toEqual([4, 7, 8, 9]);
  });

  test('with long lines, except for URLs', () => {
    const [long, url] = ['word '.repeat(25), `https://example.com/${'x'.repeat(120)}`];
    expect(longMarkdownLines(`${long}\n\n${url}\n\n\`\`\`\n${long}\n\`\`\``))
      .toEqual([{ line: 1, problem: '125 characters' }]);
    expect(longMarkdownLines(`| short | ${long.slice(0, 101)} |\n| ${long.slice(0, 100)} | ${long.slice(0, 100)} |`))
      .toEqual([{ line: 1, problem: 'a table cell of 101 characters' }]);
    expect(longTypescriptLines(`// ${long}\nconst a = '${long}';\nconst b = [${'1, '.repeat(50)}];\n// ${url}`))
      .toEqual([{ line: 1, problem: '128 characters' }, { line: 2, problem: '138 characters' }]);
  });

  test('of docstrings: the first sentence, which ends at a full stop, a colon, a paragraph or a tag', () => {
    const [long, longest] = [`${'word '.repeat(20)}end`, `${'word '.repeat(19)}end.`];
    const ends = ['. Next', ': one', '\n *\n * Next', '\n * @default - none'];
    const found = (docstring: string) => longFirstSentences(`const a = 1;\n${docstring}\nconst b = 2;`);
    for (const end of ends) {
      expect(found(`/**\n * ${longest.slice(0, -1)}${end}\n */`)).toEqual([]);
      const length = /^[.:]/.test(end) ? 104 : 103;
      expect(found(`/**\n * ${long}${end}\n */`))
        .toEqual([{ line: 2, problem: `a first sentence of ${length} characters` }]);
    }
    expect(found(`/** ${longest.slice(0, -1)}d. */`)).toEqual([]);
    expect(found(`/** ${longest.slice(0, -1)}ed. */`))
      .toEqual([{ line: 2, problem: 'a first sentence of 101 characters' }]);
  });

  test('of docstrings: @internal, tags, other comments, and inline code with a full stop', () => {
    const [long, half] = ['word '.repeat(25).trim(), 'word '.repeat(10)];
    const text = [
      `/** @internal ${'word '.repeat(20).trim()} */`, 'const a = 1;',
      `/** @default ${long} */`, `/** @internal\n * @param a ${long}\n */`, `// ${long}`, `/* ${long} */`,
      'const b = 2;',
      `/** @internal ${long} */`, `/** ${half}\n * ${half}\n * end */`, `/** ${half}\`one. two: three\` ${half} */`,
      'const c = 3;',
    ].join('\n');
    expect(longFirstSentences(text)).toEqual([
      { line: 10, problem: 'a first sentence of 124 characters' },
      { line: 11, problem: 'a first sentence of 103 characters' },
      { line: 14, problem: 'a first sentence of 117 characters' },
    ]);
  });
});
