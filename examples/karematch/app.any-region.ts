import { App } from 'aws-cdk-lib';
import { DEVELOPMENT, PRODUCTION } from './environments';
import { ImagesStack } from './images-stack';
import { KareMatchStack } from './karematch-stack';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

for (const [name, environment] of Object.entries({ KareMatch: PRODUCTION, KareMatchDevelopment: DEVELOPMENT })) {
  const { backend } = new ImagesStack(app, `${name}Images`, { environment });
  new KareMatchStack(app, name, { environment, image: backend.image('1.0.0') });
}
