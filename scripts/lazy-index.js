// Changes the compiled lib/index.js so that each name loads its module at its first use, as in aws-cdk-lib: an app
// loads only the constructs that it uses. Run this after jsii.
const fs = require('fs');
const path = require('path');

const file = path.join(__dirname, '..', 'lib', 'index.js');
const compiled = fs.readFileSync(file, 'utf8');

const modules = new Map(
  [...compiled.matchAll(/^var (\w+) = require\("(\.\/[\w/-]+)"\);$/gm)].map((match) => [match[1], match[2]]),
);
if (modules.size === 0 && !compiled.includes('const lazy =')) {
  throw new Error(`${file} does not have the expected output of the compiler`);
}

// For ES modules, Node.js finds the exports in the lines `exports.X = void 0` of the compiler. It would discard a name
// with a getter that does more than read a variable. The function `lazy` hides the getters from this search.
const lazy = compiled
  .replace(/^var \w+ = require\("\.\/[\w/-]+"\);\n/gm, '')
  .replace(/^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.\w+; \} \}\);$/gm,
    (_line, name, variable) => `lazy("${name}", () => require("${modules.get(variable)}").${name});`)
  .replace(/^(Object\.defineProperty\(exports, "__esModule".*)$/m,
    '$1\nconst lazy = (name, get) => '
      + 'Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });');
if (modules.size > 0) fs.writeFileSync(file, lazy);
