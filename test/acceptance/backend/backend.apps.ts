import { Template } from 'aws-cdk-lib/assertions';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { Mutation, MUTATIONS } from './mutations';
import { testPrograms } from './programs';
import { backend, backendTemplates } from './proof/synthesis';
import { System } from './proof/system';
import { registry } from './proof/whole';
import { expectDescribed } from '../../support/template/alarms';
import { testFacts } from '../../support/template/facts';
import { testCoverage, testMutations } from '../../support/template/mutations';
import { testSize } from '../../support/template/source';

// One synthesis for all tests of the system.
const templates = backendTemplates();
const system = backend(templates);

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
  testSize('backend', ['backend-stack.ts']);

  test.each(['aurora', 'instance'] as const)('%s describes the first step of each alarm for people', (of) => {
    const { Resources } = system[of].toJSON();
    // The alarms of the scaling start and stop tasks, and notify nobody.
    const handled = Object.entries(Resources).filter(([id]) => !id.startsWith('WorkerServiceTaskCountTarget'));
    expectDescribed(Template.fromJSON({ Resources: Object.fromEntries(handled) }));
  });

  test('runs images of a repository with immutable tags', () => {
    registry(system.images);
  });
});

describe('the programs', () => {
  testPrograms(() => system.aurora);
});

describe('the documents', () => {
  testDocuments(templates, system);
});
