import * as path from 'path';
import { build, Plugin } from 'esbuild';
import { ROOT } from '../examples/example';

/** A folder below out/, so that Node.js finds the packages that the sides require. */
const BUILT = path.join(ROOT, 'out', 'bench', 'js');
const EXAMPLE = path.join(ROOT, 'examples', 'mentalhealthaide');

/** Resolves the package to the output of jsii, as in the app of a user, and not to the sources. */
const compiledPackage: Plugin = {
  name: 'compiled-package',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^cdk-hipaa$/ }, () => ({ path: path.join(ROOT, 'lib', 'index.js'), external: true })),
};

/**
 * Compiles one side to a JavaScript file that requires aws-cdk-lib and the package like any app. Returns the path of
 * the file.
 */
export async function buildSide(side: string): Promise<string> {
  const outfile = path.join(BUILT, `${side}.js`);
  await build({
    entryPoints: [path.join(__dirname, 'sides', `${side}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['aws-cdk-lib', 'constructs'],
    plugins: [compiledPackage],
    // Only the stack of the example reads __dirname, for the folder of its image.
    define: { __dirname: JSON.stringify(EXAMPLE) },
    tsconfigRaw: {},
  });
  return outfile;
}
