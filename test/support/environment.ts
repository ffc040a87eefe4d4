import { createRequire } from 'module';
import { TestEnvironment } from 'jest-environment-node';

const PACKAGE = '@aws/cloudformation-validate';

interface Engine {
  validateTemplate(template: object, options: object): object;
}

/** The engines of CloudFormation Validate, by configuration. One takes two seconds to create. */
const engines = new Map<string, Engine>();

/** The package accepts only objects of its own realm, and each test file has another one. */
const ofThisRealm = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** The package of CloudFormation Validate, outside the sandbox of a test file, with engines that all files share. */
function sharedPackage(): object {
  const real = createRequire(require.resolve('aws-cdk-lib'))(PACKAGE);
  function CompositeEngine(config: object): object {
    const key = JSON.stringify(config);
    const engine: Engine = engines.get(key) ?? new real.CompositeEngine(ofThisRealm(config));
    engines.set(key, engine);
    return Object.create(engine, {
      validateTemplate: {
        value: (template: object, options: object) => engine.validateTemplate(template, ofThisRealm(options)),
      },
      // aws-cdk-lib frees its engine at the end of a synthesis.
      free: { value: () => undefined },
    });
  }
  return { ...real, CompositeEngine };
}

/** The Node.js environment of Jest with the shared package, which shared-validate.js returns to the tests. */
export default class SharedEngineEnvironment extends TestEnvironment {
  public async setup(): Promise<void> {
    await super.setup();
    Object.defineProperty(this.global, 'cloudFormationValidate', { get: sharedPackage });
  }
}
