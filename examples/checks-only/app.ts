import { App, Stack, Validations } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ComplianceChecks } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce();

const stack = new Stack(app, 'Orders');
const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
new sns.Topic(stack, 'Topic', { masterKey: key, enforceSSL: true });
new sqs.Queue(stack, 'Orders', { encryptionMasterKey: key, enforceSSL: true });

const builds = new sqs.Queue(stack, 'Builds', { enforceSSL: true });
Validations.of(builds.node.defaultChild!).acknowledge({
  id: 'cdk-hipaa::QueueWithoutOwnKey',
  reason: 'The queue holds build numbers and no PHI.',
});

app.synth();
