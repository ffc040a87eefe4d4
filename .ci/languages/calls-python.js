// The uses of the API in Python, which has no compiler: the file compares each call with the signature of its function.
const { toSnakeCase: snake } = require('codemaker');

const START = `import inspect

import cdk_hipaa

GIVEN = object()


def use(function, *arguments, **options):
    """Fails if the function does not accept these arguments."""
    inspect.signature(function).bind(*arguments, **options)


`;

module.exports = (calls, { typeOf, propertiesOf, requiredOf, variantsOf, optionsOf }) => {
  const lines = [];
  const given = (options) => options.map(({ name }) => `${snake(name)}=GIVEN`);
  // The last parameter is spread into keyword arguments if it is a struct. pacmak renames other parameters that have the
  // name of one of them.
  const use = (callee, parameters, self) => {
    const last = optionsOf(parameters);
    const options = last ? propertiesOf(typeOf(last.type.fqn)) : [];
    const positional = options.length > 0 ? parameters.slice(0, -1) : parameters;
    const call = (first, rest) =>
      `use(${[callee, ...self, ...first.map(() => 'GIVEN'), ...given(rest)].join(', ')})`;
    const required = call(requiredOf(positional), last?.optional ? [] : requiredOf(options));
    lines.push(...new Set([call(positional, options), required]));
  };
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = `cdk_hipaa.${type.name}`;
    for (const member of members) lines.push(`${name}.${member}`);
    if (struct) {
      for (const options of variantsOf(struct)) lines.push(`use(${[name, ...given(options)].join(', ')})`);
      for (const property of struct) lines.push(`${name}.${snake(property.name)}`);
    }
    if (construct) use(name, construct, []);
    for (const method of methods) {
      use(`${name}.${snake(method.name)}`, method.parameters ?? [], method.static ? [] : ['GIVEN']);
    }
    for (const property of properties) lines.push(`${name}.${property.const ? property.name : snake(property.name)}`);
  }
  return `${START}${lines.join('\n')}\n`;
};
