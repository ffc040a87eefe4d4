import { Template } from 'aws-cdk-lib/assertions';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { MUTATIONS } from './mutations';
import { testPrograms } from './programs';
import { backend, backendTemplates } from './proof/synthesis';
import { registry } from './proof/whole';
import { expectDescribed } from '../../support/template/alarms';
import { testSize } from '../../support/template/source';
import { testSystem } from '../../support/template/system';

// One synthesis for all tests of the system.
const templates = backendTemplates();
const system = backend(templates);

testSystem(system, FACTS, MUTATIONS);

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
