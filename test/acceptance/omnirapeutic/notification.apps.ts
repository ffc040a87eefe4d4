import { Template } from 'aws-cdk-lib/assertions';
import { notificationMutations } from './mutations/notification';
import { notificationPath } from './proof/notification';
import { REGION } from './proof/parts';
import { omnirapeutic, omnirapeuticTemplates } from './proof/synthesis';
import { defineOmnirapeutic } from '../../../examples/omnirapeutic/stacks';
import { newApp } from '../../support/app';
import { templatesOf } from '../../support/template/example';
import { testFacts } from '../../support/template/facts';
import { Mutation, testCoverage, testMutations } from '../../support/template/mutations';
import { ALARM } from '../../support/template/types';

const ELSEWHERE = 'eu-west-1';

function synthesize(region: string) {
  const app = newApp();
  const stacks = defineOmnirapeutic(app, { region });
  return { stacks, template: omnirapeutic(omnirapeuticTemplates(templatesOf(app))) };
}

const systems: Record<string, ReturnType<typeof synthesize>> = {
  [REGION]: synthesize(REGION),
  [ELSEWHERE]: synthesize(ELSEWHERE),
};

// From the source of a message to its recipient: an alarm without a link to the next step notifies nobody.
describe.each(Object.entries(systems))('in %s', (region, { template }) => {
  const path = notificationPath(region);

  testFacts(path, () => template);

  describe('an interrupted link fails the row of', () => {
    const mutations = notificationMutations(path);
    testMutations<Template, Mutation>(mutations, { template: () => template, system: (changed) => changed });

    testCoverage(path, mutations);
  });
});

test('the alarms of both regions are the same', () => {
  const [here, elsewhere] = [REGION, ELSEWHERE].map((region) =>
    Object.keys(systems[region].template.findResources(ALARM)));
  expect(elsewhere).toEqual(here);
});

test('each stack that publishes is deployed after the stack of the topic, its policy and its key', () => {
  const { guardrails, data, application, network } = systems[REGION].stacks;
  for (const { dependencies } of [guardrails, data, application]) expect(dependencies).toContain(network);
});
