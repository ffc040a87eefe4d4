// The uses of the API in Go. The compiler and `go vet` check the file. The compiler requires no option, so a test reads
// from the tags of the fields which ones the library requires.
const capital = (name) => name[0].toUpperCase() + name.slice(1);

const TEST = `
func TestRequiredOptions(t *testing.T) {
	for _, each := range options {
		var required []string
		kind := reflect.TypeOf(each.options)
		for _, field := range reflect.VisibleFields(kind) {
			if field.Tag.Get("field") == "required" {
				required = append(required, field.Name)
			}
		}
		slices.Sort(required)
		if !slices.Equal(required, each.required) {
			t.Errorf("%s requires %v, not %v", kind, required, each.required)
		}
	}
}`.slice(1);

module.exports = (calls, { typeOf, isStruct, homeOf, requiredOf, variantsOf }) => {
  const imports = new Map([['cdkhipaa', 'github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa']]);
  for (const name of ['reflect', 'slices', 'testing']) imports.set(name, name);
  const options = [];
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
  // A caller passes nil for an optional parameter.
  const use = (callee, all, self = []) => {
    for (const given of variantsOf(all)) {
      const typed = given.map(({ type, variadic }, index) => `p${index} ${variadic ? '...' : ''}${go(type)}`);
      const values = all.map(({ variadic }, index) =>
        index < given.length ? `p${index}${variadic ? '...' : ''}` : variadic ? [] : 'nil').flat();
      define([...self, ...typed], `${callee}(${values.join(', ')})`);
    }
  };
  for (const { type, struct, members, construct, methods, properties } of calls) {
    const name = `cdkhipaa.${type.name}`;
    for (const member of members) define([], `_ = ${name}_${member}`);
    if (struct) {
      const fields = struct.map((property) => `${capital(property.name)}: given.${capital(property.name)}`);
      define([`given *${name}`], `_ = &${name}{${fields.join(', ')}}`);
      const required = requiredOf(struct).map((property) => `"${capital(property.name)}"`).sort();
      options.push(`\t{${name}{}, []string{${required.join(', ')}}},`);
    }
    if (construct) use(`cdkhipaa.New${type.name}`, construct);
    for (const method of methods) {
      const parameters = method.parameters ?? [];
      if (method.static) use(`${name}_${capital(method.name)}`, parameters);
      else use(`instance.${capital(method.name)}`, parameters, [`instance ${name}`]);
    }
    for (const property of properties) {
      if (property.static) define([], `${name}_${capital(property.name)}()`);
      else define([`instance ${name}`], `_ = instance.${capital(property.name)}()`);
    }
  }
  const used = [...imports].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, from]) => `\t${name} "${from}"`);
  const table = ['', 'var options = []struct {', '\toptions  interface{}', '\trequired []string', '}{', ...options, '}',
    ''];
  return ['package main', '', 'import (', ...used, ')', ...lines, ...table, TEST, ''].join('\n');
};
