import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { FACTS } from './facts';
import { MentalHealthAideStack } from './mentalhealthaide-stack';
import { newApp, templateOf } from '../../test/support/app';
import { testFacts } from '../facts';

const PROPS = {
  domainName: 'api.mentalhealthaide.com',
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'mentalhealthaide.com',
  alarmEmail: 'oncall@mentalhealthaide.com',
};

const template = templateOf(new MentalHealthAideStack(newApp(), 'MentalHealthAide', PROPS));

describe('the document', () => {
  testFacts(FACTS, () => template);
});

describe('the letter', () => {
  const app = sourceOf('app.ts');
  const stack = sourceOf('mentalhealthaide-stack.ts');

  test('app.ts makes the stack that is tested here', () => {
    const [creation] = find(app, (node): node is ts.NewExpression => ts.isNewExpression(node) && node.expression.getText(app) === 'MentalHealthAideStack');
    const [, id, props] = creation.arguments!;
    expect(id.getText(app)).toBe("'MentalHealthAide'");
    const given = (props as ts.ObjectLiteralExpression).properties.map((property) => {
      const { name, initializer } = property as ts.PropertyAssignment;
      return [name.getText(app), (initializer as ts.StringLiteral).text];
    });
    expect(Object.fromEntries(given)).toEqual(PROPS);
  });

  test('app.ts has at most 15 lines', () => {
    expect(app.text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test('the stack has at most 60 statements', () => {
    const statements = find(stack, (node): node is ts.Statement => ts.isStatement(node) && !ts.isBlock(node));
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.length).toBeLessThanOrEqual(60);
  });
});

function sourceOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, fs.readFileSync(path.join(__dirname, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

function find<T extends ts.Node>(root: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = wanted(root) ? [root] : [];
  root.forEachChild((child) => {
    found.push(...find(child, wanted));
  });
  return found;
}
