// Makes the relative links of the README in .jsii absolute: jsii-pacmak copies this README to PyPI and to the Go module,
// where relative links lead nowhere. The links lead to the files of the same version. Run this after jsii.
const fs = require('fs');
const path = require('path');

const file = path.join(__dirname, '..', '.jsii');
const assembly = JSON.parse(fs.readFileSync(file, 'utf8'));
const repository = assembly.repository.url.replace(/\.git$/, '');
const commit = assembly.version === '0.0.0' ? 'main' : `v${assembly.version}`;

assembly.readme.markdown = assembly.readme.markdown
  .replace(/\]\((?!https?:|#|mailto:)([^)\s]+)\)/g, `](${repository}/blob/${commit}/$1)`);
fs.writeFileSync(file, JSON.stringify(assembly, undefined, 2));
