import { Stage, StageSynthesisOptions } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

type Synthesize = (options?: StageSynthesisOptions) => CloudAssembly;

/**
 * Runs code around every synthesis of an app or a stage.
 *
 * The method is in a new prototype of the object. If the object itself had the method, jsii would ignore it for a call
 * from another language: it regards a method of an object as an override that the user wrote in that language.
 */
export function aroundSynthesis(scope: Stage, wrap: (synthesize: Synthesize) => Synthesize): void {
  const synth = wrap(scope.synth.bind(scope));
  Object.setPrototypeOf(scope, Object.assign(Object.create(Object.getPrototypeOf(scope)), { synth }));
}
