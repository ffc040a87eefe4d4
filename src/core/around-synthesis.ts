import { Stage, StageSynthesisOptions } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

type Synthesize = (options?: StageSynthesisOptions) => CloudAssembly;

/**
 * Runs code around every synthesis of an app or a stage.
 *
 * The object becomes one of a subclass. For a call from another language, jsii looks for the method in the prototype of
 * the class: a method of the object itself would be an override in that language.
 */
export function aroundSynthesis(scope: Stage, wrap: (synthesize: Synthesize) => Synthesize): void {
  const synth = wrap(scope.synth.bind(scope));
  const Class = scope.constructor as typeof Stage;
  const Subclass = class extends Class {};
  Object.defineProperty(Subclass, 'name', { value: Class.name });
  Object.assign(Subclass.prototype, { synth });
  Object.setPrototypeOf(scope, Subclass.prototype);
}
