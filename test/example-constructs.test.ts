import * as fs from 'fs';
import * as path from 'path';
import { Construct } from 'constructs';
import { ROOT } from '../scripts/examples/example';
import * as library from '../src';

const EXAMPLES = path.join(ROOT, 'examples');

/** The public constructs of the library. */
const CONSTRUCTS = Object.entries(library)
  .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Construct)
  .map(([name]) => name);

/** The text of each app of an example, without the programs in its images. */
const APPS = fs.readdirSync(EXAMPLES).flatMap((name) => {
  const folder = path.join(EXAMPLES, name);
  const files = fs.statSync(folder).isDirectory() ? fs.readdirSync(folder) : [];
  return files.filter((file) => file.endsWith('.ts')).map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
});

/** The constructs that none of these texts creates. */
const unusedIn = (texts: string[], constructs = CONSTRUCTS) =>
  constructs.filter((name) => !texts.some((text) => new RegExp(`\\bnew ${name}\\(`).test(text)));

test('the examples use every public construct', () => {
  expect(CONSTRUCTS).toEqual(expect.arrayContaining(['HipaaVpc', 'JobQueue', 'WorkloadMonitoring']));
  expect(unusedIn(APPS)).toEqual([]);
});

test('a construct that no example creates is reported, also if an example imports it', () => {
  expect(unusedIn(['import { SiteMap } from \'cdk-hipaa\';\nnew SiteMapper(this);'], ['SiteMap'])).toEqual(['SiteMap']);
  expect(unusedIn(APPS.filter((text) => !text.includes('new SshBastion(')))).toContain('SshBastion');
});
