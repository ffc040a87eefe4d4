import { App } from 'aws-cdk-lib';
import { PARAMETERS } from './parameters';
import { defineBackend } from './stacks';
import { AuroraCapacity, ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

defineBackend(app, { region: 'us-east-1' }, PARAMETERS, AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 }));
