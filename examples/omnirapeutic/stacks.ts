import { Environment } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ApplicationStack } from './application-stack';
import { DataStack } from './data-stack';
import { GuardrailsStack } from './guardrails-stack';
import { ImagesStack } from './images-stack';
import { NetworkStack } from './network-stack';

/** Defines the stacks in the order of their deployment. */
export function defineOmnirapeutic(scope: Construct, env: Environment) {
  const common = { env, terminationProtection: true };
  const network = new NetworkStack(scope, 'OmnirapeuticNetwork', { ...common, alarmEmail: 'oncall@omnirapeutic.com' });
  const { vpc, dataSubnets, topic } = network;
  const guardrails = new GuardrailsStack(scope, 'OmnirapeuticGuardrails', {
    ...common,
    vpc,
    topic,
    monthlyCostLimit: 1000,
  });
  const images = new ImagesStack(scope, 'OmnirapeuticImages', common);
  const data = new DataStack(scope, 'OmnirapeuticData', { ...common, vpc, dataSubnets, topic });
  const version = '1.0.0';
  const application = new ApplicationStack(scope, 'OmnirapeuticApplication', {
    ...common,
    vpc,
    topic,
    database: data.database,
    images: { api: images.api.image(version), web: images.web.image(version), worker: images.worker.image(version) },
    domain: { name: 'app.omnirapeutic.com', hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'omnirapeutic.com' },
  });
  return { network, guardrails, images, data, application };
}
