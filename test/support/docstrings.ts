import * as fs from 'fs';
import * as path from 'path';

const SRC = path.join(__dirname, '..', '..', 'src');

/** A public class, with the example of its docstring. */
export interface PublicClass {
  readonly name: string;
  /** The source file, by its path in src/. */
  readonly file: string;
  /** The text of `@example`, if the docstring of the class has one. */
  readonly example?: string;
}

/** The classes that src/index.ts exports. */
export function publicClasses(): PublicClass[] {
  const index = fs.readFileSync(path.join(SRC, 'index.ts'), 'utf8');
  return [...index.matchAll(/export \{ ([\w, ]+) \} from '\.\/([\w/-]+)'/g)].flatMap(([, names, module]) => {
    const file = `${module}.ts`;
    const classes = classesOf(fs.readFileSync(path.join(SRC, file), 'utf8'));
    return classes.filter(({ name }) => names.split(', ').includes(name)).map((found) => ({ ...found, file }));
  });
}

/** The exported classes of a source file. */
export function classesOf(text: string): Array<Pick<PublicClass, 'name' | 'example'>> {
  const declarations = text.matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export (?:abstract )?class (\w+)/g);
  return [...declarations].map(([, docstring = '', name]) => ({ name, example: exampleIn(docstring) }));
}

/** The text of the last tag of a docstring, if it is `@example`. */
function exampleIn(docstring: string): string | undefined {
  const text = docstring.replace(/\s*\*\/\n$/, '').replace(/^ \* ?/gm, '');
  return /^@example\n([^]*\S)/m.exec(text)?.[1];
}
