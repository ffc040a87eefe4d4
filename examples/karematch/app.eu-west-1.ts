import { App } from 'aws-cdk-lib';
import { EdgeStack } from './edge-stack';
import { EdgeWatchStack } from './edge-watch-stack';
import { DEVELOPMENT, PRODUCTION } from './environments';
import { ImagesStack } from './images-stack';
import { KareMatchStack } from './karematch-stack';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const env = { region: 'eu-west-1' };
const edgeEnv = { region: 'us-east-1' };
for (const [name, environment] of Object.entries({ KareMatch: PRODUCTION, KareMatchDevelopment: DEVELOPMENT })) {
  const { backend } = new ImagesStack(app, `${name}Images`, { env, environment });
  const edge = new EdgeStack(app, `${name}Edge`, { env: edgeEnv, environment });
  const { site } = new KareMatchStack(app, name, { env, environment, image: backend.image('1.0.0'), edge });
  new EdgeWatchStack(app, `${name}EdgeWatch`, { env: edgeEnv, environment, edge, site });
}
