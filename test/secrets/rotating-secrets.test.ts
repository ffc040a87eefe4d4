import { App, Aspects, CfnParameter, Duration, Stack, Stage, Tag } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { isOverlapping, rotatedSecretBehind } from '../../src/binding/container-secret';
import { DataProtection } from '../../src/core/data-protection';
import { unwatched } from '../../src/core/monitored-mark';
import { ExternalSecretOptions } from '../../src/secrets/external-secret';
import { GeneratedSecret } from '../../src/secrets/generated-secret';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { RotatingSecretsProps } from '../../src/secrets/rotating-secrets-props';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const BOTH: RotatingSecretsProps = {
  secrets: { session: GeneratedSecret.signingKey(), dbPassword: GeneratedSecret.password() },
  externalSecrets: { twilio: {} },
};
const newSecrets = (stack: Stack, props: RotatingSecretsProps = BOTH) => new RotatingSecrets(stack, 'Secrets', props);
const only = (secret: GeneratedSecret): RotatingSecretsProps => ({ secrets: { only: secret } });

/** The groups of secrets in the environment of the rotation function. */
function rotated(template: Template): string {
  const functions = Object.values(propertiesOf(template, 'AWS::Lambda::Function'));
  const { ROTATED } = functions.find((properties) => properties.Environment.Variables.ROTATED)!.Environment.Variables;
  return ROTATED['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : '<token>').join('');
}

describe('defaults', () => {
  const stack = newStack();
  const secrets = newSecrets(stack);
  const template = templateOf(stack);
  const secretNamed = (name: string) => stack.resolve(secrets.get(name).secretArn);

  test('every secret is encrypted with one customer managed key that rotates', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      KmsKeyId: stack.resolve(secrets.encryptionKey.keyArn),
    });
  });

  test('no secret has a physical name', () => {
    template.allResourcesProperties('AWS::SecretsManager::Secret', { Name: Match.absent() });
  });

  test('generated secrets rotate once a month in the maintenance window, and not at every deployment', () => {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
    template.allResourcesProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'cron(0 5 ? * SUN#1 *)', Duration: '1h' },
      RotateImmediatelyOnUpdate: false,
    });
  });

  test('one function rotates all secrets', () => {
    const arns = Object.values(propertiesOf(template, 'AWS::SecretsManager::RotationSchedule')).map(
      (schedule) => schedule.RotationLambdaARN,
    );
    expect(new Set(arns.map((arn) => JSON.stringify(arn))).size).toBe(1);
  });

  test('Secrets Manager can invoke it for this account only', () => {
    const permissions = Object.values(propertiesOf(template, 'AWS::Lambda::Permission'))
      .filter((permission) => permission.Principal === 'secretsmanager.amazonaws.com');
    expect(permissions).toEqual([{
      Principal: 'secretsmanager.amazonaws.com',
      Action: 'lambda:InvokeFunction',
      FunctionName: expect.anything(),
      SourceAccount: { Ref: 'AWS::AccountId' },
    }]);
  });

  test('a schedule is created after its permission', () => {
    const permissions = Object.keys(
      template.findResources('AWS::Lambda::Permission', { Properties: { Principal: 'secretsmanager.amazonaws.com' } }),
    );
    const schedules = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
    expect(permissions).toHaveLength(1);
    expect(schedules.map((schedule) => schedule.DependsOn)).toEqual([permissions, permissions]);
  });

  test('the function can rotate exactly these secrets', () => {
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: [
              'secretsmanager:DescribeSecret',
              'secretsmanager:GetSecretValue',
              'secretsmanager:PutSecretValue',
              'secretsmanager:UpdateSecretVersionStage',
            ],
            Resource: [secretNamed('dbPassword'), secretNamed('session')],
          },
        ]),
      },
    });
  });

  test('no policy of a role has a wildcard', () => {
    expect(JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'))).not.toContain('*');
  });

  test('a password has 32 characters, without those that a URL escapes, and a signing key has 66 bytes', () => {
    expect(rotated(template)).toBe(
      JSON.stringify([
        {
          shape: { kind: 'password', length: 32, excludeCharacters: '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}' },
          secretArns: ['<token>'],
        },
        { shape: { kind: 'signingKey', bytes: 66 }, secretArns: ['<token>'] },
      ]),
    );
  });

  test('the age of external secrets is measured daily, by a function that cannot read values', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)' });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          { Effect: 'Allow', Action: 'secretsmanager:ListSecretVersionIds', Resource: secretNamed('twilio') },
        ]),
      },
    });
  });

  test('an external secret has the value not-entered-yet and no schedule', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: 'not-entered-yet',
      GenerateSecretString: Match.absent(),
    });
    const scheduled = Object.values(propertiesOf(template, 'AWS::SecretsManager::RotationSchedule')).map(
      (schedule) => schedule.SecretId,
    );
    expect(scheduled).not.toContainEqual(secretNamed('twilio'));
  });

  test('a resource policy denies unencrypted requests and deletion, and public policies are blocked', () => {
    template.resourceCountIs('AWS::SecretsManager::ResourcePolicy', 3);
    template.allResourcesProperties('AWS::SecretsManager::ResourcePolicy', {
      BlockPublicPolicy: true,
      ResourcePolicy: {
        Statement: [
          {
            Sid: 'EncryptedRequestsOnly',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'secretsmanager:*',
            Resource: '*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            Sid: 'NoDeletion',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'secretsmanager:DeleteSecret',
            Resource: '*',
          },
        ],
      },
    });
  });

  test('secrets and their policies are retained, except when their creation is rolled back', () => {
    for (const type of ['AWS::SecretsManager::Secret', 'AWS::SecretsManager::ResourcePolicy', 'AWS::KMS::Key']) {
      template.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('the packs report nothing', () => {
    expect(nagFindings(stack)).toEqual([]);
  });

  test('only an external secret has an acknowledgement for rotation: a sibling is still reported', () => {
    const other = newStack();
    newSecrets(other, { externalSecrets: BOTH.externalSecrets });
    new secretsmanager.Secret(other, 'Sibling');
    expect(nagFindings(other).filter((finding) => finding.includes('Rotation'))).toEqual([
      'HIPAA.Security-SecretsManagerRotationEnabled at Stack/Sibling/Resource',
      'NIST.800.53.R5-SecretsManagerRotationEnabled at Stack/Sibling/Resource',
    ]);
  });

  test('the compliance report lists the construct if it is not watched', () => {
    expect(unwatched(stack)).toEqual([secrets]);
  });

  test('the IDs of stateful resources do not change', () => {
    expect(Object.keys(template.findResources('AWS::SecretsManager::Secret'))).toEqual([
      'SecretsGenerateddbPasswordB50F9A93', 'SecretsGeneratedsession7C07F08E', 'SecretsExternaltwilioCFAF89F2',
    ]);
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['SecretsKey9BF95D68']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual([
      'SecretsRotationFunctionLog45687AB5',
      'SecretsAgeFunctionLog07686AD4',
    ]);
  });
});

test('CloudFormation Validate reports nothing', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  newSecrets(new Stack(app, 'Stack'));
  expect(templateFindings(app)).toEqual([]);
});

