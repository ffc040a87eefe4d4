import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as ts from 'typescript';
import { kindsOf, OMISSIONS, pageName, pagesBelow, sectionsOf } from './support/pages';
import { moduleOf, OURS, PAGES as pages, snippetsOf } from '../scripts/snippets/extract';
import * as library from '../src';

const ROOT = path.join(__dirname, '..');

const exampleReadmes = fs
  .readdirSync(path.join(ROOT, 'examples'))
  .map((name) => `examples/${name}/README.md`)
  .filter((file) => fs.existsSync(path.join(ROOT, file)));

const operationsOfExamples = exampleReadmes.map((file) => file.replace('README', 'OPERATIONS'))
  .filter((file) => fs.existsSync(path.join(ROOT, file)));

test('every snippet of the documentation compiles', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'snippets-'));
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const files = [...pages, ...operationsOfExamples].flatMap((page) => snippetsOf(page).map((snippet) => {
    const file = path.join(folder, `${snippet.name.replace(/\W/g, '-')}.ts`);
    fs.writeFileSync(file, moduleOf(snippet));
    return file;
  }));
  expect(files.length).toBeGreaterThan(20);
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    paths: { 'cdk-hipaa': [path.join(ROOT, 'src', 'index.ts')] },
    types: ['node'],
    typeRoots: [path.join(ROOT, 'node_modules', '@types')],
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter((problem) => files.includes(problem.file?.fileName ?? ''))
    .map(
      (problem) =>
        `${path.basename(problem.file!.fileName)}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`,
    );
  fs.rmSync(folder, { recursive: true });
  expect(problems).toEqual([]);
});

const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** The public constructs, and the classes that have a page of the same kind. */
const CONSTRUCTS = OURS
  .filter((name) => OURS.includes(`${name}Props`) || ['ComplianceChecks', 'DataProtection'].includes(name));

