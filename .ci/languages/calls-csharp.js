// The uses of the API in C#. The compiler checks the file. Without the .NET SDK, check_csharp.py does.
const capital = (name) => name[0].toUpperCase() + name.slice(1);

module.exports = (calls, { typeOf, isStruct, homeOf, variantsOf }) => {
  const declared = (fqn, isValue) => {
    const { name, targets, own } = homeOf(fqn);
    const isInterface = isStruct(typeOf(fqn)) && !isValue;
    return `${own?.dotnet?.namespace ?? targets.dotnet.namespace}.${isInterface ? 'I' : ''}${name}`;
  };
  const csharp = (type) => {
    if (type.collection) {
      const element = csharp(type.collection.elementtype);
      return type.collection.kind === 'array'
        ? `${element}[]` : `System.Collections.Generic.IDictionary<string, ${element}>`;
    }
    if (type.primitive) {
      return { string: 'string', number: 'double', boolean: 'bool', date: 'System.DateTime' }[type.primitive]
        ?? 'object';
    }
    return type.fqn ? declared(type.fqn) : 'object';
  };
  let count = 0;
  const lines = [];
  const define = (parameters, statement) => lines.push(
    `    internal static void Use${(count += 1)}(${parameters.join(', ')}) { ${statement}; }`);
  const nameOf = (name) => `@${name}`;
  const typed = (parameters) => parameters.map(({ name, type, variadic }) =>
    `${csharp(type)}${variadic ? '[]' : ''} ${nameOf(name)}`);
  const names = (parameters) => parameters.map(({ name }) => nameOf(name)).join(', ');
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = declared(type.fqn, true);
    for (const member of members) define([], `object value = ${name}.${member}`);
    for (const options of struct ? variantsOf(struct) : []) {
      const set = options.map((property) => `${capital(property.name)} = given.${capital(property.name)}`);
      define([`${declared(type.fqn)} given`], `object value = new ${name} { ${set.join(', ')} }`);
    }
    for (const parameters of construct ? variantsOf(construct) : []) {
      define(typed(parameters), `object value = new ${name}(${names(parameters)})`);
    }
    for (const method of methods) {
      for (const parameters of variantsOf(method.parameters ?? [])) {
        define([...method.static ? [] : [`${name} instance`], ...typed(parameters)],
          `${method.static ? name : 'instance'}.${capital(method.name)}(${names(parameters)})`);
      }
    }
    for (const property of properties) {
      const member = property.const ? property.name : capital(property.name);
      define(property.static ? [] : [`${name} instance`],
        `object? value = ${property.static ? name : 'instance'}.${member}`);
    }
  }
  return ['#nullable enable annotations', 'namespace KareMatch', '{', '  internal static class ApiCalls', '  {',
    ...lines, '  }', '}', ''].join('\n');
};
