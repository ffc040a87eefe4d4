import { createRequire } from 'module';
import { TestEnvironment } from 'jest-environment-node';

const PACKAGE = '@aws/cloudformation-validate';

/** The engines of CloudFormation Validate, by configuration. One takes two seconds to create. */
const engines = new Map<string, object>();

/** The package of CloudFormation Validate, outside the sandbox of a test file, with engines that all files share. */
function sharedPackage(): object {
  const real = createRequire(require.resolve('aws-cdk-lib'))(PACKAGE);
  function CompositeEngine(config: object): object {
    const key = JSON.stringify(config);
    if (!engines.has(key)) engines.set(key, new real.CompositeEngine(config));
    // aws-cdk-lib frees its engine at the end of a synthesis.
    return Object.create(engines.get(key)!, { free: { value: () => undefined } });
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
