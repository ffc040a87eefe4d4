import * as fs from 'fs';
import * as path from 'path';
import { pageUrl } from '../../src/core/page-url';

const ROOT = path.join(__dirname, '..', '..');
const SRC = path.join(ROOT, 'src');

const sources = fs.readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: fs.readFileSync(path.join(SRC, file), 'utf8') }));

/** A module without its comments. */
const codeOf = (text: string) => text.replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
/** The files of the documentation that a module names in another way than as the argument of `pageUrl`. */
const namesIn = (text: string) =>
  codeOf(text).replace(/pageUrl\('[^']+'\)/g, '').match(/\bdocs\/[\w./-]*|[\w./-]+\.md\b/g) ?? [];

test('a page has an address in the repository, because the packages do not contain the page', () => {
  const { repository } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  expect(pageUrl('job-queue.md')).toBe(`${repository.url.replace(/\.git$/, '')}/blob/main/docs/job-queue.md`);
});

test('messages and alarms name pages by their address only', () => {
  const paths = sources.filter(({ file }) => file !== path.join('core', 'page-url.ts'))
    .flatMap(({ file, text }) => namesIn(text).map((name) => `${file}: ${name}`));
  expect(paths).toEqual([]);
  const text = "/** docs/a.md */\nf(`${a} (docs/b.md)`, 'c.md', pageUrl('d.md'), 'https://e/f'); // docs/g.md";
  expect(namesIn(text)).toEqual(['docs/b.md', 'c.md']);
});

test('the pages that messages and alarms name exist', () => {
  const names = sources.flatMap(({ text }) => [...text.matchAll(/pageUrl\('([^']+)'\)/g)].map(([, page]) => page));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((page) => !fs.existsSync(path.join(ROOT, 'docs', page)))).toEqual([]);
});
