import { isNativeError } from 'node:util/types';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { TestEnvironment } from 'jest-environment-node';

/**
 * The Node.js environment of Jest for the packages that all test files of a worker share (runtime.js).
 *
 * The packages and the tests read the same environment variables, and their errors are of the same class. The metadata
 * of an app contain no stack traces, which would take a tenth of the time.
 */
export default class SharedPackagesEnvironment extends TestEnvironment {
  private readonly variables = { ...process.env };

  public async setup(): Promise<void> {
    await super.setup();
    this.global.process.env = process.env;
    this.global.Error = Error;
    // aws-cdk-lib notes where an app acknowledges a rule. Jest would translate 100 lines of JavaScript each time.
    const format = Error.prepareStackTrace!;
    Error.prepareStackTrace = (error, frames) =>
      isNativeError(error) ? format(error, frames) : frames.map((frame) => `\n    at ${frame}`).join('');
    process.env.CDK_CONTEXT_JSON = JSON.stringify({ [DISABLE_CREATION_STACK_TRACES]: true });
  }

  public async teardown(): Promise<void> {
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    await super.teardown();
  }
}
