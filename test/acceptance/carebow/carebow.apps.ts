import { testCommands } from './commands';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { MUTATIONS } from './mutations';
import { carebow, carebowTemplates } from './proof/synthesis';
import { expectDescribed } from '../../support/template/alarms';
import { testSize } from '../../support/template/source';
import { testSystem } from '../../support/template/system';

// One synthesis for all tests of the system.
const templates = carebowTemplates();
const system = carebow(templates);

testSystem(system, FACTS, MUTATIONS);

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
