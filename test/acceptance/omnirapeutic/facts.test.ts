import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ts from 'typescript';
import { FACTS } from './facts';
import { testFacts } from '../../support/template/facts';
import { read } from './proof/parts';
import { synthesise, together } from './proof/synthesis';
import * as stacks from '../../../examples/omnirapeutic/stacks';

const synthesised = synthesise();
const whole = together(synthesised);

describe('the document', () => {
  testFacts(FACTS, () => whole);
});

describe('the letter', () => {
  test('app.ts makes what is tested here', () => {
    const made: Stack[] = [];
    const defineOmnirapeutic = (...given: Parameters<typeof stacks.defineOmnirapeutic>) => {
      made.push(...Object.values(stacks.defineOmnirapeutic(...given)));
    };
    jest.doMock('../../../examples/omnirapeutic/stacks', () => ({ defineOmnirapeutic }));
    jest.requireActual('../../../examples/omnirapeutic/app');

    expect(made).toHaveLength(5);
    expect(templates(made)).toEqual(templates(Object.values(synthesised)));
  });

  test('app.ts has at most 15 lines', () => {
    expect(read('app.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test.each([
    'application-stack.ts', 'data-stack.ts', 'guardrails-stack.ts', 'images-stack.ts', 'network-stack.ts', 'stacks.ts',
  ])('%s has at most 60 statements', (file) => {
    const statements = countStatements(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
    expect(statements).toBeGreaterThan(5);
    expect(statements).toBeLessThanOrEqual(60);
  });
});

const templates = (made: Stack[]) => Object.fromEntries(made.map((stack) => [stack.stackName, inOrder(Template.fromStack(stack).toJSON())]));

/** aws-cdk-lib puts the resources of a statement in an order that depends on how much the process has made before. It means nothing to IAM. */
function inOrder(template: object): object {
  return JSON.parse(JSON.stringify(template), (key, value) =>
    (key === 'Resource' && Array.isArray(value) ? value.map((resource) => JSON.stringify(resource)).sort() : value));
}

function countStatements(node: ts.Node): number {
  let statements = ts.isStatement(node) && !ts.isBlock(node) ? 1 : 0;
  node.forEachChild((child) => {
    statements += countStatements(child);
  });
  return statements;
}
