import { Template } from 'aws-cdk-lib/assertions';
import { Fact, testFacts } from './facts';
import { Mutation, testCoverage, testMutations } from './mutations';

/** A mutation of one of the templates of a system. */
interface MutationOf<System> extends Mutation<System> {
  readonly of: keyof System;
}

/** Tests each statement of a document on a system of several templates, and that each mutation fails its row. */
export function testSystem<System extends { [name in keyof System]: Template }, M extends MutationOf<System>>(
  system: System, facts: Fact<System>[], mutations: M[],
): void {
  describe('the document', () => {
    testFacts(facts, () => system);
  });

  describe('a mutated template fails the row of', () => {
    testMutations<System, M>(mutations, {
      template: ({ of }) => system[of],
      system: (changed, { of }) => ({ ...system, [of]: changed }),
    });

    testCoverage(facts, mutations);
  });
}
