import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ts from 'typescript';
import { FACTS } from './facts';
import { EXAMPLE_FOLDER } from './proof/parts';
import { ImagesStack } from '../../../examples/karematch/images-stack';
import { KareMatchStack } from '../../../examples/karematch/karematch-stack';
import { testFacts } from '../../support/template/facts';
import { karematch } from './proof/synthesis';

const system = karematch();

describe('the document', () => {
  testFacts(FACTS, () => system);
});

describe('the letter', () => {
  test('app.ts makes what is tested here', () => {
    const made: Stack[] = [];
    class RecordedImages extends ImagesStack {
      constructor(...given: ConstructorParameters<typeof ImagesStack>) {
        super(...given);
        made.push(this);
      }
    }
    class RecordedMain extends KareMatchStack {
      constructor(...given: ConstructorParameters<typeof KareMatchStack>) {
        super(...given);
        made.push(this);
      }
    }
    jest.doMock('../../../examples/karematch/images-stack', () => ({ ImagesStack: RecordedImages }));
    jest.doMock('../../../examples/karematch/karematch-stack', () => ({ KareMatchStack: RecordedMain }));
    jest.requireActual('../../../examples/karematch/app');

    const templates = made.map((stack) => [stack.stackName, Template.fromStack(stack).toJSON()]);
    expect(Object.fromEntries(templates)).toEqual({
      KareMatchImages: system.productionImages.toJSON(),
      KareMatch: system.production.toJSON(),
      KareMatchDevelopmentImages: system.developmentImages.toJSON(),
      KareMatchDevelopment: system.development.toJSON(),
    });
  });

  test('app.ts has at most 15 lines', () => {
    expect(read('app.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test('the stack has at most 60 statements', () => {
    const source = ts.createSourceFile('karematch-stack.ts', read('karematch-stack.ts'), ts.ScriptTarget.Latest, true);
    const statements = find(source, (node): node is ts.Statement => ts.isStatement(node) && !ts.isBlock(node));
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.length).toBeLessThanOrEqual(60);
  });
});

describe('production and development', () => {
  const sources = fs.readdirSync(EXAMPLE_FOLDER).filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
  const deciding = sources.filter((file) => file !== 'environments.ts' && file !== 'facts.ts' && !/^app(\..*)?\.ts$/.test(file));

  test('are told apart in environments.ts, and taken from there by the apps alone', () => {
    expect(deciding).toEqual(expect.arrayContaining(['edge-stack.ts', 'edge-watch-stack.ts', 'images-stack.ts', 'karematch-stack.ts']));
    for (const file of deciding) {
      // Node's own word for a program that is not being debugged: the same in both.
      const text = read(file).replace("NODE_ENV: 'production'", '');
      expect({ file, found: text.match(/production|development/gi) }).toEqual({ file, found: null });
    }
  });

  test('are not told apart by where they run or what they are called', () => {
    for (const file of deciding) expect({ file, found: read(file).match(/process\.env|tryGetContext|stackName|node\.id/g) }).toEqual({ file, found: null });
  });

  test('differ in fields that a stack reads, each of them', () => {
    const source = ts.createSourceFile('environments.ts', read('environments.ts'), ts.ScriptTarget.Latest, true);
    const [record] = find(source, (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === 'Environment');
    const fields = record.members.map((member) => member.name!.getText(source));
    const used = deciding.map(read).join('\n');
    for (const field of fields) expect(used).toMatch(new RegExp(`\\b${field}\\b`));
  });
});

const read = (file: string) => fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8');

function find<T extends ts.Node>(root: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = wanted(root) ? [root] : [];
  root.forEachChild((child) => {
    found.push(...find(child, wanted));
  });
  return found;
}
