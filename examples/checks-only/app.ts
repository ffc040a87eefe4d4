import { App, Stack, Validations } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ComplianceChecks, RulePack } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Orders', { env: { account: '111122223333', region: 'us-east-1' } });
const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-1111-2222-3333-444455556666';
new sns.Topic(stack, 'Orders', { masterKey: kms.Key.fromKeyArn(stack, 'Key', keyArn), enforceSSL: true });

const builds = new logs.LogGroup(stack, 'Builds', { retention: logs.RetentionDays.ONE_YEAR });
for (const id of ['HIPAA.Security-CloudWatchLogGroupEncrypted', 'NIST.800.53.R5-CloudWatchLogGroupEncrypted']) {
  const reason = 'The log group holds build numbers and no PHI.';
  Validations.of(builds.node.defaultChild!).acknowledge({ id, reason });
}

app.synth();
