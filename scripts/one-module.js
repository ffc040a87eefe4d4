// Moves the compiled lib/**/*.js into one file, which loads faster: Node.js spends more time on finding modules than on
// their code. Each name of lib/index.js still loads only what it needs, at its first use. Run this after jsii.
const fs = require('fs');
const path = require('path');
const { build } = require('esbuild');

const lib = path.join(__dirname, '..', 'lib');
const front = path.join(lib, 'index.js');
// In the folder of package-root.js, which finds the assets.
const all = path.join(lib, 'core', 'modules.js');

/**
 * Requires each module of a peer dependency once. Node.js finds a module again for each `require`, unless this file was
 * the first to load it, and reads the long `exports` of aws-cdk-lib each time.
 */
const requiredOnce = {
  name: 'required-once',
  setup(context) {
    const namespace = 'peer';
    context.onResolve({ filter: /^(aws-cdk-lib|constructs)(\/|$)/, namespace: 'file' }, ({ path: name, kind }) =>
      kind === 'require-resolve' ? { path: name, external: true } : { path: name, namespace });
    context.onResolve({ filter: /./, namespace }, ({ path: name }) => ({ path: name, external: true }));
    context.onLoad({ filter: /./, namespace }, ({ path: name }) =>
      ({ contents: `module.exports = require('${name}');` }));
  },
};

async function main() {
  const compiled = fs.readFileSync(front, 'utf8');
  const modules = new Map(
    [...compiled.matchAll(/^var (\w+) = require\("(\.\/[\w/-]+)"\);$/gm)].map(([, variable, name]) => [variable, name]),
  );
  if (modules.size === 0) throw new Error(`${front} is not the output of the compiler: run \`npx projen compile\``);

  const entries = [...new Set(modules.values())].map((name) => `  '${name}': () => require('${name}'),\n`);
  await build({
    stdin: { contents: `module.exports = {\n${entries.join('')}};\n`, resolveDir: lib },
    outfile: all,
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['cdk-nag', '@aws-sdk/*'],
    plugins: [requiredOnce],
  });

  // For ES modules, Node.js finds the exports in the lines `exports.X = void 0` of the compiler. It would discard a
  // name with a getter that does more than read a variable. The function `lazy` hides the getters from this search.
  fs.writeFileSync(front, compiled
    .replace(/^var \w+ = require\("\.\/[\w/-]+"\);\n/gm, '')
    .replace(
      /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.\w+; \} \}\);$/gm,
      (_line, name, variable) => `lazy("${name}", () => modules["${modules.get(variable)}"]().${name});`,
    )
    .replace(
      /^(Object\.defineProperty\(exports, "__esModule".*)$/m,
      '$1\nconst modules = require("./core/modules.js");\nconst lazy = (name, get) => '
        + 'Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });',
    ));
  for (const name of fs.readdirSync(lib, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(lib, name);
    if (name.endsWith('.js') && file !== front && file !== all) fs.rmSync(file);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