describe('the first value', () => {
  const firstValues = (secret: GeneratedSecret) => {
    const stack = newStack();
    newSecrets(stack, only(secret));
    return Object.values(propertiesOf(templateOf(stack), 'AWS::SecretsManager::Secret'))[0].GenerateSecretString;
  };
  const letters = { ExcludePunctuation: true, IncludeSpace: false, RequireEachIncludedType: true };

  test('has 32 letters and digits for a password, 88 for signing keys, and 44 for a key ring', () => {
    expect(firstValues(GeneratedSecret.password())).toEqual({ ...letters, PasswordLength: 32 });
    expect(firstValues(GeneratedSecret.signingKey())).toEqual({ ...letters, PasswordLength: 88 });
    expect(firstValues(GeneratedSecret.signingKeys())).toEqual({ ...letters, PasswordLength: 88 });
    expect(firstValues(GeneratedSecret.keyRing())).toEqual({ ...letters, PasswordLength: 44 });
  });

  test('does not change with the options, so that a change of options does not replace a value in use', () => {
    expect(firstValues(GeneratedSecret.password({ length: 64, excludeCharacters: '-' }))).toEqual(
      firstValues(GeneratedSecret.password()),
    );
    expect(firstValues(GeneratedSecret.signingKey({ bytes: 33 }))).toEqual(firstValues(GeneratedSecret.signingKey()));
    expect(firstValues(GeneratedSecret.signingKeys({ bytes: 33 }))).toEqual(firstValues(GeneratedSecret.signingKeys()));
  });

  test.each([
    ['a password', GeneratedSecret.password()],
    ['a signing key', GeneratedSecret.signingKey()],
    ['signing keys', GeneratedSecret.signingKeys()],
  ])('never replaces a key ring: %s of the same name is another secret, and the ring is retained', (_, other) => {
    const idOf = (secret: GeneratedSecret) => {
      const stack = newStack();
      newSecrets(stack, only(secret));
      return Object.keys(
        templateOf(stack).findResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'RetainExceptOnCreate' }),
      );
    };
    expect(idOf(GeneratedSecret.keyRing())).toEqual(['SecretsKeyRingsonly607AE458']);
    expect(idOf(other)).not.toEqual(idOf(GeneratedSecret.keyRing()));
  });

  test('does not change from a signing key to signing keys', () => {
    const resourcesOf = (secret: GeneratedSecret) => {
      const stack = newStack();
      newSecrets(stack, only(secret));
      return templateOf(stack).findResources('AWS::SecretsManager::Secret');
    };
    expect(resourcesOf(GeneratedSecret.signingKeys())).toEqual(resourcesOf(GeneratedSecret.signingKey()));
  });
});

