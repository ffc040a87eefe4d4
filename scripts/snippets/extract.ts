import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { ROOT } from '../examples/example';

/** A TypeScript snippet of a page. */
export interface Snippet {
  /** The page and the number on the page, such as `docs/phi-bucket.md 2`. */
  readonly name: string;
  readonly text: string;
  /** The snippets before it on the page. */
  readonly before: string[];
}

/** An object of given.ts: how a snippet gets it. */
interface Given {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** The modules that a snippet may use without an import. */
const MODULES: Record<string, string> = {
  acm: 'aws-certificatemanager',
  cloudfront: 'aws-cloudfront',
  cloudwatch: 'aws-cloudwatch',
  config: 'aws-config',
  ec2: 'aws-ec2',
  ecr: 'aws-ecr',
  ecs: 'aws-ecs',
  elbv2: 'aws-elasticloadbalancingv2',
  iam: 'aws-iam',
  kms: 'aws-kms',
  logs: 'aws-logs',
  rds: 'aws-rds',
  route53: 'aws-route53',
  s3: 'aws-s3',
  scheduler: 'aws-scheduler',
  secretsmanager: 'aws-secretsmanager',
  sns: 'aws-sns',
  subscriptions: 'aws-sns-subscriptions',
  sqs: 'aws-sqs',
};
/** The modules that only the objects of given.ts use. */
const MODULES_OF_GIVEN: Record<string, string> = {
  events: 'aws-events',
  origins: 'aws-cloudfront-origins',
  wafv2: 'aws-wafv2',
};
const CORE = [
  'App', 'CrossStackReferences', 'Duration', 'ReferenceStrength', 'Size', 'Stack', 'Stage', 'Tags', 'Validations',
];
/** The names that the library exports. */
export const OURS = [
  ...fs.readFileSync(path.join(ROOT, 'src', 'index.ts'), 'utf8').matchAll(/export \{ ([\w, ]+) \}/g),
].flatMap((match) => match[1].split(', '));

const GIVEN = givenObjects();
const ENV = "{ env: { account: '111122223333', region: 'us-east-1' } }";

/** The pages whose snippets are translated: the README and the pages of docs/. */
export const PAGES = [
  'README.md',
  ...fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort()
    .map((name) => `docs/${name}`),
];

/** A code block of a page. */
export interface CodeBlock {
  /** The first word after the fence, such as `ts`. */
  readonly language: string;
  /** The text without the indentation of the fence. */
  readonly text: string;
}

/** The code blocks of a text in Markdown, also those in lists and quotations. */
export function codeBlocksOf(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { prefix: string; fence: string; language: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    if (open === undefined) {
      const start = line.match(/^([\s>]*(?:(?:[-*+]|\d+[.)])\s+)*)(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/);
      if (start) open = { prefix: start[1], fence: start[2], language: start[3], lines: [] };
      continue;
    }
    const end = line.match(/^[\s>]*(`{3,}|~{3,})\s*$/);
    if (end?.[1].startsWith(open.fence)) {
      blocks.push({ language: open.language, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else {
      // An empty line has less indentation than the others.
      const indentation = line.slice(0, open.prefix.length).search(/[^\s>]/);
      open.lines.push(line.slice(indentation < 0 ? open.prefix.length : indentation));
    }
  }
  if (open) throw new Error(`The code block after ${open.fence}${open.language} has no end.`);
  return blocks;
}

/** The TypeScript snippets of a page. */
export function snippetsOf(page: string): Snippet[] {
  const texts = codeBlocksOf(fs.readFileSync(path.join(ROOT, page), 'utf8'))
    .filter(({ language }) => language === 'ts').map(({ text }) => text);
  return texts.map((snippet, index) => ({
    name: `${page} ${index + 1}`, text: snippet, before: texts.slice(0, index),
  }));
}

/**
 * The snippet as a module. Most snippets are fragments, so the module starts with the imports that the snippet
 * requires. The statements of the snippet are those of a stack, after those that create the objects that it uses or
 * declares.
 */
export function moduleOf(snippet: Snippet): string {
  const imports = [...snippet.text.matchAll(/^import[\s\S]*?;$/gm)].map((match) => match[0]).join('\n');
  const declares = [...snippet.text.matchAll(/^declare const (\w+): (.*);$/gm)];
  const own = snippet.text
    .replace(/^import[\s\S]*?;\n/gm, '')
    .replace(/^export /gm, '')
    .replace(/^declare const .*;\n/gm, '')
    .replace(/^\n+/, '');
  const names = namesIn(`${own}\n${declares.map(([, , type]) => `declare const _: ${type};`).join('\n')}`);
  const objects = given(names, declares.map(([, name, type]) => ({ name, type })));
  const statements = [...interfacesOf(snippet.before, names), ...objects, own].join('\n');
  const used = namesIn(statements);
  for (const name of ['App', 'Stack']) used.add(name);
  const needed = (all: string[]) => all.filter((name) => used.has(name) && !new RegExp(`\\b${name}\\b`).test(imports));
  return [
    imports,
    ...needed(CORE).length > 0 ? [`import { ${needed(CORE).join(', ')} } from 'aws-cdk-lib';`] : [],
    ...needed(OURS).length > 0 ? [`import { ${needed(OURS).join(', ')} } from 'cdk-hipaa';`] : [],
    ...Object.entries({ ...MODULES, ...MODULES_OF_GIVEN })
      .filter(([name]) => needed([name]).length > 0)
      .map(([name, module]) => `import * as ${name} from 'aws-cdk-lib/${module}';`),
    ...needed(['Construct']).map(() => "import { Construct } from 'constructs';"),
    '',
    'export class Snippet extends Stack {',
    '  private readonly app: App;',
    '  constructor(app: App) {',
    `    super(app, 'Snippet', ${ENV});`,
    '    this.app = app;',
    '  }',
    '  public build() {',
    statements,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** The interfaces of earlier snippets of the page that a snippet uses. */
function interfacesOf(before: string[], names: Set<string>): string[] {
  return before.flatMap((text) => [...text.matchAll(/^interface (\w+) \{[\s\S]*?^\}\n/gm)])
    .filter(([, name]) => names.has(name))
    .map(([text]) => text);
}

/** The statements that create what a snippet uses or declares. */
function given(used: Set<string>, declared: Array<{ name: string; type: string }>): string[] {
  const missing: string[] = [];
  const wanted = declared.map(({ name, type }): Given => {
    const found = GIVEN.find((object) => object.name === name && object.type === type)
      ?? GIVEN.find((object) => object.type === type);
    if (!found) missing.push(`${name}: ${type}`);
    return { name, type, value: found?.value ?? '' };
  });
  if (missing.length > 0) throw new Error(`given.ts must create an object for ${missing.join(', ')}`);
  const others = GIVEN.filter(({ name }) => used.has(name) && !declared.some((object) => object.name === name));
  const required = new Set<string>();
  const require = (text: string) => {
    for (const name of namesIn(text)) {
      const object = GIVEN.find((other) => other.name === name);
      if (object === undefined || required.has(name)) continue;
      require(object.value);
      required.add(name);
    }
  };
  for (const { value } of [...wanted, ...others]) require(value);
  const objects = [...[...required].map((name) => GIVEN.find((object) => object.name === name)!), ...others, ...wanted];
  const text = objects.map(({ value }) => value).join('\n');
  return [
    ...used.has('app') ? ['const app: App = this.app;'] : [],
    ...used.has('stack') || /\bstack\b/.test(text) ? ['const stack: Stack = this;'] : [],
    ...objects.length > 0 ? [`const given: Stack = new Stack(this.app, 'Given', ${ENV});`] : [],
    ...objects.map(({ name, type, value }) => `const ${name}: ${type} = ${value};`),
  ];
}

/** The objects of given.ts. */
function givenObjects(): Given[] {
  const source = sourceOf(fs.readFileSync(path.join(__dirname, 'given.ts'), 'utf8'));
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, type, initializer }) => initializer === undefined ? [] : [{
      name: name.getText(), type: type!.getText(), value: initializer.getText(),
    }]);
}

/** The names that a text uses, but does not declare at its top. The names of properties are not among them. */
function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node) => {
    const isKey = ts.isIdentifier(node) && 'name' in node.parent && node.parent.name === node
      && !ts.isShorthandPropertyAssignment(node.parent);
    if (ts.isIdentifier(node) && !isKey && !(ts.isQualifiedName(node.parent) && node.parent.right === node)) {
      names.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  const source = sourceOf(text);
  visit(source);
  for (const statement of source.statements) {
    const declared = ts.isVariableStatement(statement) ? [...statement.declarationList.declarations]
      : ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) ? [statement] : [];
    for (const { name } of declared) names.delete(name!.getText());
  }
  return names;
}

function sourceOf(text: string): ts.SourceFile {
  return ts.createSourceFile('snippet.ts', text, ts.ScriptTarget.ES2022, true);
}
