// The uses of the API in Java. The compiler checks the file.
const capital = (name) => name[0].toUpperCase() + name.slice(1);

module.exports = (calls, { homeOf }) => {
  const java = (type) => {
    if (type.collection) {
      const element = java(type.collection.elementtype);
      const open = type.collection.elementtype.fqn ? `? extends ${element}` : element;
      return type.collection.kind === 'array' ? `java.util.List<${open}>` : `java.util.Map<String, ${open}>`;
    }
    if (type.primitive) {
      return { string: 'String', number: 'Number', boolean: 'Boolean', date: 'java.time.Instant' }[type.primitive]
        ?? 'Object';
    }
    const { name, targets, own } = homeOf(type.fqn);
    return `${own?.java?.package ?? targets.java.package}.${name}`;
  };
  let count = 0;
  const lines = [];
  const define = (parameters, statement) => lines.push(
    '', `  static void use${(count += 1)}(${parameters.join(', ')}) {`, `    ${statement};`, '  }');
  const typed = (parameters) => parameters.map(({ name, type, variadic }) =>
    `${java(type)}${variadic ? '[]' : ''} ${name}`);
  const names = (parameters) => parameters.map(({ name }) => name).join(', ');
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = `io.github.cdkhipaa.${type.name}`;
    for (const member of members) define([], `Object value = ${name}.${member}`);
    if (struct) {
      const setters = struct.map((property) => `.${property.name}(given.get${capital(property.name)}())`);
      define([`${name} given`], `${name} value = ${name}.builder()${setters.join('')}.build()`);
    }
    if (construct) define(typed(construct), `new ${name}(${names(construct)})`);
    for (const method of methods) {
      const parameters = method.parameters ?? [];
      const self = method.static ? [] : [`${name} instance`];
      define([...self, ...typed(parameters)],
        `${method.static ? name : 'instance'}.${method.name}(${names(parameters)})`);
    }
    for (const property of properties) {
      if (property.const) define([], `Object value = ${name}.${property.name}`);
      else if (property.static) define([], `Object value = ${name}.get${capital(property.name)}()`);
      else define([`${name} instance`], `Object value = instance.get${capital(property.name)}()`);
    }
  }
  return ['package com.karematch;', '', 'final class ApiCalls {', ...lines.slice(1), '}', ''].join('\n');
};
