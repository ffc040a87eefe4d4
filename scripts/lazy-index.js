// Lets each name of the compiled front door load its module when it is first used, as aws-cdk-lib does for itself:
// an app pays for the constructs it uses. Run after jsii, on lib/index.js.
const fs = require('fs');
const path = require('path');

const file = path.join(__dirname, '..', 'lib', 'index.js');
const compiled = fs.readFileSync(file, 'utf8');

const modules = new Map([...compiled.matchAll(/^var (\w+) = require\("(\.\/[\w/-]+)"\);$/gm)].map((match) => [match[1], match[2]]));
if (modules.size === 0 && !compiled.includes('const lazy =')) throw new Error(`${file} is not what the compiler used to write`);

// The names stay announced by the compiler's `exports.X = void 0`, where ES modules find them; a getter that does more than
// read a variable would take them out again, so it is defined where that search does not look.
const lazy = compiled
  .replace(/^var \w+ = require\("\.\/[\w/-]+"\);\n/gm, '')
  .replace(/^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.\w+; \} \}\);$/gm,
    (_line, name, variable) => `lazy("${name}", () => require("${modules.get(variable)}").${name});`)
  .replace(/^(Object\.defineProperty\(exports, "__esModule".*)$/m,
    '$1\nconst lazy = (name, get) => Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });');
if (modules.size > 0) fs.writeFileSync(file, lazy);