describe('options of generated secrets', () => {
  const shapeOf = (secret: GeneratedSecret) => {
    const stack = newStack();
    newSecrets(stack, only(secret));
    return JSON.parse(rotated(templateOf(stack)))[0].shape;
  };

  test('length and excludeCharacters set the shape of a password', () => {
    expect(shapeOf(GeneratedSecret.password({ length: 64, excludeCharacters: '"\'' }))).toEqual({
      kind: 'password',
      length: 64,
      excludeCharacters: '"\'',
    });
  });

  test('bytes sets the size of a signing key', () => {
    expect(shapeOf(GeneratedSecret.signingKey({ bytes: 48 }))).toEqual({ kind: 'signingKey', bytes: 48 });
  });

  test('bytes sets the size of signing keys', () => {
    expect(shapeOf(GeneratedSecret.signingKeys())).toEqual({ kind: 'signingKeys', bytes: 66 });
    expect(shapeOf(GeneratedSecret.signingKeys({ bytes: 33 }))).toEqual({ kind: 'signingKeys', bytes: 33 });
  });

  test('a key of a ring has 33 bytes, more than AES-256 requires', () => {
    expect(shapeOf(GeneratedSecret.keyRing())).toEqual({ kind: 'keyRing', bytes: 33 });
  });

  test('numbers can be tokens', () => {
    const stack = newStack();
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    newSecrets(stack, {
      secrets: {
        password: GeneratedSecret.password({ length: number }),
        key: GeneratedSecret.signingKey({ bytes: number }),
      },
      externalSecrets: { vendor: { maxAge: Duration.days(number) } },
      rotateEvery: Duration.days(number),
    });
    const template = templateOf(stack);
    expect(rotated(template)).toContain('"length":<token>');
    expect(rotated(template)).toContain('"bytes":<token>');
    template.allResourcesProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { AutomaticallyAfterDays: { Ref: 'Number' } },
    });
  });

  test('secrets of one shape are in one group, because the environment of a function is limited', () => {
    const stack = newStack();
    newSecrets(stack, { secrets: { one: GeneratedSecret.password(), two: GeneratedSecret.password() } });
    expect(JSON.parse(rotated(templateOf(stack)))).toEqual([
      expect.objectContaining({ secretArns: ['<token>', '<token>'] }),
    ]);
  });
});

