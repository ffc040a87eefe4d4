import { PropTypes } from './read-api';

const MAX_LINE = 120;
const INDENT = '    ';

/** The text of `src/core/prop-types.ts`. The same API always results in the same text. */
export function moduleText(types: PropTypes): string {
  return [
    '// Written by scripts/prop-types/write.ts. Do not edit: run `npx projen prop-types`.',
    '/* eslint-disable @stylistic/quote-props, object-property-newline, @stylistic/object-property-newline */',
    '',
    '/**',
    ' * The types of the public props and arguments, which `check-props.ts` reads.',
    ' *',
    ' * A type is a name, `[type]` for an array or `{type}` for a map. `?` marks what may be left out.',
    ' */',
    'export const PROP_TYPES = {',
    '  /** The props of each struct of this library. */',
    ...section('structs', types.structs, pairs),
    '  /** The public methods of each class and interface that take arguments. */',
    ...section('methods', types.methods, (methods) =>
      Object.entries(methods).map(([name, parameters]) => `${name}(${pairs(parameters).join(',')})`)),
    '  /** The factories of each choice class, and the internal methods that each subclass has. */',
    ...section('choices', types.choices, ({ factories, members }) => [...factories, ...members]),
    '  /** The members that a value of each interface, or construct of this library, has. */',
    ...section('interfaces', types.interfaces, words),
    '  /** The public fields of each construct of this library. */',
    ...section('fields', types.fields, words),
    '  /** The jsii name of each class of aws-cdk-lib, and members that an instance has. */',
    ...section('classes', types.classes, words),
    '  /** The members of each enum of this library, or the place of another enum in aws-cdk-lib. */',
    ...section('enums', types.enums, (values) => (typeof values === 'string' ? [values] : pairs(values))),
    '  /** The structs of aws-cdk-lib. */',
    ...section('foreignStructs', { all: types.foreignStructs }, (names) => [...names].sort()),
    '};',
    '',
  ].join('\n');
}

function section<T>(name: string, record: Record<string, T>, wordsOf: (value: T) => string[]): string[] {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return [`  ${name}: {`, ...fill(entries.map(([each, value]) => entry(each, wordsOf(value)))), '  },'];
}

function words(given: string[]): string[] {
  return given;
}

function pairs(record: Record<string, string | number>): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}

/** The lines of one entry: one, or several for a string that is too long. */
function entry(name: string, given: string[]): string[] {
  const key = /^\w+$/.test(name) ? name : quote(name);
  const line = `${INDENT}${key}: ${quote(given.join(' '))},`;
  if (line.length <= MAX_LINE) return [line];
  const lines = wrap(given.join(' '), MAX_LINE - `${INDENT}  + '',`.length);
  const start = (index: number) => (index === 0 ? '' : '+ ');
  const end = (index: number) => (index === lines.length - 1 ? ',' : '');
  return [`${INDENT}${key}:`, ...lines.map((text, index) => `${INDENT}  ${start(index)}${quote(text)}${end(index)}`)];
}

/** Joins entries of one line while they fit. */
function fill(entries: string[][]): string[] {
  const lines: string[] = [];
  for (const [line, ...rest] of entries) {
    const previous = lines.at(-1);
    const joined = `${previous} ${line.trim()}`;
    // A line that continues an entry has a deeper indent.
    const isEntry = previous?.endsWith(',') && !previous.startsWith(`${INDENT} `);
    if (rest.length === 0 && isEntry && joined.length <= MAX_LINE) lines[lines.length - 1] = joined;
    else lines.push(line, ...rest);
  }
  return lines;
}

/** Splits a text after spaces and commas. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=[ ,])/)) {
    const joined = `${lines.at(-1)}${part}`;
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

function quote(text: string): string {
  return `'${text.replace(/'/g, "\\'")}'`;
}
