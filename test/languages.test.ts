import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';

const ROOT = path.join(__dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** The snippets of a page in a language, each with its number on the page. */
function snippetsOf(page: string, language: string): Array<{ text: string; number: number }> {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}(?: nofixture)?\\n([^]*?)^\`\`\``, 'gm'))]
    .map((match, index) => ({ text: match[1], number: index + 1 }));
}

describe('the snippets of docs/languages.md', () => {
  /** The programs that .ci/languages compiles and runs. */
  const PROGRAMS = { python: 'python/test_interfaces.py', java: 'java/Interfaces.java', go: 'go/interfaces_test.go' };
  /** The lines of a text without their indentation. */
  const linesOf = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean).join('\n');

  test.each(Object.entries(PROGRAMS))('in %s are part of %s, which CI runs', (language, file) => {
    const program = linesOf(read(`test/languages/${file}`));
    const snippets = snippetsOf('docs/languages.md', language).map(({ text }) => linesOf(text));
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippets.filter((snippet) => !program.includes(snippet))).toEqual([]);
  });
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
  /** The snippets that remain: page, number on the page, construct and reason. */
  const REMAINING: Array<[string, number, string, string]> = [
    ['docs/service-bindings.md', 2, 'spread', 'extends a map, and each language copies a map differently'],
    ['docs/web-firewall.md', 4, 'spread', 'extends the rules of an L1 construct, which are a union of types'],
  ];
  const pages = ['README.md', ...fs.readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)];

  test('translate to every language, except those with a reason', () => {
    const found = pages.flatMap((page) => snippetsOf(page, 'ts').flatMap(({ text, number }) =>
      constructsIn(text).map((construct) => `${page} ${number}: ${construct}`)));
    expect([...new Set(found)].sort())
      .toEqual(REMAINING.map(([page, number, construct]) => `${page} ${number}: ${construct}`).sort());
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
