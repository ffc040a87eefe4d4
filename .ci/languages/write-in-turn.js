// Makes jsii-pacmak write one file after the other. Otherwise, it opens all files of a package at once: with 32,000
// files, it then tries half a minute to open more files than a process may.
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const { CodeMaker } = createRequire(require.resolve('jsii-pacmak'))('codemaker');

CodeMaker.prototype.save = async function save(folder) {
  return this.files.filter(({ filePath }) => !this.excludes.includes(filePath)).map(({ filePath, buffer }) => {
    const file = path.join(folder, filePath);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, buffer);
    return file;
  }).sort();
};