describe('rotateEvery', () => {
  test.each([
    [Duration.days(1), 'rate(1 day)'],
    [Duration.days(7), 'cron(0 5 ? * SUN *)'],
    [Duration.days(30), 'cron(0 5 ? * SUN#1 *)'],
    [Duration.days(999), 'rate(999 days)'],
    [Duration.hours(48), 'rate(2 days)'],
    [Duration.hours(4), 'rate(4 hours)'],
    [Duration.minutes(360), 'rate(6 hours)'],
  ])('%s', (rotateEvery, ScheduleExpression) => {
    const stack = newStack();
    newSecrets(stack, { ...only(GeneratedSecret.password()), rotateEvery });
    templateOf(stack).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression, Duration: '1h' },
    });
  });
});

describe('maintenanceWindow', () => {
  test.each([
    ['tue:22:00-wed:01:00', 'cron(0 22 ? * TUE#1 *)', '2h'],
    ['02:00-05:00', 'cron(0 2 ? * SUN#1 *)', '3h'],
  ])('%s', (maintenanceWindow, ScheduleExpression, duration) => {
    const stack = newStack();
    newSecrets(stack, { ...only(GeneratedSecret.password()), maintenanceWindow });
    templateOf(stack).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression, Duration: duration },
    });
  });
});

describe('key rings and signing keys', () => {
  const stack = newStack();
  const secrets = newSecrets(stack, {
    secrets: { session: GeneratedSecret.signingKeys(), fields: GeneratedSecret.keyRing() },
  });
  const template = templateOf(stack);

  test('are rotated by the same function with the same permissions', () => {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: [
              'secretsmanager:DescribeSecret',
              'secretsmanager:GetSecretValue',
              'secretsmanager:PutSecretValue',
              'secretsmanager:UpdateSecretVersionStage',
            ],
            Resource: ['fields', 'session'].map((name) => stack.resolve(secrets.get(name).secretArn)),
          },
        ]),
      },
    });
  });

  test('restart the services that read them', () => {
    for (const name of ['session', 'fields']) {
      expect(rotatedSecretBehind(secrets.forContainer(name))).toBe(secrets.get(name));
    }
  });

  test('are retained, and cannot be deleted', () => {
    template.allResources('AWS::SecretsManager::Secret', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    template.allResourcesProperties('AWS::SecretsManager::ResourcePolicy', {
      ResourcePolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'NoDeletion' })]) },
    });
  });

  test('have no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });

  test('keep the IDs of stateful resources', () => {
    expect(Object.keys(template.findResources('AWS::SecretsManager::Secret'))).toEqual([
      'SecretsKeyRingsfields7E7CC95E',
      'SecretsGeneratedsession7C07F08E',
    ]);
  });

  test('allow a daily rotation of a ring, and an interval known only at deployment', () => {
    const ring = only(GeneratedSecret.keyRing());
    const other = newStack();
    newSecrets(other, { ...ring, rotateEvery: Duration.days(1) });
    new RotatingSecrets(other, 'Token', {
      ...ring,
      rotateEvery: Duration.days(new CfnParameter(other, 'Days', { type: 'Number' }).valueAsNumber),
    });
    const rules = Object.values(propertiesOf(templateOf(other), 'AWS::SecretsManager::RotationSchedule')).map(
      (schedule) => schedule.RotationRules,
    );
    expect(rules).toEqual([
      { ScheduleExpression: 'rate(1 day)', Duration: '1h' },
      { AutomaticallyAfterDays: { Ref: 'Days' } },
    ]);
  });

  test('allow a rotation of signing keys every four hours', () => {
    const other = newStack();
    newSecrets(other, { ...only(GeneratedSecret.signingKeys()), rotateEvery: Duration.hours(4) });
    templateOf(other).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(4 hours)', Duration: '1h' },
    });
  });
});

