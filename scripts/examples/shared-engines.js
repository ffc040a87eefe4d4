const { createRequire } = require('module');

const VALIDATE = '@aws/cloudformation-validate';
/** The memory to reserve: more than the engine and its validations use. Unwritten pages take no memory. */
const RESERVED_BYTES = 384 * 1024 * 1024;

/**
 * Loads CloudFormation Validate and reserves its memory in one step.
 *
 * Each time the memory of a WebAssembly module grows, V8 counts all of it again, and collects garbage. An engine grows
 * its memory in steps of 64 KB. In a process that has run other apps, its creation takes 18 seconds instead of one.
 */
function loadWithMemory(file) {
  const { Instance } = WebAssembly;
  let allocator = {};
  WebAssembly.Instance = class extends Instance {
    constructor(module, imports) {
      super(module, imports);
      allocator = this.exports;
    }
  };
  try {
    const loaded = require(file);
    const { __wbindgen_malloc: allocate, __wbindgen_free: free } = allocator;
    // The allocator keeps a freed block. Another version of the package can export other names.
    if (allocate && free) free(allocate(RESERVED_BYTES, 1), RESERVED_BYTES, 1);
    return loaded;
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/**
 * Replaces CloudFormation Validate with one whose engines all syntheses of the process share, and returns it.
 * aws-cdk-lib creates an engine for each synthesis.
 *
 * @param ownRealm Copies a value of another realm into this one: the package accepts only objects of its own realm.
 */
function shareEngines(ownRealm) {
  const file = createRequire(require.resolve('aws-cdk-lib')).resolve(VALIDATE);
  const real = loadWithMemory(file);
  /** The engines by configuration. */
  const engines = new Map();
  function CompositeEngine(config) {
    const key = JSON.stringify(config);
    const engine = engines.get(key) ?? new real.CompositeEngine(ownRealm(config));
    engines.set(key, engine);
    return Object.create(engine, {
      validateTemplate: { value: (template, options) => engine.validateTemplate(template, ownRealm(options)) },
      // aws-cdk-lib frees its engine at the end of a synthesis.
      free: { value: () => undefined },
    });
  }
  const shared = { ...real, CompositeEngine };
  require.cache[file].exports = shared;
  return shared;
}

module.exports = { VALIDATE, shareEngines };
