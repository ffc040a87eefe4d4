import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { containerOf, someService } from './fargate-fixtures';
import { newStack, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const image = (platform?: Platform) =>
  ecs.ContainerImage.fromAsset(__dirname, { file: 'fargate-fixtures.ts', platform });

describe.each<[string, { account: string; region: string } | undefined]>([
  ['no account and region', undefined],
  ['an account and region', { account: '111122223333', region: 'eu-west-1' }],
])('an image from a local Dockerfile with %s', (_, env) => {
  let stack: Stack;
  beforeEach(() => {
    stack = newStack({ env });
    someService(stack, { image: image(Platform.LINUX_AMD64) });
  });

  test('is in the repository of the bootstrap stack, which exists before the first deployment', () => {
    templateOf(stack).resourceCountIs('AWS::ECR::Repository', 0);
    expect(JSON.stringify(containerOf(stack).Image))
      .toMatch(/dkr\.ecr\..*cdk-hnb659fds-container-assets-.*:[0-9a-f]{64}"/);
  });

  test('can be pulled by the execution role', () => {
    templateOf(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: Match.arrayWith(['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage']),
          Resource: Match.objectLike({}),
        })]),
      },
    });
    expect(JSON.stringify(templateOf(stack).findResources('AWS::IAM::ManagedPolicy')))
      .toMatch(/:repository\/.*cdk-hnb659fds-container-assets-/);
  });

  test('has no finding', () => expect(nagFindings(stack)).toEqual([]));
});

test('without a platform is accepted', () => {
  expect(() => someService(newStack(), { image: image() })).not.toThrow();
});

test('for the architecture of the task is accepted', () => {
  const props = { image: image(Platform.LINUX_ARM64), cpuArchitecture: ecs.CpuArchitecture.ARM64 };
  expect(() => someService(newStack(), props)).not.toThrow();
});

test.each([
  [Platform.LINUX_ARM64, ecs.CpuArchitecture.X86_64, 'linux/arm64', 'linux/amd64'],
  [Platform.LINUX_AMD64, ecs.CpuArchitecture.ARM64, 'linux/amd64', 'linux/arm64'],
])('for another architecture is refused (%#)', (platform, cpuArchitecture, given, needed) => {
  expect(() => someService(newStack(), { image: image(platform), cpuArchitecture })).toThrow(new Error(
    `[Stack/Api] image must be an image for ${needed}, the platform of cpuArchitecture, got one that is built for `
    + `${given}. Change the platform of the image, or pass cpuArchitecture.`));
});