describe('one kind of secret', () => {
  test('generated secrets only: no function measures ages', () => {
    const stack = newStack();
    const secrets = newSecrets(stack, { secrets: BOTH.secrets });
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
    templateOf(stack).resourceCountIs('AWS::Events::Rule', 0);
    expect(secrets.monitoringPlan().alarms.map(({ id }) => id)).toEqual(['RotationErrors', 'RotationDeadLetters']);
    expect(secrets.monitoringPlan().widgets).toHaveLength(1);
  });

  test('external secrets only: no function rotates', () => {
    const stack = newStack();
    const secrets = newSecrets(stack, { externalSecrets: BOTH.externalSecrets });
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
    templateOf(stack).resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    expect(secrets.monitoringPlan().alarms.map(({ id }) => id))
      .toEqual(['AgeErrors', 'AgeDeadLetters', 'AgeSilent', 'NoValueOfTwilio', 'AgeOfTwilio']);
    expect(secrets.monitoringPlan().widgets).toHaveLength(1);
  });
});

describe('encryptionKey', () => {
  test('replaces the default key of secrets, logs, dead letters and functions', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Mine');
    newSecrets(stack, { ...BOTH, encryptionKey: key });
    const template = templateOf(stack);
    const arn = stack.resolve(key.keyArn);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: arn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: arn });
    template.allResourcesProperties('AWS::Lambda::Function', { KmsKeyArn: arn });
  });

  test('can be imported, or in another stack', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    newSecrets(new Stack(app, 'Imports'), {
      ...BOTH,
      encryptionKey: kms.Key.fromKeyArn(
        shared,
        'Imported',
        'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ),
    });
    newSecrets(new Stack(app, 'Uses'), { ...BOTH, encryptionKey: new kms.Key(shared, 'Key') });
    app.synth();
    expect(shared.dependencies).toEqual([]);
  });
});

describe('disposable secrets', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  newSecrets(stack, { ...BOTH, secrets: { ...BOTH.secrets, fields: GeneratedSecret.keyRing() } });
  const template = templateOf(stack);

  test('are deleted with the stack', () => {
    for (const type of [
      'AWS::SecretsManager::Secret',
      'AWS::SecretsManager::ResourcePolicy',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
    ]) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
  });

  test('have no policy that denies deletion', () => {
    template.allResourcesProperties('AWS::SecretsManager::ResourcePolicy', {
      ResourcePolicy: { Statement: [Match.objectLike({ Sid: 'EncryptedRequestsOnly' })] },
    });
  });
});

describe('get', () => {
  test('returns generated and external secrets by name', () => {
    const secrets = newSecrets(newStack());
    expect(secrets.get('session').node.path).toBe('Stack/Secrets/Generated/session');
    expect(secrets.get('twilio').node.path).toBe('Stack/Secrets/External/twilio');
  });
});

describe('forContainer', () => {
  test.each([
    ['signingKeys', GeneratedSecret.signingKeys(), true],
    ['signingKey', GeneratedSecret.signingKey(), true],
    ['keyRing', GeneratedSecret.keyRing(), true],
    ['password', GeneratedSecret.password(), false],
  ])('states whether the previous value of %s remains valid', (_, secret, overlaps) => {
    expect(isOverlapping(newSecrets(newStack(), only(secret)).forContainer('only'))).toBe(overlaps);
  });

  test('contains the rotated secret for generated secrets, so that the service restarts, and not for external ones '
    + '', () => {
    const secrets = newSecrets(newStack());
    expect(rotatedSecretBehind(secrets.forContainer('session'))).toBe(secrets.get('session'));
    expect(rotatedSecretBehind(secrets.forContainer('twilio'))).toBeUndefined();
  });

  test('in another stack: the execution role can read exactly these secrets, and the stacks have no cycle', () => {
    const app = newApp();
    const secrets = newSecrets(new Stack(app, 'Data'));
    const application = new Stack(app, 'Application');
    new ecs.FargateTaskDefinition(application, 'Task').addContainer('Main', {
      image: ecs.ContainerImage.fromRegistry('example/api:1'),
      secrets: { SESSION: secrets.forContainer('session'), TWILIO: secrets.forContainer('twilio') },
    });
    const template = Template.fromStack(application);
    const statements = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))[0].PolicyDocument.Statement;
    expect(statements.map((statement: { Action: unknown }) => statement.Action)).toEqual([
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], 'kms:Decrypt',
    ]);
    expect(JSON.stringify(statements)).not.toContain('*');
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Secrets: [
            { Name: 'SESSION', ValueFrom: Match.anyValue() },
            { Name: 'TWILIO', ValueFrom: Match.anyValue() },
          ],
        }),
      ],
    });
  });
});

