import * as ts from 'typescript';

/** A piece of prose: a comment, a string, or a paragraph of Markdown. */
export interface Passage {
  /** The line of the first character. */
  readonly line: number;
  /** The text, with its line breaks. */
  readonly text: string;
}

/** A line, a table cell or a first sentence that is too long. */
export interface LongLine {
  readonly line: number;
  readonly problem: string;
}

const MAX_LINE = 120;
const MAX_CELL = 100;
const MAX_FIRST_SENTENCE = 100;

/** Replaces text that is not prose: inline code and the targets of links. */
const withoutCode = (text: string) => text
  .replace(/`[^`\n]*`/g, 'X')
  .replace(/\]\([^)\s]*\)/g, ']')
  .replace(/https?:\/\/\S+/g, 'X');
const withoutUrls = (text: string) => text.replace(/\]\([^)\s]*\)/g, ']').replace(/https?:\/\/[^\s)>'"`]+/g, '');

/** The lines of a Markdown page. Lines in code fences are empty. */
function markdownLines(text: string): string[] {
  let fenced = false;
  return text.split('\n').map((line) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) fenced = !fenced;
    return fence || fenced ? '' : line;
  });
}

/** The paragraphs, list items, headings and table rows of a Markdown page, without code fences. */
export function markdownPassages(text: string): Passage[] {
  const passages: Array<{ line: number; lines: string[] }> = [];
  markdownLines(text).forEach((line, index) => {
    const startsPassage = /^\s*([-*|#>]|\d+\.)/.test(line);
    const last = passages[passages.length - 1];
    const marker = /^\s*([-*>]|\d+\.|#+)\s+/;
    if (line.trim() === '') passages.push({ line: index + 2, lines: [] });
    else if (startsPassage || !last) passages.push({ line: index + 1, lines: [line.replace(marker, '')] });
    else if (last.lines.length === 0) passages[passages.length - 1] = { line: index + 1, lines: [line] };
    else last.lines.push(line.trim());
  });
  return passages.filter(({ lines }) => lines.length > 0)
    .map(({ line, lines }) => ({ line, text: withoutCode(lines.join('\n')) }));
}

/** The lines of a Markdown page with more than 120 characters, and its table cells with more than 100. */
export function longMarkdownLines(text: string): LongLine[] {
  return markdownLines(text).flatMap((line, index) => {
    if (!/^\s*\|/.test(line)) {
      const { length } = withoutUrls(line);
      return length > MAX_LINE ? [{ line: index + 1, problem: `${length} characters` }] : [];
    }
    const cells = withoutUrls(line).replace(/\\\|/g, '/')
      .replace(/`[^`]*`/g, (code) => code.replace(/\|/g, '/')).split('|');
    const longest = Math.max(...cells.map((cell) => cell.trim().length));
    return longest > MAX_CELL ? [{ line: index + 1, problem: `a table cell of ${longest} characters` }] : [];
  });
}

/** A comment without its markers. Each of its lines stays on its line. */
function commentText(comment: string): string {
  return comment
    .replace(/^\/\*+|\*+\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(\*|\/\/)? ?/, ''))
    .join('\n')
    .trimEnd();
}

function commentsOf(source: ts.SourceFile): Array<{ start: number; text: string }> {
  const comments = new Map<number, string>();
  const visit = (node: ts.Node) => {
    const ranges = [
      ...ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [],
      ...ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? [],
    ];
    for (const { pos, end } of ranges) comments.set(pos, source.text.slice(pos, end));
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...comments].map(([start, text]) => ({ start, text }))
    .filter(({ text }) => !/eslint-disable|@ts-/.test(text));
}

/** The text of a string, of a template, or of several that are joined with `+`. */
function stringText(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => `X${span.literal.text}`).join('');
  }
  if (ts.isParenthesizedExpression(node)) return stringText(node.expression);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [stringText(node.left), stringText(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? 'X'}${right ?? 'X'}`;
}

function stringsOf(source: ts.SourceFile): Array<{ start: number; end: number; text: string }> {
  const strings: Array<{ start: number; end: number; text: string }> = [];
  const visit = (node: ts.Node) => {
    const text = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? '' : stringText(node);
    if (text) strings.push({ start: node.getStart(source), end: node.getEnd(), text });
    if (text === undefined || ts.isTemplateExpression(node)) ts.forEachChild(node, visit);
  };
  visit(source);
  // Prose has at least two words of letters.
  return strings.filter(({ text }) => /[a-z]{2,}[,;:.)]? [a-z(]/i.test(text));
}

const parse = (text: string) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
const lineAt = (text: string, position: number) => text.slice(0, position).split('\n').length;

/** The comments and the prose strings of a TypeScript file. */
export function typescriptPassages(text: string): Passage[] {
  const source = parse(text);
  return [
    ...commentsOf(source).map(({ start, text: comment }) => ({ start, text: commentText(comment) })),
    ...stringsOf(source),
  ].map((passage) => ({ line: lineAt(text, passage.start), text: withoutCode(passage.text) }));
}

/** The lines of a TypeScript file that contain a comment or a prose string and have more than 120 characters. */
export function longTypescriptLines(text: string): LongLine[] {
  const source = parse(text);
  const ranges = [
    ...commentsOf(source).map((comment) => ({ start: comment.start, end: comment.start + comment.text.length })),
    ...stringsOf(source),
  ].map(({ start, end }) => ({ first: lineAt(text, start), last: lineAt(text, end) }));
  return text.split('\n').flatMap((line, index) => {
    const { length } = withoutUrls(line);
    if (length <= MAX_LINE || !ranges.some(({ first, last }) => first <= index + 1 && index + 1 <= last)) return [];
    return [{ line: index + 1, problem: `${length} characters` }];
  });
}

/** The first sentence of a docstring, up to a full stop or a colon, without tags. */
function firstSentence(docstring: string): string {
  const paragraph = commentText(docstring).replace(/@internal\b/, '').trimStart().split(/\n\s*(?:\n|@)|^@/)[0];
  const prose = paragraph.replace(/\s+/g, ' ').trim();
  // A full stop or a colon in inline code does not end the sentence.
  const masked = prose.replace(/`[^`]*`/g, (code) => 'X'.repeat(code.length));
  const { length } = masked.match(/^.*?[.:](?=\s|$)/)?.[0] ?? prose;
  return prose.slice(0, length);
}

/** The docstrings of a TypeScript file whose first sentence has more than 100 characters. */
export function longFirstSentences(text: string): LongLine[] {
  return commentsOf(parse(text)).filter((comment) => comment.text.startsWith('/**')).flatMap((comment) => {
    const { length } = firstSentence(comment.text);
    if (length <= MAX_FIRST_SENTENCE) return [];
    return [{ line: lineAt(text, comment.start), problem: `a first sentence of ${length} characters` }];
  });
}
