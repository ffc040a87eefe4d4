import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import type { AssetStaging } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { at, TemplateResource } from './template';
import { jsiiNames } from '../core/describe-value';

/** The folders of aws-cdk-lib with the code of its functions. */
const FOLDERS = [
  'custom-resource-handlers/dist', 'core/lib/dist', 'custom-resources/lib/provider-framework/runtime',
];
/** The file that aws-cdk-lib adds to the code of its custom resources. */
const ENTRY_POINT = 'core/nodejs-entrypoint-handler';

/** The files of the functions of aws-cdk-lib. */
interface KnownFiles {
  /** The names of the functions that contain a file, by the hash of the file. */
  readonly names: Map<string, string[]>;
  /** The sizes of the files in bytes. A file of another size is not read. */
  readonly sizes: Set<number>;
}

let knownFiles: KnownFiles | undefined;

/** Whether a construct, or one of its parents, is of a class of aws-cdk-lib: `aws_ec2.BastionHostLinux`. */
export function isInside(construct: IConstruct | undefined, ...classes: string[]): boolean {
  return (construct?.node.scopes ?? []).some((scope) =>
    jsiiNames(scope).some((name) => classes.includes(name.replace('aws-cdk-lib.', ''))));
}

/**
 * Returns the name of the function of aws-cdk-lib whose code a function runs: `aws-s3/auto-delete-objects-handler`.
 *
 * Only the code tells such a function from one of the app, whose construct can have any ID.
 */
export function cdkFunctionOf({ type, properties, construct }: TemplateResource): string | undefined {
  if (type !== 'AWS::Lambda::Function' || construct === undefined) return undefined;
  const inline = at(properties, 'Code', 'ZipFile');
  if (inline !== undefined) return commonName([Buffer.from(String(inline))]);
  const key = JSON.stringify(at(properties, 'Code')) ?? '';
  const asset = assetsBeside(construct).find(({ assetHash }) => key.includes(assetHash));
  const files = asset ? filesIn(asset.absoluteStagedPath) : [];
  return files.every((file) => known().sizes.has(fs.statSync(file).size))
    ? commonName(files.map((file) => fs.readFileSync(file)))
    : undefined;
}

/** The name of the function of aws-cdk-lib that contains all files. */
function commonName(files: Buffer[]): string | undefined {
  const { names } = known();
  const found = files.map((file) => names.get(hashOf(file)) ?? []).filter((each) => !each.includes(ENTRY_POINT));
  return found[0]?.find((name) => found.every((each) => each.includes(name)));
}

/** The files of the code of a function. aws-cdk-lib stages them in a construct beside the resource, or below it. */
function assetsBeside(construct: IConstruct): AssetStaging[] {
  return (construct.node.scope?.node.findAll() ?? [])
    .filter((each) => jsiiNames(each).includes('aws-cdk-lib.AssetStaging')) as AssetStaging[];
}

function known(): KnownFiles {
  if (knownFiles) return knownFiles;
  const names = new Map<string, string[]>();
  const sizes = new Set<number>();
  const home = cdkFolder();
  for (const root of home === undefined ? [] : FOLDERS.map((folder) => path.join(home, folder))) {
    for (const file of filesIn(root).filter((each) => !/\.generated\.|\.d\.ts$/.test(each))) {
      const name = path.relative(root, path.dirname(file)).split(path.sep).slice(0, 2).join('/');
      const text = fs.readFileSync(file, 'utf8');
      // aws-cdk-lib removes the comments of inline code in Python.
      for (const bytes of [text, text.replace(/^ *#.*\n?/gm, '')].map((each) => Buffer.from(each))) {
        const hash = hashOf(bytes);
        names.set(hash, [...names.get(hash) ?? [], name || 'provider-framework']);
        sizes.add(bytes.length);
      }
    }
  }
  knownFiles = { names, sizes };
  return knownFiles;
}

/** The folder of the aws-cdk-lib that the app uses, or undefined if it is part of a bundle. */
function cdkFolder(): string | undefined {
  try {
    return path.dirname(require.resolve('aws-cdk-lib/package.json'));
  } catch {
    return undefined;
  }
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function filesIn(folder: string): string[] {
  if (!fs.existsSync(folder) || !fs.statSync(folder).isDirectory()) return [];
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
