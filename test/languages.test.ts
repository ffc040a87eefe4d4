import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { codeBlocksOf, PAGES, snippetsOf } from '../scripts/snippets/extract';

const ROOT = path.join(__dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

describe('the snippets of docs/languages.md', () => {
  /** The programs that .ci/languages compiles and runs. */
  const PROGRAMS = { python: 'python/test_interfaces.py', java: 'java/Interfaces.java', go: 'go/interfaces_test.go' };
  /** The lines of a text without their indentation. */
  const linesOf = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean).join('\n');

  test.each(Object.entries(PROGRAMS))('in %s are part of %s, which CI runs', (language, file) => {
    const program = linesOf(read(`test/languages/${file}`));
    const snippets = [...read('docs/languages.md').matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))]
      .map(([, text]) => linesOf(text));
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippets.filter((snippet) => !program.includes(snippet))).toEqual([]);
  });
});

test('docs/languages.md names the packages that the release publishes', () => {
  const { name, jsii: { targets: { python, java, dotnet, go } } } = JSON.parse(read('package.json'));
  const rows = [
    ['TypeScript', `npm \`${name}\``],
    ['Python', `PyPI \`${python.distName}\``],
    ['Java', `Maven \`${java.maven.groupId}:${java.maven.artifactId}\``],
    ['C#', `NuGet \`${dotnet.packageId}\``],
    ['Go', `\`${go.moduleName}/${go.packageName}\``],
  ];
  const page = read('docs/languages.md');
  expect(rows.map((row) => `| ${row.join(' | ')} |`).filter((row) => !page.includes(row))).toEqual([]);
  expect(page).toContain(`\`import ${java.package}.HipaaVpc\``);
  expect(page).toContain(`\`from ${python.module} import HipaaVpc\``);
  expect(page).toContain(`\`using ${dotnet.namespace}\``);
});

describe('the TypeScript snippets of the documentation', () => {
  /** The constructs that jsii-rosetta does not translate to every language. */
  const UNSUPPORTED: Array<[string, (node: ts.Node) => boolean]> = [
    ['spread', (node) => ts.isSpreadAssignment(node) || ts.isSpreadElement(node)],
    ['field initializer', (node) => ts.isPropertyDeclaration(node) && node.initializer !== undefined],
    ['conditional', (node) => ts.isConditionalExpression(node)],
    ['function', (node) => ts.isArrowFunction(node) || ts.isFunctionExpression(node)],
    ['destructuring', (node) => ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node)],
  ];
  /** The snippets that remain, by reason. .ci/languages.sh fails if one of them works, or if another one does not. */
  const REMAINING: Array<{ reason: string; python?: string[]; java?: string[] }> =
    JSON.parse(read('.ci/languages/snippets.json'));
  const snippets = PAGES.flatMap(snippetsOf);
  /** The languages of the other code blocks. A snippet in TypeScript has no other name than `ts`. */
  const OTHERS = ['dockerfile', 'go', 'java', 'js', 'json', 'mermaid', 'python', 'sh', 'sql', 'text'];
  const markdown = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
    // Generated, with the declaration of each member.
    .filter((page) => page !== 'API.md');

  test('are in code blocks that name their language', () => {
    const unknown = markdown.flatMap((page) => codeBlocksOf(read(page))
      .filter(({ language }) => language !== 'ts' && !OTHERS.includes(language))
      .map(({ language, text }) => `${page}: ${language} ${text.split('\n')[0]}`));
    expect(unknown).toEqual([]);
  });

  test('are only on pages that are translated, or in the OPERATIONS.md of an example', () => {
    const pages = markdown.filter((page) => codeBlocksOf(read(page)).some(({ language }) => language === 'ts'));
    expect(pages.length).toBeGreaterThan(20);
    // test/docs.test.ts compiles both.
    const compiled = pages.filter((page) => PAGES.includes(page) || /^examples\/\w+\/OPERATIONS\.md$/.test(page));
    expect(pages).toEqual(compiled);
  });

  test.each<[string, string]>([
    ['a paragraph', '```ts\na();\n\n  b();\n```\n'],
    ['the list of a list', '1. Step\n   - Part\n\n     ```ts\n     a();\n\n       b();\n     ```\n'],
    ['a quotation', '> ```ts nofixture\n> a();\n>\n>   b();\n> ```\n'],
    ['an item of a list', '- ```ts\n  a();\n\n    b();\n  ```\n'],
    ['a longer fence', '````ts\na();\n\n  b();\n````\n'],
    ['a fence of tildes', '~~~ts\na();\n\n  b();\n~~~\n'],
  ])('are read from %s', (_, text) => {
    expect(codeBlocksOf(text)).toEqual([{ language: 'ts', text: 'a();\n\n  b();\n' }]);
  });

  test('are not read from a code block without an end', () => {
    expect(() => codeBlocksOf('```ts\na();\n')).toThrow('The code block after ```ts has no end.');
  });

  test('translate to every language, except those with a reason', () => {
    const listed = REMAINING.flatMap(({ python = [], java = [] }) => [...python, ...java]);
    const found = snippets.filter(({ text }) => constructsIn(text).length > 0).map(({ name }) => name);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((name) => !listed.includes(name))).toEqual([]);
    // The others are examples of docstrings.
    const onPages = listed.filter((name) => name.includes('.md '));
    expect(onPages.filter((name) => !snippets.some((snippet) => snippet.name === name))).toEqual([]);
  });

  test('are counted in docs/languages.md, and those that remain have their reason there', () => {
    const page = read('docs/languages.md').replace(/\n/g, ' ');
    expect(page).toContain(`CI translates the ${snippets.length} snippets of the README and of these pages.`);
    const rows = REMAINING
      .map(({ reason, python = [], java = [] }) => `| ${reason} | ${python.length} | ${java.length} |`);
    expect(page).toContain(`| Reason | Python | Java | |---|---|---| ${rows.join(' ')}  `);
  });

  function constructsIn(text: string): string[] {
    const constructs: string[] = [];
    const visit = (node: ts.Node) => {
      for (const [name, matches] of UNSUPPORTED) if (matches(node)) constructs.push(name);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile('snippet.ts', text, ts.ScriptTarget.ES2022, true));
    return constructs;
  }
});
