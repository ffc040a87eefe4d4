import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnParameter, Duration, Environment, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { guardFindings } from '../../scripts/examples/guard';
import { DataProtection } from '../../src/core/data-protection';
import { HardenedRepository, HardenedRepositoryProps } from '../../src/repository/hardened-repository';
import { onlyOne, someService } from '../service/fargate-fixtures';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const REPOSITORY = 'AWS::ECR::Repository';
const DIGEST = `sha256:${'0f'.repeat(32)}`;

let stack: Stack;
beforeEach(() => stack = newStack());

const images = (props?: HardenedRepositoryProps) => new HardenedRepository(stack, 'Images', props);
const lifecycle = (of = stack) => JSON.parse(onlyOne(of, REPOSITORY).LifecyclePolicy.LifecyclePolicyText).rules;
const removal = () => {
  const [{ DeletionPolicy, UpdateReplacePolicy }] = Object.values(templateOf(stack).findResources(REPOSITORY));
  return [DeletionPolicy, UpdateReplacePolicy];
};

describe('defaults', () => {
  let shared: Stack;
  beforeAll(() => {
    shared = newStack();
    new HardenedRepository(shared, 'Images');
  });

  test('scan images on push', () => {
    expect(onlyOne(shared, REPOSITORY).ImageScanningConfiguration).toEqual({ ScanOnPush: true });
  });

  test('make tags immutable', () => {
    expect(onlyOne(shared, REPOSITORY).ImageTagMutability).toBe('IMMUTABLE');
  });

  test('encrypt images with a rotating key that the construct creates', () => {
    const [keyId] = Object.keys(templateOf(shared).findResources('AWS::KMS::Key'));
    expect(onlyOne(shared, REPOSITORY).EncryptionConfiguration).toEqual({
      EncryptionType: 'KMS',
      KmsKey: { 'Fn::GetAtt': [keyId, 'Arn'] },
    });
    expect(onlyOne(shared, 'AWS::KMS::Key')).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
  });

  test('allow AWS services to create grants on the key, which ECR requires', () => {
    const statements: Array<{ Effect: string; Action: string; Condition?: unknown }> = onlyOne(shared, 'AWS::KMS::Key')
      .KeyPolicy.Statement;
    expect(statements.filter(({ Effect }) => Effect === 'Deny')).toEqual([expect.objectContaining({
      Action: 'kms:CreateGrant',
      Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
    })]);
  });

  test('keep the last ten tagged images, and untagged images for a week', () => {
    expect(lifecycle(shared)).toEqual([
      {
        rulePriority: 1,
        description: 'Untagged images',
        selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7, countUnit: 'days' },
        action: { type: 'expire' },
      },
      {
        rulePriority: 2,
        description: 'All images except the latest versions',
        selection: { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 10 },
        action: { type: 'expire' },
      },
    ]);
  });

  test('set no name and no repository policy', () => {
    expect(onlyOne(shared, REPOSITORY)).not.toHaveProperty('RepositoryName');
    expect(onlyOne(shared, REPOSITORY)).not.toHaveProperty('RepositoryPolicyText');
  });

  test('retain the repository and the key, except when their creation is rolled back', () => {
    for (const type of [REPOSITORY, 'AWS::KMS::Key']) {
      templateOf(shared).allResources(type, {
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
    expect(onlyOne(shared, REPOSITORY).EmptyOnDelete).toBe(false);
  });

  test('have no rule-pack findings and no warnings', () => {
    expect(nagFindings(shared)).toEqual([]);
    Annotations.fromStack(shared).hasNoWarning('*', Match.anyValue());
  });

  test('have stable logical IDs for stateful resources', () => {
    expect(Object.keys(templateOf(shared).findResources(REPOSITORY))).toEqual(['ImagesRepository2D0F5B9C']);
    expect(Object.keys(templateOf(shared).findResources('AWS::KMS::Key'))).toEqual(['ImagesKey72752799']);
  });
});

describe('props', () => {
  test('include repositoryName', () => {
    images({ repositoryName: 'karematch/backend' });
    expect(onlyOne(stack, REPOSITORY).RepositoryName).toBe('karematch/backend');
    expect(removal()).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('include repositoryName as a token', () => {
    images({ repositoryName: new CfnParameter(stack, 'Name').valueAsString });
    expect(onlyOne(stack, REPOSITORY).RepositoryName).toEqual({ Ref: 'Name' });
  });

  test('include maxImageCount and untaggedRetention', () => {
    images({ maxImageCount: 30, untaggedRetention: Duration.days(1) });
    expect(lifecycle().map(({ selection }: { selection: { countNumber: number } }) => selection.countNumber)).toEqual([
      1, 30,
    ]);
  });

  test('include an existing key', () => {
    const key = new kms.Key(stack, 'Own');
    images({ encryptionKey: key });
    expect(onlyOne(stack, REPOSITORY).EncryptionConfiguration.KmsKey).toEqual(stack.resolve(key.keyArn));
    expect(onlyOne(stack, 'AWS::KMS::Key')).toBeDefined();
  });

  test('include mutableTags, which is a relaxation', () => {
    images({ mutableTags: { reason: 'the partner pulls latest' } });
    expect(onlyOne(stack, REPOSITORY).ImageTagMutability).toBe('MUTABLE');
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Images',
      'a tag can move to another image, so a tag does not identify the code that ran (reason given: the partner pulls '
        + 'latest) [ack: cdk-hipaa:mutable-image-tags]',
    );
  });

  test.each<[unknown, string]>([
    [null, 'null. Leave it out.'], [false, 'false. Pass an object with reason.'],
  ])('refuse %s as mutableTags', (value, text) => {
    expect(() => images({ mutableTags: value as undefined })).toThrow(
      new Error(`[Stack/Images] mutableTags must be a RelaxationOptions object, got ${text}`));
  });

  test('keep tags immutable if mutableTags is undefined', () => {
    const repository = images({ mutableTags: undefined });
    expect(onlyOne(stack, REPOSITORY).ImageTagMutability).toBe('IMMUTABLE');
    expect(() => repository.image('latest')).toThrow(/the tags of this repository are immutable/);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('delete the repository, its images and the key with the stack if data is disposable', () => {
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    images({ repositoryName: 'karematch/backend' });
    expect(removal()).toEqual(['Delete', 'Delete']);
    expect(onlyOne(stack, REPOSITORY).EmptyOnDelete).toBe(true);
    templateOf(stack).allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });
});

describe('image', () => {
  test.each([['1.4.2'], ['main-4f2c1d0'], ['v2'], ['_x'], [DIGEST]])('accepts %s as the identifier of '
    + 'one version', (version) => {
    expect(images().image(version)).toBeInstanceOf(ecs.EcrImage);
  });

  test('accepts a token as a tag', () => {
    expect(() => images().image(new CfnParameter(stack, 'Version').valueAsString)).not.toThrow();
  });

  test.each([['latest'], ['stable']])('accepts %s if tags are mutable', (version) => {
    expect(() => images({ mutableTags: { reason: 'development' } }).image(version)).not.toThrow();
  });

  test.each([['latest'], ['latest-arm64'], ['stable'], ['edge'], ['nightly'], ['main'], ['master'], ['develop']])(
    'refuses %s if tags are immutable',
    (version) => {
      expect(() => images().image(version)).toThrow(
        new Error(
          '[Stack/Images] version must be a tag that identifies one version, because the tags of this repository are '
            + 'immutable, ' +
            `got '${version}'. Tag each build with its version or commit, or pass mutableTags with a reason.`,
        ),
      );
    },
  );

  test.each([['.1'], ['-1'], ['a/b'], ['api:1'], ['x'.repeat(129)], ['sha256:123'], [DIGEST.toUpperCase()]])(
    'refuses the invalid version %s',
    (version) => {
      expect(() => images().image(version)).toThrow(
        new Error(
          '[Stack/Images] version must be a tag (at most 128 letters, digits and . _ -, not starting with . or -) or '
            + 'a digest ' +
            `(sha256: and 64 hexadecimal digits), got '${version}'. Pass only the tag or the digest, without the name `
              + 'of the repository.',
        ),
      );
    },
  );

  test('refuses a blank version', () => {
    expect(() => images().image(' ')).toThrow(new Error(
      '[Stack/Images] version must be a non-blank string, got \' \'. Pass the tag or the digest of an image.',
    ));
  });
});

describe('a service that runs an image', () => {
  const otherStack = (of: Stack, env?: Environment) => new Stack(of.node.root as App, 'Service', { env });
  const imageOf = (service: Stack) =>
    JSON.stringify(onlyOne(service, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0].Image);

  test('can be in another stack, which depends on the stack of the repository', () => {
    const repository = images();
    const service = otherStack(stack);
    const { executionRole } = someService(service, { image: repository.image('1.4.2') });
    const pull = Object.values(propertiesOf(templateOf(service), 'AWS::IAM::ManagedPolicy')).filter(
      ({ PolicyDocument }) => JSON.stringify(PolicyDocument).includes('ecr:BatchGetImage'),
    );
    expect(pull).toEqual([expect.objectContaining({
      Roles: [service.resolve(executionRole.roleName)],
      PolicyDocument: expect.objectContaining({
        Statement: expect.arrayContaining([{
          Effect: 'Allow',
          Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          Resource: { 'Fn::ImportValue': expect.stringContaining('ImagesRepository') },
        }]),
      }),
    })]);
    expect(service.dependencies).toEqual([stack]);
    expect(stack.dependencies).toEqual([]);
    expect(onlyOne(stack, REPOSITORY)).not.toHaveProperty('RepositoryPolicyText');
    expect(nagFindings(stack)).toEqual([]);
  });

  test('can select the image by tag and by digest', () => {
    const repository = images();
    const [byDigest, byTag] = [otherStack(stack), new Stack(stack.node.root as App, 'ByTag')];
    someService(byDigest, { image: repository.image(DIGEST) });
    someService(byTag, { image: repository.image('1.4.2') });
    expect(imageOf(byDigest)).toContain(`@${DIGEST}`);
    expect(imageOf(byTag)).toContain(':1.4.2');
  });

  test('is refused in the same stack', () => {
    const repository = images();
    expect(() => someService(stack, { image: repository.image('1.4.2') })).toThrow(
      new Error(
        '[Stack/Api] image must be an image from a repository that exists before the tasks start, got one '
          + 'from Stack/Images/Repository in the same stack. Move the repository to a stack that is deployed '
          + 'first.',
      ),
    );
  });

  test('is refused with a mutable tag unless data is disposable, also if tags are mutable', () => {
    const repository = images({ mutableTags: { reason: 'the partner pulls latest' } });
    expect(() => someService(otherStack(stack), { image: repository.image('latest') })).toThrow(
      new Error(
        '[Service/Api] image must be identified by a digest or by a tag other than latest, unless data is disposable, '
          + 'got a token. ' +
          'Name the version to run.',
      ),
    );
  });

  test('can be in another account, which the repository allows without a cycle', () => {
    stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
    const repository = images({ repositoryName: 'karematch/backend' });
    const service = otherStack(stack, { account: '444455556666', region: 'eu-west-1' });
    someService(service, { image: repository.image('1.4.2') });
    const [statement] = onlyOne(stack, REPOSITORY).RepositoryPolicyText.Statement;
    expect(statement.Principal).toEqual({
      AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::444455556666:root']] },
    });
    expect(Object.keys(statement.Condition.StringEquals)).toEqual(['aws:PrincipalTag/aws-cdk:id']);
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('grantPush', () => {
  const pipeline = (id = 'Pipeline') =>
    new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
  const statements = () =>
    Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).map(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
  const expected = () => [
    {
      Effect: 'Allow',
      Action: [
        'ecr:CompleteLayerUpload',
        'ecr:UploadLayerPart',
        'ecr:InitiateLayerUpload',
        'ecr:BatchCheckLayerAvailability',
        'ecr:PutImage',
      ],
      Resource: { 'Fn::GetAtt': [expect.stringContaining('ImagesRepository'), 'Arn'] },
    },
  ];
  const login = { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' };

  test('adds a managed policy for this repository and the login to a role, without rule-pack findings', () => {
    const role = pipeline();
    expect(images().grantPush(role).success).toBe(true);
    expect(statements()).toEqual([[...expected(), login]]);
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('does not acknowledge findings on other permissions of the role', () => {
    const role = pipeline();
    images().grantPush(role);
    new iam.ManagedPolicy(stack, 'Wide', {
      roles: [role],
      statements: [new iam.PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] })],
    });
    expect(nagFindings(stack)).toContain('AwsSolutions-IAM5[Resource::*] at Stack/Wide/Resource');
  });

  test('adds the statements once for two calls', () => {
    const [repository, role] = [images(), pipeline()];
    repository.grantPush(role);
    repository.grantPush(role);
    expect(statements()).toEqual([[...expected(), login]]);
  });

  test.each([2, 11, 50])('adds one policy for %d repositories, each named in one statement', (count) => {
    const role = pipeline();
    for (let index = 1; index <= count; index++) new HardenedRepository(stack, `Service${index}`).grantPush(role);
    const [grants, ...others] = statements();
    expect(others).toEqual([]);
    expect(grants).toEqual([expect.anything(), login]);
    expect(grants[0].Resource).toHaveLength(count);
    expect(nagFindings(stack)).toEqual([]);
  });

  test.each<[string, (id: string) => iam.IGrantable, string]>([
    ['role by name', (id) => iam.Role.fromRoleName(stack, id, 'pipeline'), 'Roles'],
    ['role by ARN', (id) => iam.Role.fromRoleArn(stack, id, 'arn:aws:iam::111122223333:role/pipeline'), 'Roles'],
    ['user', (id) => iam.User.fromUserName(stack, id, 'pipeline'), 'Users'],
  ])('adds one policy for a %s that is imported for each repository', (_name, identity, attachment) => {
    for (let index = 1; index <= 12; index++) {
      new HardenedRepository(stack, `Service${index}`).grantPush(identity(`Pipeline${index}`));
    }
    const policies = Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
    expect(policies.map((policy) => policy[attachment])).toEqual([['pipeline']]);
    expect(statements()[0][0].Resource).toHaveLength(12);
  });

  test('does not share policies between two imported roles', () => {
    images().grantPush(iam.Role.fromRoleName(stack, 'One', 'one'));
    new HardenedRepository(stack, 'Other').grantPush(iam.Role.fromRoleName(stack, 'Two', 'two'));
    expect(Object.keys(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'))).toHaveLength(2);
  });

  test('refuses the eleventh stack with the name of the quota, for one imported role', () => {
    const app = newApp();
    const grantIn = (id: string) => new HardenedRepository(new Stack(app, id), 'Images')
      .grantPush(iam.Role.fromRoleArn(app.node.findChild(id), 'Role', 'arn:aws:iam::111122223333:role/pipeline'));
    for (let index = 1; index <= 10; index++) grantIn(`Stack${index}`);
    expect(() => grantIn('Stack11')).toThrow(new Error(
      '[Stack11/Role] permissions must be at most 10 managed policies (the IAM quota "Managed policies per role"), got '
        + '11 policies in all stacks of the app. Grant fewer resources to this identity, or divide it into two.'));
  });

  test('supports an imported role', () => {
    images().grantPush(iam.Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111122223333:role/pipeline'));
    const policies = Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
    expect(policies.map(({ Roles }) => Roles)).toEqual([['pipeline']]);
    expect(statements()).toEqual([[...expected(), login]]);
  });

  test('adds the policy to the stack of a role in another stack, which then depends on this stack', () => {
    const other = new Stack(stack.node.root as App, 'Pipelines');
    images().grantPush(
      new iam.Role(other, 'Pipeline', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }),
    );
    templateOf(other).resourceCountIs('AWS::IAM::ManagedPolicy', 1);
    expect(other.dependencies).toEqual([stack]);
  });

  test.each([
    ['group', () => new iam.Group(stack, 'Developers'), 'Groups'],
    ['user', () => new iam.User(stack, 'Developer'), 'Users'],
  ])('adds no inline policy to a %s', (_, identity, attachment) => {
    images().grantPush(identity());
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
    expect(statements()).toEqual([[...expected(), login]]);
    const policies = Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
    expect(policies.map((policy) => policy[attachment].length)).toEqual([1]);
  });

  test('changes nothing of an imported role that is not mutable', () => {
    const arn = 'arn:aws:iam::111122223333:role/pipeline';
    images().grantPush(iam.Role.fromRoleArn(stack, 'Imported', arn, { mutable: false }));
    templateOf(stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('extends the repository policy for a role in another account', () => {
    stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
    const other = new Stack(stack.node.root as App, 'Pipelines', {
      env: { account: '444455556666', region: 'eu-west-1' },
    });
    const role = new iam.Role(other, 'Pipeline', {
      roleName: 'pipeline',
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com'),
    });
    images({ repositoryName: 'karematch/backend' }).grantPush(role);
    expect(onlyOne(stack, REPOSITORY).RepositoryPolicyText.Statement[0].Action).toContain('ecr:PutImage');
    templateOf(other).resourceCountIs('AWS::IAM::Policy', 0);
    templateOf(other).resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  });
});

describe('HardenedRepository refuses', () => {
  test.each<[HardenedRepositoryProps, string]>([
    [
      { repositoryName: ' ' },
      "repositoryName must be a non-blank string, got ' '. Name the repository, or leave repositoryName out.",
    ],
    ...['K', 'k', 'Karematch', '-k', 'k--k', 'k/', 'x'.repeat(257)].map<[HardenedRepositoryProps, string]>(
      (repositoryName) => [
        { repositoryName },
        'repositoryName must be 2 to 256 lowercase letters and digits, separated by single . _ - /, got '
          + `'${repositoryName}'. Rename the repository.`,
      ],
    ),
    [{ maxImageCount: 0 }, 'maxImageCount must be an integer from 1 to 10000, got 0. Use an integer in this range.'],
    [
      { maxImageCount: 1.5 },
      'maxImageCount must be an integer from 1 to 10000, got 1.5. Use an integer in this range.',
    ],
    [
      { untaggedRetention: Duration.hours(36) },
      'untaggedRetention in days must be an integer from 1 to 3650, got 1.5. Use an integer in this range.',
    ],
    [
      { untaggedRetention: Duration.days(0) },
      'untaggedRetention in days must be an integer from 1 to 3650, got 0. Use an integer in this range.',
    ],
    [
      { mutableTags: { reason: '' } },
      "reason must be a non-blank string, got ''. " +
        'Say why it is acceptable that a tag can move to another image, so a tag does not identify the code that ran.',
    ],
  ])('%j', (props, sentence) => {
    expect(() => images(props)).toThrow(new Error(`[Stack/Images] ${sentence}`));
  });

  test.each<[string, (value: number) => HardenedRepositoryProps]>([
    ['maxImageCount', (maxImageCount) => ({ maxImageCount })],
    ['untaggedRetention', (days) => ({ untaggedRetention: Duration.days(days) })],
  ])('%s as a token', (prop, props) => {
    const value = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    expect(() => images(props(value))).toThrow(new Error(
      `[Stack/Images] ${prop} must be known at synthesis, got a token. Pass a literal value.`,
    ));
  });
});

describe('the template', () => {
  const everything = (app: App) => {
    const validated = new Stack(app, 'Stack');
    new HardenedRepository(validated, 'Images');
    new HardenedRepository(validated, 'Named', { repositoryName: 'karematch/backend' });
    return validated;
  };

  test('passes CloudFormation validation', () => {
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    everything(app);
    expect(templateFindings(app)).toEqual([]);
  });

  test('breaks no Control Tower rule', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'repository-'));
    const file = path.join(folder, 'stack.template.json');
    fs.writeFileSync(file, JSON.stringify(templateOf(everything(newApp())).toJSON()));
    expect(guardFindings(file)).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });
});

describe('a name that another repository of the app has', () => {
  const env = { account: '111122223333', region: 'us-east-1' };
  const named = (scope: Stack, id = 'Images') =>
    () => new HardenedRepository(scope, id, { repositoryName: 'clinic/api' });

  test('is refused in the same stack, and in the same account and region', () => {
    const app = newApp();
    const [one, same] = [new Stack(app, 'One', { env }), new Stack(app, 'Same', { env })];
    named(one)();
    const text = 'repositoryName must be unique per account and region, but One/Images/Repository/Resource is named '
      + "'clinic/api'. Rename one of the two, or leave repositoryName out.";
    expect(named(one, 'More')).toThrow(new Error(`[One/More] ${text}`));
    expect(named(same)).toThrow(new Error(`[Same/Images] ${text}`));
  });

  test('is accepted in another region, and where the region is unknown', () => {
    const app = newApp();
    named(new Stack(app, 'One', { env }))();
    expect(named(new Stack(app, 'Other', { env: { ...env, region: 'eu-west-1' } }))).not.toThrow();
    expect(named(new Stack(app, 'Unknown'))).not.toThrow();
  });
});
