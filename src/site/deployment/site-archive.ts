import { createHash } from 'crypto';
// Bundled into the handler, which alone imports this file.
// eslint-disable-next-line import/no-extraneous-dependencies
import { unzipSync } from 'fflate';
import { MAX_SITE_FILES, MAX_SITE_MEBIBYTES } from './deploy-site-contract';

const MAX_SITE_BYTES = MAX_SITE_MEBIBYTES * 1024 * 1024;
/** How long the key of an object of S3 may be, in bytes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/** A file of a site. */
export interface SiteFile {
  /** Its name below the root, which is its key in the bucket: `assets/index-4f2a.js`. */
  readonly key: string;
  readonly content: Uint8Array;
  /** The SHA-256 of the content in base 64, as S3 keeps it. */
  readonly checksum: string;
}

/**
 * The files of an archive. Directories are left out.
 *
 * Refused as a whole: an archive that cannot be read, holds no file (all of the site would be removed), holds more than there is memory
 * for, or holds a name that does not say one place below the root.
 */
export function filesOf(archive: Uint8Array): SiteFile[] {
  checkEntries(archive);
  const contents = read(() => unzipSync(archive, { filter: ({ name }) => !isDirectory(name) }));
  return Object.entries(contents).map(([key, content]) => ({ key, content, checksum: createHash('sha256').update(content).digest('base64') }));
}

/** Looks at the table of contents alone, before anything is unpacked. */
function checkEntries(archive: Uint8Array): void {
  const names = new Set<string>();
  let bytes = 0;
  read(() => unzipSync(archive, {
    filter: ({ name, originalSize }) => {
      if (isDirectory(name)) return false;
      if (names.has(name)) throw new ArchiveError(`holds ${JSON.stringify(name)} twice`);
      checkName(name);
      names.add(name);
      bytes += originalSize;
      return false;
    },
  }));
  if (names.size === 0) throw new ArchiveError('holds no file, and deploying it would remove the whole site');
  if (names.size > MAX_SITE_FILES) throw new ArchiveError(`holds ${names.size} files, more than ${MAX_SITE_FILES}`);
  if (bytes > MAX_SITE_BYTES) throw new ArchiveError(`holds ${bytes} bytes, more than ${MAX_SITE_BYTES}`);
}

function checkName(name: string): void {
  // `__proto__` would vanish among the contents, which are kept in an object by their names.
  const odd = name === '__proto__' || name.split('/').some((part) => part === '' || part === '.' || part === '..');
  // eslint-disable-next-line no-control-regex
  if (odd || /[\\\u0000-\u001f\u007f]/.test(name) || Buffer.byteLength(name) > MAX_KEY_BYTES) {
    throw new ArchiveError(`holds a file named ${JSON.stringify(name)}, which is not a path below the root of the site`);
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
