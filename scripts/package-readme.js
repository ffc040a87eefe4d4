// Prepares the README in .jsii for the packages of other languages. Run this after jsii.
const fs = require('fs');
const path = require('path');

const file = path.join(__dirname, '..', '.jsii');
const assembly = JSON.parse(fs.readFileSync(file, 'utf8'));
const repository = assembly.repository.url.replace(/\.git$/, '');
const commit = assembly.version === '0.0.0' ? 'main' : `v${assembly.version}`;

// jsii-pacmak copies the README to PyPI, to the Go module and to the documentation of the jar and of the NuGet package.
// Relative links lead nowhere there. The links lead to the files of the same version.
assembly.readme.markdown = assembly.readme.markdown
  .replace(/\]\((?!https?:|#|mailto:)([^)\s]+)\)/g, `](${repository}/blob/${commit}/$1)`);
// jsii-pacmak writes the README for Java only if the package has documentation of its own, for example a stability.
assembly.docs ??= {};
fs.writeFileSync(file, JSON.stringify(assembly, undefined, 2));
