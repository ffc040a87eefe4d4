import { Template } from 'aws-cdk-lib/assertions';
import { FACTS } from './facts';
import { Mutation, templateFrom, testMutations } from '../../support/template/mutations';
import { COMPONENTS } from './mutations/components';
import { FLOWS } from './mutations/flows';
import { NETWORK } from './mutations/network';
import { SECURITY } from './mutations/security';
import { omnirapeutic } from './proof/synthesis';

const whole = omnirapeutic();

test('an unchanged copy breaks no row', () => {
  const copy = templateFrom(JSON.stringify(whole.toJSON()));
  for (const { shown } of FACTS) shown?.(copy);
});

testMutations<Template, Mutation>([...NETWORK, ...SECURITY, ...FLOWS, ...COMPONENTS], { template: () => whole, system: (changed) => changed });
