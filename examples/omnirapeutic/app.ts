import { App } from 'aws-cdk-lib';
import { defineOmnirapeutic } from './stacks';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

defineOmnirapeutic(app, { region: 'us-east-1' });
