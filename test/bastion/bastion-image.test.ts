import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { CfnParameter, Environment, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { BastionImage } from '../../src/bastion/bastion-image';
import { SsmBastion } from '../../src/bastion/ssm-bastion';
import { SsmBastionProps } from '../../src/bastion/ssm-bastion-props';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';

const AMI = 'ami-0123456789abcdef0';
const OTHER_AMI = 'ami-0fedcba9876543210';

function withImage(image: BastionImage, more: Partial<SsmBastionProps> = {}, env?: Environment): Template {
  const stack = newStack({ env });
  new SsmBastion(stack, 'Bastion', { vpc: someVpc(stack), image, ...more });
  return templateOf(stack);
}

const instanceOf = (template: Template) => Object.values(propertiesOf(template, 'AWS::EC2::Instance'))[0];

/** The types of the resources that a change creates, replaces or deletes. */
function replaced(before: Template, after: Template): string[] {
  const types: string[] = [];
  fullDiff(before.toJSON(), after.toJSON()).resources.forEachDifference(
    (_, { changeImpact, newResourceType, oldResourceType }) => {
      if (changeImpact !== ResourceImpact.WILL_UPDATE && changeImpact !== ResourceImpact.NO_CHANGE) {
        types.push(newResourceType ?? oldResourceType ?? 'none');
      }
    },
  );
  return [...new Set(types)];
}

describe('Amazon Linux 2023', () => {
  test('is resolved by EC2 at launch, so that the template does not change when AWS publishes an image', () => {
    const template = withImage(BastionImage.amazonLinux2023());
    expect(instanceOf(template).ImageId).toBeUndefined();
    expect(Object.values(propertiesOf(template, 'AWS::EC2::LaunchTemplate'))).toEqual([{
      LaunchTemplateData: {
        ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
        MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        Monitoring: { Enabled: true },
      },
    }]);
    expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
  });

  test('can be refreshed with a rotation marker, which replaces the instance and no stateful resource', () => {
    const renewed = (rotationMarker?: string) => withImage(BastionImage.amazonLinux2023(), { rotationMarker });
    expect(instanceOf(renewed('2026-06')).UserData['Fn::Base64']).toContain('# Rotation marker: 2026-06');
    expect(replaced(renewed(), renewed('2026-06'))).toEqual(['AWS::EC2::Instance']);
    expect(replaced(renewed('2026-06'), renewed('2026-07'))).toEqual(['AWS::EC2::Instance']);
    expect(replaced(renewed('2026-06'), renewed('2026-06'))).toEqual([]);
  });
});

describe('a pinned image', () => {
  const amis = { 'us-east-1': AMI, 'eu-west-1': OTHER_AMI };

  test('is the image of the region', () => {
    const template = withImage(BastionImage.pinned(amis), {}, { region: 'eu-west-1' });
    expect(instanceOf(template)).toMatchObject({ ImageId: OTHER_AMI });
    expect(instanceOf(template).LaunchTemplate).toBeUndefined();
    template.resourceCountIs('AWS::EC2::LaunchTemplate', 0);
  });

  test('is in a mapping if the region is not known', () => {
    const template = withImage(BastionImage.pinned(amis));
    expect(instanceOf(template).ImageId).toEqual({
      'Fn::FindInMap': [expect.any(String), { Ref: 'AWS::Region' }, 'ami'],
    });
    expect(Object.values(template.toJSON().Mappings)).toEqual([
      { 'us-east-1': { ami: AMI }, 'eu-west-1': { ami: OTHER_AMI } },
    ]);
  });

  test('replaces the instance if it changes', () => {
    const pinned = (ami: string) => withImage(BastionImage.pinned({ 'us-east-1': ami }), {}, { region: 'us-east-1' });
    expect(replaced(pinned(AMI), pinned(OTHER_AMI))).toEqual(['AWS::EC2::Instance']);
  });

  test('can have a rotation marker, which replaces the instance', () => {
    const marked = (rotationMarker?: string) =>
      withImage(BastionImage.pinned(amis), { rotationMarker }, { region: 'us-east-1' });
    expect(replaced(marked(), marked('2026-06'))).toEqual(['AWS::EC2::Instance']);
  });

  test('can be used with an instance type that is known only at deployment', () => {
    const instanceType = new ec2.InstanceType(Token.asString({ Ref: 'Type' }));
    expect(instanceOf(withImage(BastionImage.pinned(amis), { instanceType })).InstanceType).toEqual({ Ref: 'Type' });
  });
});

describe('a parameter version', () => {
  test('is resolved at deployment', () => {
    expect(instanceOf(withImage(BastionImage.parameterVersion('/images/bastion', 7))).ImageId).toBe(
      '{{resolve:ssm:/images/bastion:7}}',
    );
  });

  test('replaces the instance if it changes', () => {
    const version = (number: number) => withImage(BastionImage.parameterVersion('/images/bastion', number));
    expect(replaced(version(7), version(8))).toEqual(['AWS::EC2::Instance']);
  });

  test('can be known only at deployment', () => {
    const stack = newStack();
    const version = new CfnParameter(stack, 'Version', { type: 'Number' }).valueAsNumber;
    new SsmBastion(stack, 'Bastion', {
      vpc: someVpc(stack),
      image: BastionImage.parameterVersion('/images/bastion', version),
    });
    expect(instanceOf(templateOf(stack)).ImageId).toEqual({
      'Fn::Join': ['', ['{{resolve:ssm:/images/bastion:', { Ref: 'Version' }, '}}']],
    });
  });
});

test.each<[string, BastionImage, Partial<SsmBastionProps>, string]>([
  [
    'a rotation marker that is a command',
    BastionImage.amazonLinux2023(),
    { rotationMarker: 'today\nreboot' },
    "rotationMarker must be 1 to 64 letters, digits and _ . : -, got 'today\nreboot'. Use the month, such as 2026-06.",
  ],
  [
    'an instance type known only at deployment with an image that depends on it',
    BastionImage.amazonLinux2023(),
    { instanceType: new ec2.InstanceType(Token.asString({ Ref: 'Type' })) },
    'instanceType must be a type that is known at synthesis, whose processor selects the Amazon Linux 2023 image, ' +
      'got a token. ' +
      'Use a literal type, or use BastionImage.pinned.',
  ],
  [
    'an empty map of images',
    BastionImage.pinned({}),
    {},
    'image must be one image ID for each region, got []. Pass the image ID of ' +
      "the region: { 'us-east-1': 'ami-…' }.",
  ],
  [
    'an ID that is not an image ID',
    BastionImage.pinned({ 'us-east-1': 'al2023' }),
    {},
    "image of us-east-1 must be an image ID: ami- followed by 8 or 17 hexadecimal digits, got 'al2023'. " +
      'Copy the ID from the EC2 console or from a public parameter of AWS.',
  ],
  [
    'images of other regions',
    BastionImage.pinned({ 'us-west-2': AMI }),
    {},
    "image must be a map with an image ID for us-east-1, the region of the stack, got ['us-west-2']. Add " +
      'the image ID of us-east-1.',
  ],
  [
    'a parameter without a name',
    BastionImage.parameterVersion(' ', 1),
    {},
    "image parameterName must be the name of a parameter: letters, digits and _ . - /, got ' '. "
      + 'Pass the name of the parameter that holds the image ID.',
  ],
  [
    'text that is not an instance type',
    BastionImage.amazonLinux2023(),
    { instanceType: new ec2.InstanceType('T4G.micro') },
    "instanceType must be the name of an instance type, such as 't4g.micro', got 'T4G.micro'. "
      + 'Use, for example, ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO).',
  ],
  [
    'a parameter without a version',
    BastionImage.parameterVersion('/images/bastion', 0),
    {},
    `image version must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}, got 0. ` +
      'Pass one version, because the latest version changes without a deployment.',
  ],
])('refuses %s', (_, image, more, message) => {
  expect(() => withImage(image, more, { region: 'us-east-1' })).toThrow(`[Stack/Bastion] ${message}`);
});
