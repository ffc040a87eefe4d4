import { Template } from 'aws-cdk-lib/assertions';
import {
  container, executionRole, expectSame, migrationContainer, migrationExecutionRole, repository, REPOSITORY,
} from './parts';
import { attribute, only, ref, rotatingKeys, text, whoMay } from '../../../support/template/reading';

const PULLING = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** The export of the images stack, which the other stack imports. */
function imported(images: Template, value: { 'Fn::ImportValue': string }): unknown {
  const outputs = Object.values<{ Value: unknown; Export: { Name: string } }>(images.toJSON().Outputs);
  const found = outputs.filter(({ Export }) => Export.Name === value['Fn::ImportValue']);
  expect(found).toHaveLength(1);
  return found[0].Value;
}

/** The image of the repository of the other stack, with the version in app.ts. */
export function runsTheImageOfTheRepository(main: Template, images: Template) {
  const parts: unknown[] = container(main).Image['Fn::Join'][1];
  const [address, tag] = parts.slice(-2);
  expect(imported(images, address as { 'Fn::ImportValue': string })).toEqual(ref(only(images, REPOSITORY)));
  expect(tag).toBe(':1.0.0');
  expect(text(container(main).Image)).toContain('.dkr.ecr.');
  // The migrations are a program of the same image.
  expect(migrationContainer(main).Image).toEqual(container(main).Image);
}

export function withoutName(_main: Template, images: Template) {
  expect(repository(images)).not.toHaveProperty('RepositoryName');
}

export function tagsStay(_main: Template, images: Template) {
  expect(repository(images).ImageTagMutability).toBe('IMMUTABLE');
  expect(repository(images)).not.toHaveProperty('ImageTagMutabilityExclusionFilters');
}

export function encrypted(_main: Template, images: Template) {
  const { EncryptionType, KmsKey } = repository(images).EncryptionConfiguration;
  expect(EncryptionType).toBe('KMS');
  expect(rotatingKeys(images)).toContainEqual(KmsKey);
}

export function scansOnPush(_main: Template, images: Template) {
  expect(repository(images).ImageScanningConfiguration).toEqual({ ScanOnPush: true });
}

const rules = (images: Template): Array<{ selection: object; action: object }> =>
  JSON.parse(repository(images).LifecyclePolicy.LifecyclePolicyText).rules;

export function keepsTenTagged(_main: Template, images: Template) {
  const tagged = rules(images).filter(({ selection }) => JSON.stringify(selection).includes('"tagStatus":"tagged"'));
  expect(tagged).toMatchObject([
    {
      selection: { tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 10 },
      action: { type: 'expire' },
    },
  ]);
  expect(rules(images)).toHaveLength(2);
}

export function dropsUntaggedAfterAWeek(_main: Template, images: Template) {
  const untagged = rules(images).filter(({ selection }) =>
    JSON.stringify(selection).includes('"tagStatus":"untagged"'),
  );
  expect(untagged).toMatchObject([
    { selection: { countType: 'sinceImagePushed', countNumber: 7, countUnit: 'days' }, action: { type: 'expire' } },
  ]);
}

/** The policy of the role allows it. The repository has no policy, so it allows nobody else. */
export function tasksMayPull(main: Template, images: Template) {
  expect(repository(images)).not.toHaveProperty('RepositoryPolicyText');
  const startRoles = [executionRole(main), migrationExecutionRole(main)];
  for (const action of PULLING) {
    const rights = whoMay(main, action);
    expectSame(rights.map(({ role }) => role), startRoles);
    for (const { resource } of rights) {
      expect(resource).toEqual({ 'Fn::ImportValue': expect.stringMatching(/./) });
      expect(imported(images, resource as { 'Fn::ImportValue': string })).toEqual(
        attribute(only(images, REPOSITORY), 'Arn'),
      );
    }
  }
  // The login to the registry supports no resource.
  expectSame(whoMay(main, 'ecr:GetAuthorizationToken'), startRoles.map((role) => ({ role, resource: '*' })));
}

/** No role of this app may change an image. */
export function nobodyMayPush(main: Template) {
  for (const action of ['ecr:PutImage', 'ecr:BatchDeleteImage', 'ecr:SetRepositoryPolicy']) {
    expect(whoMay(main, action)).toEqual([]);
  }
}
