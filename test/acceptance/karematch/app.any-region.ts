// app.ts without a region. The runner of the examples synthesizes and checks it as karematch-any-region.
import { App } from 'aws-cdk-lib';
import { DEVELOPMENT, PRODUCTION } from '../../../examples/karematch/environments';
import { ImagesStack } from '../../../examples/karematch/images-stack';
import { KareMatchStack } from '../../../examples/karematch/karematch-stack';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

for (const [name, environment] of Object.entries({ KareMatch: PRODUCTION, KareMatchDevelopment: DEVELOPMENT })) {
  const { backend } = new ImagesStack(app, `${name}Images`, { environment });
  new KareMatchStack(app, name, { environment, image: backend.image('1.0.0') });
}
