import { App } from 'aws-cdk-lib';
import { DEVELOPMENT, PRODUCTION } from './environments';
import { ImagesStack } from './images-stack';
import { KareMatchStack } from './karematch-stack';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const env = { region: 'us-east-1' };
for (const [name, environment] of Object.entries({ KareMatch: PRODUCTION, KareMatchDevelopment: DEVELOPMENT })) {
  const { backend } = new ImagesStack(app, `${name}Images`, { env, environment });
  new KareMatchStack(app, name, { env, environment, image: backend.image('1.0.0') });
}