describe('every public construct', () => {
  const page = (name: string) => `docs/${pageName(name)}.md`;

  test('has a page', () => {
    expect(CONSTRUCTS.length).toBeGreaterThan(8);
    expect(CONSTRUCTS.map(page).filter((name) => !pages.includes(name))).toEqual([]);
  });

  test('has a row in the README with a link to its page', () => {
    const rows = [...readme.matchAll(/^\| \[`(\w+)`\]\(([\w/.-]+)\) \|/gm)].map(([, name, target]) => [name, target]);
    expect(rows.sort()).toEqual(CONSTRUCTS.map((name) => [name, page(name)]).sort());
  });

  test('with a monitoring plan has a row on the page of the monitoring, with a link to its section', () => {
    const text = fs.readFileSync(path.join(ROOT, 'docs', 'workload-monitoring.md'), 'utf8');
    const rows = [...text.matchAll(/^\| \[`(\w+)`\]\(([\w/.-]+)#monitoring\) \|/gm)].map(([, name, target]) =>
      [name, `docs/${target}`]);
    const monitored = CONSTRUCTS.filter((name) => hasPlan((library as unknown as Record<string, object>)[name]));
    expect(monitored).toEqual(expect.arrayContaining(['HipaaVpc', 'JobQueue', 'Ec2Capacity']));
    expect(rows.sort()).toEqual(monitored.map((name) => [name, page(name)]).sort());
  });
});

/** Whether a class has a monitoring plan. */
const hasPlan = (construct: object) =>
  typeof (construct as { prototype?: { monitoringPlan?: unknown } }).prototype?.monitoringPlan === 'function';

describe('the headings of the pages', () => {
  const DOCS = path.join(ROOT, 'docs');
  const KINDS = kindsOf(CONSTRUCTS);
  /** The maximum length of the section "Operations" of a construct's page. Longer operations have their own page. */
  const MAX_LINES_OF_OPERATIONS = 40;
  const all = pagesBelow(DOCS);
  const read = (page: string) => fs.readFileSync(path.join(DOCS, page), 'utf8');
  const kindsWith = (page: string) => KINDS.filter((kind) => kind.has(page)).map((kind) => kind.name);
  const omittedOn = (page: string) => OMISSIONS.filter((omission) => omission.page === page);

  test('match the kind of the page, and each page has one kind', () => {
    expect(all.filter((page) => kindsWith(page).length !== 1)).toEqual([]);
    expect(KINDS.filter((kind) => !all.some(kind.has)).map((kind) => kind.name)).toEqual([]);
  });

  test.each(['another.md', 'another-operations.md', 'decisions/another.md', 'hipaa-vpc/recipes.md'])(
    'have no kind for %s', (page) => expect(kindsWith(page)).toEqual([]),
  );

  test.each(all)('%s has the headings of its kind, in order', (page) => {
    const omitted = omittedOn(page).map(({ heading }) => heading);
    const headings = KINDS.find((kind) => kind.has(page))?.headings;
    expect(sectionsOf(read(page)).map(({ heading }) => heading))
      .toEqual(headings?.filter((heading) => !omitted.includes(heading)));
  });

  test.each(all)('%s has text below each heading', (page) => {
    expect(sectionsOf(read(page)).filter(({ lines }) => lines.length === 0)).toEqual([]);
  });

  test('are left out only where the table of omissions names the page, a heading of its kind and a reason', () => {
    for (const { page, heading, reason } of OMISSIONS) {
      expect(all).toContain(page);
      expect(KINDS.find((kind) => kind.has(page))!.headings).toContain(heading);
      expect(reason).toMatch(/^\w.{20}/);
    }
  });

  test('are in the index, for each kind', () => {
    const rows = read('README.md').split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const { name, headings } of KINDS) {
      expect(rows.find((row) => row[1] === name)?.[3]).toBe(headings.join(', ') || 'None');
    }
  });

  test('are split between two pages if the operations are long', () => {
    const operations = (page: string) => sectionsOf(read(page)).find(({ heading }) => heading === 'Operations')!;
    for (const page of CONSTRUCTS.map((name) => `${pageName(name)}.md`)) {
      const own = page.replace('.md', '-operations.md');
      const { lines } = operations(page);
      expect({ page, links: lines.join('\n').includes(`](${own})`) }).toEqual({ page, links: all.includes(own) });
      expect(lines.length).toBeLessThanOrEqual(MAX_LINES_OF_OPERATIONS);
    }
  });
});

describe('the indexes of the documentation', () => {
  test('list every page', () => {
    expect(readme).toContain('](docs/README.md)');
    const list = fs.readFileSync(path.join(ROOT, 'docs', 'README.md'), 'utf8');
    const listed = pages
      .filter((name) => name.startsWith('docs/') && name !== 'docs/README.md')
      .map((name) => path.basename(name));
    expect(listed.filter((name) => !list.includes(`](${name})`))).toEqual([]);
  });

  test('list every decision', () => {
    const folder = path.join(ROOT, 'docs', 'decisions');
    const list = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
    expect(fs.readdirSync(folder).filter((name) => name !== 'README.md' && !list.includes(`](${name})`))).toEqual([]);
  });
});

describe('the commands of a deployment', () => {
  const FIRST = 'npx cdk deploy "$STACK" --no-rollback';
  /** The commands of later deployments: the page, the command, and why it is not a first deployment. */
  const LATER: Array<[string, string, string]> = [
    ['docs/cut-over.md', 'npx cdk deploy "$STACK"', 'adds the records to a complete stack'],
    [
      'docs/cut-over.md',
      'npx cdk deploy "$STACK" --method=prepare-change-set --change-set-name cut-over',
      'prepares the change that adds the records to a complete stack',
    ],
    ['docs/service-bindings.md', 'npx cdk deploy --exclusively Application', 'removes a resource from a service'],
    ['docs/service-bindings.md', 'npx cdk deploy --all', 'removes the exports afterwards'],
    ['docs/service-bindings.md', 'cdk deploy --all', 'names the order of the stacks'],
    ['docs/several-stacks.md', 'npx cdk deploy --exclusively "$STACK"', 'removes the references of a deployed stack'],
    ['docs/several-stacks.md', 'npx cdk deploy --all', 'removes the exports afterwards'],
    ['docs/several-stacks.md', 'cdk deploy --all', 'names the order of the stacks'],
    ['docs/several-stacks.md', 'npx cdk deploy --force', 'updates deployed stacks whose templates are equal'],
    [
      'examples/carebow/OPERATIONS.md',
      'npx cdk deploy CareBow --exclusively -c version=<tag>',
      'deploys an earlier image in a complete stack',
    ],
    ['examples/karematch/OPERATIONS.md', 'npx cdk deploy "$STACK"', 'updates a complete stack'],
    ['examples/omnirapeutic/OPERATIONS.md', 'npx cdk deploy --exclusively "$STACK"', 'removes a zone from a stack'],
    ['examples/omnirapeutic/OPERATIONS.md', 'npx cdk deploy --all', 'removes a zone from the network'],
    [
      'examples/omnirapeutic/OPERATIONS.md',
      'npx cdk deploy --exclusively OmnirapeuticApplication',
      'removes a service from a deployed stack',
    ],
    ['examples/mentalhealthaide/OPERATIONS.md', 'npx cdk deploy "$STACK"', 'updates a complete stack'],
    ['examples/omnirapeutic/OPERATIONS.md', 'npx cdk deploy "$STACK"', 'adds the records to a complete stack'],
  ];
  const texts = [...new Set([...pages, ...exampleReadmes, ...operationsOfExamples])]
    .map((page): [string, string] => [page, fs.readFileSync(path.join(ROOT, page), 'utf8')]);
  /** The commands of a page, in code blocks and between backticks, without comments. */
  const commandsOf = (text: string) => {
    const blocks = [...text.matchAll(/^ *```sh\n([^]*?)^ *```/gm)]
      .flatMap(([, block]) => block.split(/\n|; (?:do |done)?/));
    const inline = [...text.replace(/^ *```[^]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)].map(([, command]) => command);
    return [...blocks, ...inline].map((line) => line.replace(/\s+#.*$/, '').replace(/\s+/g, ' ').trim());
  };

  test('are the same for every first deployment', () => {
    const others = texts.flatMap(([page, text]) => commandsOf(text)
      .filter((command) => /\bcdk deploy\b/.test(command) && command !== FIRST)
      .filter((command) => !LATER.some(([other, later]) => other === page && later === command))
      .map((command) => `${page}: ${command}`));
    expect(others).toEqual([]);
  });

  test('of later deployments are in use', () => {
    const unused = LATER.filter(([page, later]) => !texts.some(([other, text]) =>
      other === page && commandsOf(text).includes(later)));
    expect(unused).toEqual([]);
  });

  test.each(['README.md', ...exampleReadmes])('are in %s, with a link to the second attempt', (page) => {
    const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
    expect(commandsOf(text)).toContain(FIRST);
    expect(text).toContain('docs/first-deployment.md)');
    // Each deployment is for the stack that the page names before.
    expect(text.slice(0, text.indexOf(FIRST))).toMatch(/\bSTACK=|for STACK in/);
  });

  test('roll back a failed first deployment on one page only', () => {
    const rollbacks = texts
      .filter(([, text]) => commandsOf(text).some((command) => command.startsWith('npx cdk rollback')));
    expect(rollbacks.map(([page]) => page)).toEqual(['docs/first-deployment.md']);
    // The CLI deletes a stack whose creation was rolled back, which termination protection forbids.
    const [, text] = rollbacks[0];
    const order = ['update-termination-protection --no-enable', 'deletion_protection.enabled,Value=false',
      'modify-db-cluster', 'modify-db-instance', 'npx cdk rollback "$STACK"', FIRST];
    const block = text.slice(text.indexOf('### Start again'));
    const places = order.map((command) => block.indexOf(command));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});

test('every link between the pages has an existing file and heading as its target', () => {
  const anchor = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-');
  const dead = [...pages, ...exampleReadmes, 'CONTRIBUTING.md'].flatMap((from) => {
    const text = fs.readFileSync(path.join(ROOT, from), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, file, heading]) => {
      const target = path.join(ROOT, file === '' ? from : path.join(path.dirname(from), file));
      if (!fs.existsSync(target)) return true;
      return (
        heading !== undefined &&
        ![...fs.readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].some(([, title]) => anchor(title) === heading)
      );
    }).map(([link]) => `${from}: ${link}`);
  });
  expect(dead).toEqual([]);
});

test('every file of the repository that a page names exists', () => {
  const name = /(?<![\w./-])(?:\.ci|docs|examples|projenrc|scripts|src|test)\/[\w./-]+\.(?:js|json|md|py|sh|ts)\b/g;
  const all = [...pages, ...exampleReadmes, ...operationsOfExamples, 'CONTRIBUTING.md', 'SECURITY.md'];
  const dead = all.flatMap((page) => {
    const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
    return [...text.matchAll(name)].map(([file]) => file).filter((file) => !fs.existsSync(path.join(ROOT, file)))
      .map((file) => `${page}: ${file}`);
  });
  expect(dead).toEqual([]);
});
