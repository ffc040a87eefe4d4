import { Template } from 'aws-cdk-lib/assertions';
import { KEY, read, REPOSITORY, repository, ROLE } from './parts';
import { allows, granted, only, propertiesOf, ref, rotatingKeys, text } from '../../../support/template/reading';

const WORKFLOW = '.github/workflows/deploy.yml';

/** A repository with its own key, immutable tags, and a scan of each image. */
export function registry(template: Template) {
  const { ImageTagMutability, ImageScanningConfiguration, EncryptionConfiguration } = repository(template);
  expect({ ImageTagMutability, ImageScanningConfiguration }).toEqual({
    ImageTagMutability: 'IMMUTABLE', ImageScanningConfiguration: { ScanOnPush: true },
  });
  expect(EncryptionConfiguration.EncryptionType).toBe('KMS');
  expect(rotatingKeys(template)).toContainEqual(EncryptionConfiguration.KmsKey);
  template.resourceCountIs(KEY, 1);
}

/** carebow.sh reads the address of the repository from an output, builds the image and pushes it. */
export function pushes(template: Template) {
  registry(template);
  expect(text(template.toJSON().Outputs.Repository.Value)).toContain(`'Ref':'${only(template, REPOSITORY)}'`);
  const script = read('carebow.sh');
  expect(script).toContain(".CareBowImages.Repository'");
  expect(script).toContain('docker build --platform linux/amd64 --provenance=false -t "$repository:$version" api');
  expect(script).toContain('docker push "$repository:$version"');
  expect(script).toContain('docker login --username AWS --password-stdin "${repository%%/*}"');
}

/** The image of Node.js, with the program, its packages and the certificates of RDS. */
export function builds(template: Template) {
  registry(template);
  expect(read('api/Dockerfile')).toMatch(/^FROM \S+\/node:24-/m);
  expect(read('api/Dockerfile')).toMatch(/^CMD \["node", "server.js"\]$/m);
}

/** One environment of one repository of GitHub can assume the role, with a token and without a stored key. */
export function onlyTheEnvironment(template: Template) {
  const provider = only(template, 'AWS::IAM::OIDCProvider', {
    Url: 'https://token.actions.githubusercontent.com', ClientIdList: ['sts.amazonaws.com'],
  });
  expect(propertiesOf(template, ROLE, only(template, ROLE)).AssumeRolePolicyDocument.Statement).toEqual([{
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: ref(provider) },
    Condition: {
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': 'repo:carebow/carebow-backend:environment:production',
      },
    },
  }]);
  template.resourceCountIs('AWS::IAM::AccessKey', 0);
  template.resourceCountIs('AWS::IAM::User', 0);
}

/** The role pushes to one repository, and assumes the two roles of the CDK that deploy. */
export function pushesAndDeploys(template: Template) {
  onlyTheEnvironment(template);
  const statements = granted(template, only(template, ROLE));
  const may = (action: string) => statements.filter((statement) => allows(statement, action));
  expect(may('ecr:PutImage')).toMatchObject([{ Resource: { 'Fn::ImportValue': expect.stringMatching(/^CareBowImages:/) } }]);
  const [{ Resource }] = may('sts:AssumeRole') as Array<{ Resource: Array<{ 'Fn::Sub': string }> }>;
  expect(Resource.map((arn) => arn['Fn::Sub'].replace(/.*:role\/cdk-hnb659fds-|-role-.*/g, '')))
    .toEqual(['deploy', 'file-publishing']);
  expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
    'ecr:BatchCheckLayerAvailability', 'ecr:CompleteLayerUpload', 'ecr:GetAuthorizationToken',
    'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart', 'sts:AssumeRole',
  ]);
}

/** The workflow gets its credentials from the role, in that environment, and runs the same command as a person. */
export function workflow(template: Template) {
  pushesAndDeploys(template);
  const file = read(WORKFLOW);
  expect(file).toMatch(/^ {4}environment: production$/m);
  expect(file).toMatch(/^ {6}id-token: write$/m);
  expect(file).toContain('role-to-assume: ${{ vars.AWS_ROLE_ARN }}');
  expect(file).toContain('run: ./carebow.sh update');
  expect(file).not.toMatch(/secrets\.|AKIA|aws-access-key|pull_request/);
  expect(text(template.toJSON().Outputs.RoleArn.Value)).toContain(only(template, ROLE));
}
