// Prints the names of the types in C# of aws-cdk-lib and constructs, one on each line.
const path = require('path');
const { loadAssemblyFromPath } = require('@jsii/spec');

for (const name of ['aws-cdk-lib', 'constructs']) {
  const folder = path.join(__dirname, '..', '..', 'node_modules', name);
  const { types } = loadAssemblyFromPath(folder, false, ['intersection-types', 'class-covariant-overrides']);
  for (const type of Object.values(types)) {
    console.log(type.datatype ? `${type.name}\nI${type.name}` : type.name);
  }
}
