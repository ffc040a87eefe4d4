import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { ROOT } from '../../../scripts/examples/example';

/** A file of an example, parsed. */
export function sourceOf(example: string, file: string): ts.SourceFile {
  const text = fs.readFileSync(path.join(ROOT, 'examples', example, file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** The nodes of a kind below a node. */
export function nodes<T extends ts.Node>(root: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = wanted(root) ? [root] : [];
  root.forEachChild((child) => {
    found.push(...nodes(child, wanted));
  });
  return found;
}

/** Tests that an app has at most 15 lines, and each of its stacks at most 60 statements. */
export function testSize(example: string, stacks: string[]): void {
  test('app.ts has at most 15 lines', () => {
    expect(sourceOf(example, 'app.ts').text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test.each(stacks)('%s has at most 60 statements', (file) => {
    const statements = nodes(
      sourceOf(example, file),
      (node): node is ts.Statement => ts.isStatement(node) && !ts.isBlock(node),
    );
    expect(statements.length).toBeGreaterThan(5);
    expect(statements.length).toBeLessThanOrEqual(60);
  });
}
