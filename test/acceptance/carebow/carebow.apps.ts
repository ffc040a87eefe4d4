import { testCommands } from './commands';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { Mutation, MUTATIONS } from './mutations';
import { carebow, carebowTemplates } from './proof/synthesis';
import { System } from './proof/system';
import { expectDescribed } from '../../support/template/alarms';
import { testFacts } from '../../support/template/facts';
import { testCoverage, testMutations } from '../../support/template/mutations';
import { testSize } from '../../support/template/source';

// One synthesis for all tests of the system.
const templates = carebowTemplates();
const system = carebow(templates);

describe('the document', () => {
  testFacts(FACTS, () => system);
});

describe('a mutated template fails the row of', () => {
  testMutations<System, Mutation>(MUTATIONS, {
    template: ({ of }) => system[of],
    system: (changed, { of }) => ({ ...system, [of]: changed }),
  });

  testCoverage(FACTS, MUTATIONS);
});

describe('the app', () => {
  testSize('carebow', ['carebow-stack.ts', 'delivery-stack.ts']);

  test.each(['main', 'guardrails'] as const)('%s describes the first step of each alarm', (of) => {
    expectDescribed(system[of]);
  });
});

describe('the documents', () => {
  testDocuments(templates, system);
});

describe('the commands', () => {
  testCommands(templates);
});
