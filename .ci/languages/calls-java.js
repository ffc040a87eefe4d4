// The uses of the API in Java. The compiler checks the file.
const capital = (name) => name[0].toUpperCase() + name.slice(1);

module.exports = (calls, { typeOf, homeOf, propertiesOf, requiredOf, variantsOf, optionsOf }) => {
  const java = (type, isResult = false) => {
    if (type.collection) {
      const element = java(type.collection.elementtype, isResult);
      const open = type.collection.elementtype.fqn && !isResult ? `? extends ${element}` : element;
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
  const setters = (given, options) => options
    .map(({ name }) => `.${name}(${given}.get${capital(name)}())`).join('');
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = `io.github.cdkhipaa.${type.name}`;
    for (const member of members) define([], `Object value = ${name}.${member}`);
    for (const options of struct ? variantsOf(struct) : []) {
      define([`${name} given`], `${name} value = ${name}.builder()${setters('given', options)}.build()`);
    }
    // A builder checks for required options only at run time. A class that implements the interface needs their getters.
    if (struct) {
      const getters = requiredOf(struct).map((property) =>
        `public ${java(property.type, true)} get${capital(property.name)}() { return null; }`);
      define([], `${name} value = new ${name}() { ${getters.join(' ')} }`);
    }
    for (const parameters of construct ? variantsOf(construct) : []) {
      define(typed(parameters), `new ${name}(${names(parameters)})`);
    }
    // The documented form.
    const props = construct && optionsOf(construct);
    for (const options of props ? variantsOf(propertiesOf(typeOf(props.type.fqn))) : []) {
      define(typed(construct), `${name} value = ${name}.Builder.create(${names(construct.slice(0, -1))})`
        + `${setters(props.name, options)}.build()`);
    }
    for (const method of methods) {
      const self = method.static ? [] : [`${name} instance`];
      for (const parameters of variantsOf(method.parameters ?? [])) {
        define([...self, ...typed(parameters)],
          `${method.static ? name : 'instance'}.${method.name}(${names(parameters)})`);
      }
    }
    for (const property of properties) {
      if (property.const) define([], `Object value = ${name}.${property.name}`);
      else if (property.static) define([], `Object value = ${name}.get${capital(property.name)}()`);
      else define([`${name} instance`], `Object value = instance.get${capital(property.name)}()`);
    }
  }
  return ['package com.karematch;', '', 'final class ApiCalls {', ...lines.slice(1), '}', ''].join('\n');
};
