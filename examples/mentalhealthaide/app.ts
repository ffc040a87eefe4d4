import { App } from 'aws-cdk-lib';
import { MentalHealthAideStack } from './mentalhealthaide-stack';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

new MentalHealthAideStack(app, 'MentalHealthAide', {
  domainName: 'api.mentalhealthaide.com',
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'mentalhealthaide.com',
  alarmEmail: 'oncall@mentalhealthaide.com',
  terminationProtection: true,
});
