// Generates a source file that uses every public constructor, factory, method, property and option of the package. The
// file compiles only if all of them are usable in the language, with all parameters and options, and with only the
// required ones: api-calls.js python|java|go|csharp FILE
const fs = require('fs');
const path = require('path');
const { loadAssemblyFromPath } = require('@jsii/spec');

const ROOT = path.join(__dirname, '..', '..');
const LANGUAGES = { python: './calls-python', java: './calls-java', go: './calls-go', csharp: './calls-csharp' };
const [language, file] = process.argv.slice(2);

const FEATURES = ['intersection-types', 'class-covariant-overrides'];
const load = (folder) => loadAssemblyFromPath(folder, false, FEATURES);
const ours = load(ROOT);
const assemblies = new Map([[ours.name, ours]]);
for (const name of ['aws-cdk-lib', 'constructs', 'cdk-nag']) {
  assemblies.set(name, load(path.join(ROOT, 'node_modules', name)));
}
const typeOf = (fqn) => assemblies.get(fqn.split('.')[0]).types[fqn];
const isStruct = (type) => Boolean(type && type.kind === 'interface' && type.datatype);

/** The names of the package and of the module in which a language declares a type. */
function homeOf(fqn) {
  const [assembly, ...rest] = fqn.split('.');
  const module = rest.length > 1 ? `${assembly}.${rest.slice(0, -1).join('.')}` : undefined;
  const spec = assemblies.get(assembly);
  return {
    name: rest.at(-1),
    module: rest.slice(0, -1).join('.'),
    version: spec.version,
    targets: spec.targets,
    own: module ? spec.submodules?.[module]?.targets : undefined,
  };
}

/** The properties of a struct or class and of its bases, each once. */
function propertiesOf(type) {
  const inherited = [...(type.interfaces ?? []), ...(type.base ? [type.base] : [])]
    .filter((fqn) => fqn.startsWith(`${ours.name}.`) || isStruct(type))
    .flatMap((fqn) => propertiesOf(typeOf(fqn)));
  const all = [...(type.properties ?? []), ...inherited].filter((property) => !property.protected);
  return [...new Map(all.map((property) => [property.name, property])).values()];
}

/** The parameters or options that a user must pass. Optional parameters are the last ones. */
const requiredOf = (all) => all.filter((each) => !each.optional && !each.variadic);

/** All parameters or options, and a second list of only the required ones if some are optional. */
function variantsOf(all) {
  const required = requiredOf(all);
  return required.length < all.length ? [all, required] : [all];
}

/** The parameter whose properties are the options of a call. */
function optionsOf(parameters) {
  const last = parameters.at(-1);
  return last && !last.variadic && last.type.fqn && isStruct(typeOf(last.type.fqn)) ? last : undefined;
}

/** Everything that a user can call, in the order of the API. */
const calls = Object.values(ours.types).sort((a, b) => (a.fqn < b.fqn ? -1 : 1)).map((type) => ({
  type,
  struct: isStruct(type) ? propertiesOf(type) : undefined,
  members: type.kind === 'enum' ? type.members.map((member) => member.name) : [],
  construct: type.kind === 'class' && type.initializer && !type.abstract && !type.initializer.protected
    ? type.initializer.parameters ?? [] : undefined,
  methods: (type.methods ?? []).filter((method) => !method.protected),
  properties: isStruct(type) ? [] : (type.properties ?? []).filter((property) => !property.protected),
}));

const render = require(LANGUAGES[language]);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, render(calls, {
  typeOf, isStruct, homeOf, propertiesOf, requiredOf, variantsOf, optionsOf,
}));
const count = (pick) => calls.reduce((sum, call) => sum + pick(call), 0);
console.log(`${language}: ${count((call) => (call.construct ? 1 : 0))} constructors, `
  + `${count((call) => call.methods.filter((method) => method.static).length)} factories, `
  + `${count((call) => call.methods.filter((method) => !method.static).length)} methods, `
  + `${count((call) => call.properties.length)} properties, ${count((call) => (call.struct ? 1 : 0))} options`);
