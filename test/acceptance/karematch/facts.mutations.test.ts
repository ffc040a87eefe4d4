import { Template } from 'aws-cdk-lib/assertions';
import { FACTS } from './facts';
import { templateFrom, testMutations } from '../../support/template/mutations';
import { Mutation } from './mutations/changes';
import { DELIVERY } from './mutations/delivery';
import { INFRASTRUCTURE } from './mutations/infrastructure';
import { karematch } from './proof/synthesis';
import { System } from './proof/system';

const system = karematch();

test('an unchanged copy breaks no row', () => {
  const copies = Object.entries<Template>({ ...system }).map(([name, template]) => [name, templateFrom(JSON.stringify(template.toJSON()))]);
  for (const { shown } of FACTS) shown?.(Object.fromEntries(copies));
});

testMutations<System, Mutation>([...INFRASTRUCTURE, ...DELIVERY], {
  template: ({ of }) => system[of],
  system: (changed, { of }) => ({ ...system, [of]: changed }),
});
