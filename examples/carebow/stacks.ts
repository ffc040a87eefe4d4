import { Environment } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CareBowStack } from './carebow-stack';
import { DeliveryStack } from './delivery-stack';
import { GuardrailsStack } from './guardrails-stack';
import { ImagesStack } from './images-stack';

/** Defines the stacks in the order of their deployment. `version` is the tag of the image of the API. */
export function defineCareBow(scope: Construct, env: Environment, version: string) {
  const common = { env, terminationProtection: true };
  const alarmEmail = 'oncall@carebow.com';
  const guardrails = new GuardrailsStack(scope, 'CareBowGuardrails', { ...common, alarmEmail, monthlyCostLimit: 600 });
  const images = new ImagesStack(scope, 'CareBowImages', common);
  const carebow = new CareBowStack(scope, 'CareBow', {
    ...common,
    alarmEmail,
    image: images.api.image(version),
    domain: { name: 'api.carebow.com', hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'carebow.com' },
    siteOrigins: ['https://app.carebow.com'],
    identityProvider: 'https://login.carebow.com',
  });
  const delivery = new DeliveryStack(scope, 'CareBowDelivery', {
    ...common,
    images: images.api,
    repository: 'carebow/carebow-backend',
    environment: 'production',
  });
  return { guardrails, images, carebow, delivery };
}
