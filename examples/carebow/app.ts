import { App } from 'aws-cdk-lib';
import { defineCareBow } from './stacks';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

// carebow.sh passes the version that it pushed.
defineCareBow(app, { region: 'us-east-1' }, app.node.tryGetContext('version') ?? '1.0.0');
