import * as fs from 'fs';
import * as ts from 'typescript';

/** The size of source code. */
export interface Size {
  /** The number of lines, without comments and blank lines. */
  readonly lines: number;
  /** The number of declarations, expressions and control statements. A block counts as the statements in it. */
  readonly statements: number;
}

/** The total size of TypeScript files. */
export function sizeOf(...files: string[]): Size {
  const sizes = files.map(sizeOfOne);
  const sum = (part: keyof Size) => sizes.reduce((total, size) => total + size[part], 0);
  return { lines: sum('lines'), statements: sum('statements') };
}

function sizeOfOne(file: string): Size {
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const lines = new Set<number>();
  let statements = 0;
  const visit = (node: ts.Node) => {
    if (ts.isStatement(node) && !ts.isBlock(node)) statements++;
    if (node.getChildCount(source) === 0 && node.getWidth(source) > 0 && !ts.isJSDoc(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      for (let line = first; line <= last; line++) lines.add(line);
    }
    if (!ts.isJSDoc(node)) node.getChildren(source).forEach(visit);
  };
  visit(source);
  return { lines: lines.size, statements };
}
