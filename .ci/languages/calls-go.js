// The uses of the API in Go. The compiler and `go vet` check the file.
const capital = (name) => name[0].toUpperCase() + name.slice(1);

module.exports = (calls, { typeOf, isStruct, homeOf }) => {
  const imports = new Map([['cdkhipaa', 'github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa']]);
  const go = (type) => {
    if (type.collection) {
      const element = go(type.collection.elementtype);
      return type.collection.kind === 'array' ? `*[]${element}` : `*map[string]${element}`;
    }
    if (type.primitive) {
      if (type.primitive === 'date') imports.set('time', 'time');
      return { string: '*string', number: '*float64', boolean: '*bool', date: '*time.Time' }[type.primitive]
        ?? 'interface{}';
    }
    const { name, module, version, own, targets: { go: target } } = homeOf(type.fqn);
    const major = Number(version.split('.')[0]);
    const root = target.packageName ?? type.fqn.split('.')[0].replace(/\W/g, '');
    const folders = module.split('.').map((part) => part.replace(/_/g, ''));
    const used = own?.go?.packageName ?? (folders.at(-1) || root);
    const from = `${target.moduleName}/${root}${major > 1 ? `/v${major}` : ''}`;
    imports.set(used, module ? [from, ...folders.slice(0, -1), used].join('/') : from);
    return `${isStruct(typeOf(type.fqn)) ? '*' : ''}${used}.${name}`;
  };
  let count = 0;
  const lines = [];
  const define = (parameters, statement) => lines.push(
    '', `func use${(count += 1)}(${parameters.join(', ')}) {`, `\t${statement}`, '}');
  const typed = (parameters) => parameters.map(({ type, variadic }, index) =>
    `p${index} ${variadic ? '...' : ''}${go(type)}`);
  const names = (parameters) => parameters.map(({ variadic }, index) => `p${index}${variadic ? '...' : ''}`).join(', ');
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = `cdkhipaa.${type.name}`;
    for (const member of members) define([], `_ = ${name}_${member}`);
    if (struct) {
      const fields = struct.map((property) => `${capital(property.name)}: given.${capital(property.name)}`);
      define([`given *${name}`], `_ = &${name}{${fields.join(', ')}}`);
    }
    if (construct) define(typed(construct), `cdkhipaa.New${type.name}(${names(construct)})`);
    for (const method of methods) {
      const parameters = method.parameters ?? [];
      if (method.static) define(typed(parameters), `${name}_${capital(method.name)}(${names(parameters)})`);
      else define([`instance ${name}`, ...typed(parameters)], `instance.${capital(method.name)}(${names(parameters)})`);
    }
    for (const property of properties) {
      if (property.static) define([], `${name}_${capital(property.name)}()`);
      else define([`instance ${name}`], `_ = instance.${capital(property.name)}()`);
    }
  }
  const used = [...imports].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, from]) => `\t${name} "${from}"`);
  return ['package main', '', 'import (', ...used, ')', ...lines, ''].join('\n');
};
