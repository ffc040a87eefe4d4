import { Template } from 'aws-cdk-lib/assertions';
import { testFacts } from '../../support/template/facts';
import { Mutation, testMutations } from '../../support/template/mutations';
import { ALARM } from '../../support/template/types';
import { notificationMutations } from './mutations/notification';
import { notificationPath } from './proof/notification';
import { REGION } from './proof/parts';
import { omnirapeutic, synthesise, together } from './proof/synthesis';

const ELSEWHERE = 'eu-west-1';
const stacks = synthesise();
const templates: Record<string, Template> = { [REGION]: together(stacks), [ELSEWHERE]: omnirapeutic(ELSEWHERE) };

// From what notifications something to who reads it: an alarm without a link to the next tells nobody, and nobody sees that it does not.
describe.each(Object.entries(templates))('in %s', (region, template) => {
  const path = notificationPath(region);

  testFacts(path, () => template);

  describe('a link that breaks is found', () => {
    testMutations<Template, Mutation>(notificationMutations(path, region === REGION ? 'billing' : 'budget'), { template: () => template, system: (changed) => changed });
  });
});

test('elsewhere the alarms are the same, but for that of the costs, which a budget watches there', () => {
  const [here, elsewhere] = [REGION, ELSEWHERE].map((region) => Object.keys(templates[region].findResources(ALARM)));
  const costs = here.filter((id) => !elsewhere.includes(id));
  expect(costs).toEqual([expect.stringContaining('MonthlyCosts')]);
  expect(elsewhere).toEqual(here.filter((id) => !costs.includes(id)));
});

test('whoever publishes is deployed after the topic, its policy and its key, which stand in the stack of the network', () => {
  for (const { dependencies } of [stacks.guardrails, stacks.data, stacks.application]) expect(dependencies).toContain(stacks.network);
});