describe('grantRead', () => {
  test('names the secrets, and allows decryption for these secrets only', () => {
    const stack = newStack();
    const secrets = newSecrets(stack);
    secrets.grantRead(
      new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
      'session',
      'twilio',
    );
    const arns = ['session', 'twilio'].map((name) => stack.resolve(secrets.get(name).secretArn));
    templateOf(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            Resource: arns,
          },
          {
            Effect: 'Allow',
            Action: 'kms:Decrypt',
            Resource: stack.resolve(secrets.encryptionKey.keyArn),
            Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': arns } },
          },
        ],
      },
    });
  });
});

describe('monitoringPlan', () => {
  const stack = newStack();
  const secrets = newSecrets(stack, {
    ...BOTH,
    externalSecrets: { twilio: {}, openAi: { maxAge: Duration.days(180) } },
  });
  const { alarms, widgets, title } = secrets.monitoringPlan();

  test('has alarms for failed rotations, failed measurements, and the age of each external secret', () => {
    expect(alarms.map(({ id }) => id)).toEqual([
      'RotationErrors',
      'RotationDeadLetters',
      'AgeErrors',
      'AgeDeadLetters',
      'AgeSilent',
      'NoValueOfOpenAi',
      'AgeOfOpenAi',
      'NoValueOfTwilio',
      'AgeOfTwilio',
    ]);
    expect(alarms.find(({ id }) => id === 'AgeOfOpenAi')!.threshold).toBe(180);
    expect(title).toBe('Secrets Stack/Secrets');
    expect(widgets).toHaveLength(2);
  });

  test('states in the dead-letter alarms that they last until the queue is empty', () => {
    for (const { description } of alarms.filter(({ id }) => id.endsWith('DeadLetters'))) {
      expect(description).toMatch(/Then purge queue .*\. The alarm ends when the queue is empty\.$/);
    }
  });

  test('without new data, keeps the state of the age alarms, and fires only the alarm on missing measurements', () => {
    const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;
    expect(alarms.map(({ missingData }) => missingData)).toEqual([
      NOT_BREACHING,
      NOT_BREACHING,
      NOT_BREACHING,
      NOT_BREACHING,
      BREACHING,
      IGNORE,
      IGNORE,
      IGNORE,
      IGNORE,
    ]);
  });

  test('has an alarm on the metric that the function publishes', () => {
    const metric = alarms.find(({ id }) => id === 'AgeOfTwilio')!.metric.toMetricConfig().metricStat!;
    expect(stack.resolve({ ...metric, account: undefined, region: undefined, period: metric.period.toDays() })).toEqual(
      {
        namespace: 'CdkHipaa/Secrets',
        metricName: 'AgeInDays',
        dimensions: [{ name: 'SecretArn', value: stack.resolve(secrets.get('twilio').secretArn) }],
        statistic: 'Maximum',
        period: 1,
      },
    );
  });

  test('names the command that enters the value of a placeholder', () => {
    expect(alarms.find(({ id }) => id === 'NoValueOfTwilio')!.description).toMatch(new RegExp(
      'Nobody has entered the value of secret twilio: services that read it get the text not-entered-yet\\. .*'
        + 'aws secretsmanager put-secret-value --secret-id \\S+ --secret-string file://value\\.txt'));
  });

  test('describes the first step in each alarm', () => {
    for (const { description } of alarms) {
      expect(description).toMatch(/First (read the log of function|request (a new|the) value from its issuer|enable the rule)/);
    }
  });
});

