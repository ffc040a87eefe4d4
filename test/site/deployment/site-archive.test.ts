import { createHash } from 'crypto';
import { strToU8, Zippable, zipSync } from 'fflate';
import { MAX_SITE_FILES, MAX_SITE_MEBIBYTES } from '../../../src/site/deployment/deploy-site-contract';
import { filesOf } from '../../../src/site/deployment/site-archive';

const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)])));
const keysOf = (files: Record<string, string>) => filesOf(zip(files)).map(({ key }) => key);
const message = (what: string) => `the archive of the site ${what}; nothing was changed`;

test('a file has its path below the root, its content, and the checksum that S3 stores', () => {
  const [file] = filesOf(zip({ 'assets/app.js': 'one' }));
  expect(file).toEqual({
    key: 'assets/app.js',
    content: expect.anything(),
    checksum: createHash('sha256').update('one').digest('base64'),
  });
  expect(Buffer.from(file.content).toString()).toBe('one');
});

test.each([0, 9] as const)('an archive with compression level %s is read', (level) => {
  const content = 'text '.repeat(1_000);
  const [file] = filesOf(zipSync({ 'a.txt': strToU8(content) } satisfies Zippable, { level }));
  expect(Buffer.from(file.content).toString()).toBe(content);
});

test('directories are ignored', () =>
  expect(keysOf({ 'assets/': '', 'assets/app.js': 'one' })).toEqual(['assets/app.js']));

test('hidden files, empty files and names with any characters are kept', () => {
  const names = ['.well-known/security.txt', 'empty.txt', 'Über uns.html', 'a..b.js', '患者.html', 'constructor'];
  expect(keysOf(Object.fromEntries(names.map((name) => [name, '']))).sort()).toEqual(names.sort());
});

test.each([
  '../index.html',
  'assets/../../index.html',
  '..',
  './index.html',
  '/etc/passwd',
  'assets//app.js',
  'C:\\site\\index.html',
  'new\nline.html',
  'x'.repeat(1_025),
])('the name %j is refused', (name) => {
  expect(() => keysOf({ 'index.html': 'page', [name]: 'evil' })).toThrow(
    message(`contains a file named ${JSON.stringify(name)}, which is not a path below the root of the site`),
  );
});

/** An archive in which a name is replaced with another name of the same length. */
function renamed(files: Record<string, string>, from: string, to: string): Buffer {
  const archive = Buffer.from(zip(files));
  for (let at = archive.indexOf(from); at >= 0; at = archive.indexOf(from)) archive.write(to, at);
  return archive;
}

test('a duplicate name is refused', () => {
  expect(() => filesOf(renamed({ 'a.txt': 'one', 'b.txt': 'two' }, 'b.txt', 'a.txt'))).toThrow(
    message('contains "a.txt" twice'),
  );
});

test('a name that JavaScript reserves is refused', () => {
  expect(() => filesOf(renamed({ 'index.html': 'page', '--proto--': 'evil' }, '--proto--', '__proto__')))
    .toThrow(message('contains a file named "__proto__", which is not a path below the root of the site'));
});

test.each([['nothing', {}], ['directories', { 'assets/': '' }]])('an archive of only %s is refused', (_, files) => {
  expect(() => keysOf(files)).toThrow(message('contains no file, and its deployment would delete the whole site'));
});

test('too many files are refused', () => {
  const files = Object.fromEntries(Array.from({ length: MAX_SITE_FILES + 1 }, (_, index) => [`${index}.txt`, '']));
  expect(() => keysOf(files)).toThrow(message(`contains ${MAX_SITE_FILES + 1} files, more than ${MAX_SITE_FILES}`));
});

test('content that is too large is refused before it is decompressed', () => {
  const archive = Buffer.from(zip({ 'a.txt': 'one', 'b.txt': 'two' }));
  // The central directory contains the size of the second file 24 bytes into its entry.
  archive.writeUInt32LE(
    MAX_SITE_MEBIBYTES * 1024 * 1024,
    archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 24,
  );
  expect(() => filesOf(archive)).toThrow(message(`contains ${MAX_SITE_MEBIBYTES * 1024 * 1024 + 3} bytes, more than `
    + `${MAX_SITE_MEBIBYTES * 1024 * 1024}`));
});

test.each([
  ['text', () => Buffer.from('nothing of the kind'.repeat(9))],
  ['a truncated archive', () => Buffer.from(zip({ 'a.txt': 'one' })).subarray(0, 40)],
])('%s is refused', (_, archive) => {
  expect(() => filesOf(archive())).toThrow(message('cannot be read: invalid zip data'));
});

test('damaged content is refused', () => {
  const archive = Buffer.from(zip({ 'a.txt': 'text '.repeat(1_000) }));
  archive.fill(0xff, 36, 60);
  expect(() => filesOf(archive)).toThrow('the archive of the site cannot be read: ');
});
