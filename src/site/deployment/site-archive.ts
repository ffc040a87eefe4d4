import { createHash } from 'crypto';
// esbuild bundles it into the handler, the only module that imports this file.
// eslint-disable-next-line import/no-extraneous-dependencies
import { unzipSync } from 'fflate';
import { MAX_SITE_FILES, MAX_SITE_MEBIBYTES } from './deploy-site-contract';

const MAX_SITE_BYTES = MAX_SITE_MEBIBYTES * 1024 * 1024;
/**
 * The maximum length of an S3 object key, in bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
const MAX_KEY_BYTES = 1024;

/** A file of a site. */
export interface SiteFile {
  /** The path below the root, which is the object key in the bucket: `assets/index-4f2a.js`. */
  readonly key: string;
  readonly content: Uint8Array;
  /** The Base64-encoded SHA-256 checksum of the content, in the format of S3. */
  readonly checksum: string;
}

/**
 * The files of an archive, without directories.
 *
 * Throws if the archive cannot be read, is empty (the function would delete the whole site), exceeds the limits, or
 * contains a name that is not a path below the root.
 */
export function filesOf(archive: Uint8Array): SiteFile[] {
  checkEntries(archive);
  const contents = read(() => unzipSync(archive, { filter: ({ name }) => !isDirectory(name) }));
  return Object.entries(contents).map(([key, content]) => ({
    key,
    content,
    checksum: createHash('sha256').update(content).digest('base64'),
  }));
}

/** Checks the table of contents before the archive is unpacked. */
function checkEntries(archive: Uint8Array): void {
  const names = new Set<string>();
  let bytes = 0;
  read(() => unzipSync(archive, {
    filter: ({ name, originalSize }) => {
      if (isDirectory(name)) return false;
      if (names.has(name)) throw new ArchiveError(`contains ${JSON.stringify(name)} twice`);
      checkName(name);
      names.add(name);
      bytes += originalSize;
      return false;
    },
  }));
  if (names.size === 0) throw new ArchiveError('contains no file, and its deployment would delete the whole site');
  if (names.size > MAX_SITE_FILES) throw new ArchiveError(`contains ${names.size} files, more than ${MAX_SITE_FILES}`);
  if (bytes > MAX_SITE_BYTES) throw new ArchiveError(`contains ${bytes} bytes, more than ${MAX_SITE_BYTES}`);
}

function checkName(name: string): void {
  // The contents are an object with the names as keys, in which `__proto__` would disappear.
  const odd = name === '__proto__' || name.split('/').some((part) => part === '' || part === '.' || part === '..');
  // eslint-disable-next-line no-control-regex
  if (odd || /[\\\u0000-\u001f\u007f]/.test(name) || Buffer.byteLength(name) > MAX_KEY_BYTES) {
    throw new ArchiveError(`contains a file named ${JSON.stringify(name)}, which is not a path below the root of `
      + 'the site');
  }
}

function isDirectory(name: string): boolean {
  return name.endsWith('/');
}

function read<Result>(unzip: () => Result): Result {
  try {
    return unzip();
  } catch (error) {
    throw error instanceof ArchiveError ? error : new ArchiveError(`cannot be read: ${(error as Error).message}`);
  }
}

class ArchiveError extends Error {
  constructor(what: string) {
    super(`the archive of the site ${what}; nothing was changed`);
  }
}