describe('refusals', () => {
  const password = GeneratedSecret.password();
  const name = 'a letter followed by up to 63 letters, digits, hyphens and underscores';
  const aWindow = 'a UTC window ddd:hh:mm-ddd:hh:mm or hh:mm-hh:mm of at least 1 hour';
  const useWindow = "Use one of these formats, such as 'sun:05:00-sun:06:00'.";
  const period = '4 to 23 whole hours or 1 to 999 whole days';
  const usePeriod = 'Use Duration.hours() or Duration.days() with a number in this range.';
  const useAge = 'Use Duration.days() with a number in this range.';
  const characters = 'a string known at synthesis that leaves a lowercase letter, an uppercase letter and a digit';
  const names = "'dbPassword' or 'session' or 'twilio'";

  test.each<[string, RotatingSecretsProps, string]>([
    ['no secrets', {},
      'secrets or externalSecrets must contain at least one secret. Add a secret, or remove the construct.'],
    ['empty lists', { secrets: {}, externalSecrets: {} },
      'secrets or externalSecrets must contain at least one secret. Add a secret, or remove the construct.'],
    ['an empty name', { secrets: { '': password } },
      `each name in secrets must be ${name}, got ''. Rename the secret.`],
    ['a name that is a path', { externalSecrets: { 'vendor/key': {} } },
      `each name in externalSecrets must be ${name}, got 'vendor/key'. Rename the secret.`],
    ['a name of a member of objects', { secrets: { ['constructor']: password } },
      'each name in secrets must be a name that JavaScript objects do not have themselves, unlike toString and '
        + "constructor, got 'constructor'. Rename the secret."],
    ['such a name of an external secret',
      { secrets: { a: password }, externalSecrets: Object.fromEntries([['toString', {}]]) },
      'each name in externalSecrets must be a name that JavaScript objects do not have themselves, unlike toString and '
        + "constructor, got 'toString'. Rename the secret."],
    ['a name with two underscores', { secrets: { ['__proto__']: password } },
      `each name in secrets must be ${name}, got '__proto__'. Rename the secret.`],
    ['one name twice', { secrets: { key: password }, externalSecrets: { key: {} } },
      "secrets and externalSecrets must have different names, but both contain 'key'. Rename one of the two."],
    ['too many secrets',
      { secrets: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`s${index}`, password])) },
      'secrets must be at most 20 secrets, got 21 secrets. Split them between two RotatingSecrets.'],
    ['a short password', only(GeneratedSecret.password({ length: 15 })),
      'secrets.only.length must be an integer from 16 to 128, got 15. Use an integer in this range.'],
    ['a long password', only(GeneratedSecret.password({ length: 129 })),
      'secrets.only.length must be an integer from 16 to 128, got 129. Use an integer in this range.'],
    ['a password without digits', only(GeneratedSecret.password({ excludeCharacters: '0123456789' })),
      `secrets.only.excludeCharacters must be ${characters}, got '0123456789'. Exclude fewer characters.`],
    ['a short signing key', only(GeneratedSecret.signingKey({ bytes: 32 })),
      'secrets.only.bytes must be an integer from 33 to 129, got 32. Use an integer in this range.'],
    ['a signing key that needs padding', only(GeneratedSecret.signingKey({ bytes: 64 })),
      'secrets.only.bytes must be a multiple of three from 33 to 129, got 64. Pass 66.'],
    ['signing keys that need padding', only(GeneratedSecret.signingKeys({ bytes: 64 })),
      'secrets.only.bytes must be a multiple of three from 33 to 129, got 64. Pass 66.'],
    ['a key ring that grows too fast', { ...only(GeneratedSecret.keyRing()), rotateEvery: Duration.hours(12) },
      'rotateEvery must be at least 1 day, because the key ring secrets.only retains every key, got 12 hours. '
        + 'Create the key ring in a separate RotatingSecrets that rotates less often.'],
    ['a window without days', { ...only(password), maintenanceWindow: 'sunday' },
      `maintenanceWindow must be ${aWindow}, got 'sunday'. ${useWindow}`],
    ['a window that is a token', { ...only(password), maintenanceWindow: '${Token[Window.1]}' },
      'maintenanceWindow must be a window that is known at synthesis, got a token. Pass a text such as '
        + "'sun:05:00-sun:06:00'."],
    ['a window of 30 minutes', { ...only(password), maintenanceWindow: 'sun:05:00-sun:05:30' },
      `maintenanceWindow must be ${aWindow}, got 'sun:05:00-sun:05:30'. ${useWindow}`],
    ['three hours', { ...only(password), rotateEvery: Duration.hours(3) },
      `rotateEvery must be ${period}, got 3 hours. ${usePeriod}`],
    ['a day and a half', { ...only(password), rotateEvery: Duration.hours(36) },
      `rotateEvery must be ${period}, got 1 day 12 hours. ${usePeriod}`],
    ['1000 days', { ...only(password), rotateEvery: Duration.days(1000) },
      `rotateEvery must be ${period}, got 1000 days. ${usePeriod}`],
    ['an age of half a day', { externalSecrets: { key: { maxAge: Duration.hours(12) } } },
      `externalSecrets.key.maxAge must be 1 to 397 whole days, got 12 hours. ${useAge}`],
    ['an age of two years', { externalSecrets: { key: { maxAge: Duration.days(730) } } },
      `externalSecrets.key.maxAge must be 1 to 397 whole days, got 730 days. ${useAge}`],
  ])('%s', (_, props, message) => {
    expect(() => newSecrets(newStack(), props)).toThrow(new Error(`[Stack/Secrets] ${message}`));
  });

  test.each<[unknown, string]>([
    [null, 'null'], [true, 'true'], ['openai', "'openai'"], [GeneratedSecret.password(), 'a GeneratedSecret'],
    [Duration.days(9), 'a Duration of 9 days'],
  ])('%p as an external secret, which JavaScript can pass', (given, shown) => {
    expect(() => newSecrets(newStack(), { externalSecrets: { key: given as ExternalSecretOptions } })).toThrow(
      new Error(
        `[Stack/Secrets] externalSecrets['key'] must be an ExternalSecretOptions object, got ${shown}. ` +
          'Pass an object, or leave it out.',
      ),
    );
  });

  test('excluded characters that are known only at deployment', () => {
    const stack = newStack();
    const excludeCharacters = new CfnParameter(stack, 'Excluded').valueAsString;
    expect(() => newSecrets(stack, only(GeneratedSecret.password({ excludeCharacters })))).toThrow(new Error(
      `[Stack/Secrets] secrets.only.excludeCharacters must be ${characters}, got a token. Exclude fewer characters.`));
  });

  test.each(['get', 'forContainer'] as const)('an unknown name in %s, with a list of the names', (method) => {
    expect(() => newSecrets(newStack())[method]('sesion')).toThrow(new Error(`[Stack/Secrets] name must be ${names}, `
      + "got 'sesion'. Pass one of these names, or add the secret to secrets or externalSecrets."));
  });

  test('a grant of an unknown name, and a grant without names', () => {
    const stack = newStack();
    const secrets = newSecrets(stack);
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => secrets.grantRead(role, 'session', 'sesion')).toThrow(
      `[Stack/Secrets] name must be ${names}, got 'sesion'`,
    );
    expect(() => secrets.grantRead(role)).toThrow(new Error(
      `[Stack/Secrets] grantRead must be called with at least one name. Pass ${names}.`));
  });
});

describe('apps', () => {
  test.each(['us-gov-west-1', 'cn-north-1', 'eu-west-1'])('no partition is fixed in %s', (region) => {
    const stack = newStack({ env: { region, account: '111122223333' } });
    newSecrets(stack);
    expect(JSON.stringify(templateOf(stack).toJSON())).not.toMatch(/arn:aws:/);
  });

  test('a stage, two constructs in a stack, and an aspect that adds tags are supported', () => {
    const app = newApp();
    const stage = new Stage(app, 'Production');
    const stack = new Stack(stage, 'Stack');
    new RotatingSecrets(stack, 'One', BOTH);
    new RotatingSecrets(stack, 'Two', BOTH);
    Aspects.of(stage).add(new Tag('owner', 'clinic'));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SecretsManager::Secret', 6);
    template.allResourcesProperties('AWS::SecretsManager::Secret', { Tags: [{ Key: 'owner', Value: 'clinic' }] });
  });
});
