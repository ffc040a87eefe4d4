/**
 * Translates the TypeScript snippets of the README, of the pages of docs/ and of the docstrings to Python and Java:
 * translate.ts FOLDER. Run it after jsii, which writes lib/ and .jsii.
 */
import * as fs from 'fs';
import * as path from 'path';
import { TargetLanguage, Translator } from 'jsii-rosetta';
import { moduleOf, PAGES, Snippet, snippetsOf } from './extract';
import { ROOT } from '../examples/example';

const EXTENSIONS = { [TargetLanguage.PYTHON]: 'py', [TargetLanguage.JAVA]: 'java' };

/** The examples in the docstrings of the public types and their members. */
function examplesOfDocstrings(): Snippet[] {
  const { types }: { types: Record<string, Documented> } =
    JSON.parse(fs.readFileSync(path.join(ROOT, '.jsii'), 'utf8'));
  return Object.values(types).flatMap((type) => [type, ...type.methods ?? [], ...type.properties ?? []]
    .filter(({ docs }) => docs?.example !== undefined)
    .map((documented) => ({
      name: documented === type ? type.name : `${type.name}.${documented.name}`,
      text: `${documented.docs!.example}\n`,
      before: [],
    })));
}

interface Documented {
  readonly name: string;
  readonly docs?: { readonly example?: string };
  readonly methods?: Documented[];
  readonly properties?: Documented[];
}

/** The Java names of types, of which jsii-rosetta imports only some. Two types with the same name are left out. */
function javaNames(fqns: string[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const fqn of new Set(fqns.map((name) => name.replace(/#.*/, '')))) {
    const [assembly, ...rest] = fqn.split('.');
    const module = rest[0] !== undefined && /^[a-z]/.test(rest[0]) ? rest.shift()! : '';
    const name = rest.at(-1);
    // The interfaces of references have no name of their own in a snippet.
    if (name === undefined || module === 'interfaces') continue;
    names.set(name, (names.get(name) ?? new Set()).add([javaPackage(assembly, module), ...rest].join('.')));
  }
  return [...names.values()].filter((types) => types.size === 1).map((types) => [...types][0]);
}

function javaPackage(assembly: string, module: string): string {
  const key = `${assembly}/${module}`;
  if (!packages.has(key)) packages.set(key, readJavaPackage(assembly, module));
  return packages.get(key)!;
}

function readJavaPackage(assembly: string, module: string): string {
  const home = path.join(folder, 'node_modules', assembly, module.replace(/_/g, '-'));
  const { jsii, targets } = JSON.parse(
    fs.readFileSync(path.join(home, module === '' ? 'package.json' : '.jsiirc.json'), 'utf8'));
  return (targets ?? jsii.targets).java.package;
}

/** Prepares the folder, so that jsii-rosetta finds the library and what it depends on. */
function prepare(): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  fs.symlinkSync(ROOT, path.join(folder, 'node_modules', 'cdk-hipaa'));
  for (const name of ['aws-cdk-lib', 'cdk-nag', 'constructs']) {
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
}

const folder = path.resolve(process.argv[2]);
const packages = new Map<string, string>();
const snippets = [...PAGES.flatMap(snippetsOf), ...examplesOfDocstrings()];
prepare();
process.chdir(folder);
const translated = new Translator(false).translateSnippets(
  snippets.map((snippet) => ({
    visibleSource: moduleOf(snippet), location: { api: { api: 'file', fileName: snippet.name } },
  })),
  [TargetLanguage.PYTHON, TargetLanguage.JAVA],
);
const index = snippets.map(({ name }, number) => {
  const file = name.toLowerCase().replace(/\W+/g, '_');
  for (const [language, extension] of Object.entries(EXTENSIONS)) {
    const { source } = translated[number].get(language as TargetLanguage)!;
    fs.writeFileSync(path.join(folder, `${file}.${extension}`), `${source}\n`);
  }
  return { name, file, javaNames: javaNames(translated[number].fqnsReferenced()) };
});
fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index, undefined, 2));
console.log(`${index.length} snippets translated`);
