import * as path from 'path';
import { build, Plugin } from 'esbuild';
import { ROOT } from '../examples/example';

/** Below out/, so that Node finds the packages that the sides require. */
const BUILT = path.join(ROOT, 'out', 'bench', 'js');
const EXAMPLE = path.join(ROOT, 'examples', 'mentalhealthaide');

/** The package as users get it: what jsii has compiled, not the sources. */
const compiledPackage: Plugin = {
  name: 'compiled-package',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^cdk-hipaa$/ }, () => ({ path: path.join(ROOT, 'lib', 'index.js'), external: true })),
};

/**
 * Compiles one side to a file of plain JavaScript that requires aws-cdk-lib and the package as any app does, and gives
 * its name.
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
    // The only file that asks where it stands is the example's stack, for the folder of its image.
    define: { __dirname: JSON.stringify(EXAMPLE) },
    tsconfigRaw: {},
  });
  return outfile;
}
