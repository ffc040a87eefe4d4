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

/** What a change does: the machine must be a mark of 1 to 64 letters, digits and _ . : -, got made anew, and what holds state stays as it is. */
function replaced(before: Template, after: Template): string[] {
  const types: string[] = [];
  fullDiff(before.toJSON(), after.toJSON()).resources.forEachDifference((_, { changeImpact, newResourceType, oldResourceType }) => {
    if (changeImpact !== ResourceImpact.WILL_UPDATE && changeImpact !== ResourceImpact.NO_CHANGE) types.push(newResourceType ?? oldResourceType ?? 'none');
  });
  return [...new Set(types)];
}

describe('Amazon Linux 2023', () => {
  test('is read by EC2 when it launches the machine: nothing in the template changes when AWS publishes another', () => {
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

  test('is renewed by a mark, which replaces the machine and nothing that holds state', () => {
    const renewed = (mark?: string) => withImage(BastionImage.amazonLinux2023({ rotationMarker: mark }));
    expect(instanceOf(renewed('2026-06')).UserData['Fn::Base64']).toContain('# Image renewed: 2026-06');
    expect(replaced(renewed(), renewed('2026-06'))).toEqual(['AWS::EC2::Instance']);
    expect(replaced(renewed('2026-06'), renewed('2026-07'))).toEqual(['AWS::EC2::Instance']);
    expect(replaced(renewed('2026-06'), renewed('2026-06'))).toEqual([]);
  });
});

describe('a pinned image', () => {
  const amis = { 'us-east-1': AMI, 'eu-west-1': OTHER_AMI };

  test('is that of the region', () => {
    const template = withImage(BastionImage.pinned(amis), {}, { region: 'eu-west-1' });
    expect(instanceOf(template)).toMatchObject({ ImageId: OTHER_AMI });
    expect(instanceOf(template).LaunchTemplate).toBeUndefined();
    template.resourceCountIs('AWS::EC2::LaunchTemplate', 0);
  });

  test('is looked up in a mapping where the region is not known', () => {
    const template = withImage(BastionImage.pinned(amis));
    expect(instanceOf(template).ImageId).toEqual({ 'Fn::FindInMap': [expect.any(String), { Ref: 'AWS::Region' }, 'ami'] });
    expect(Object.values(template.toJSON().Mappings)).toEqual([{ 'us-east-1': { ami: AMI }, 'eu-west-1': { ami: OTHER_AMI } }]);
  });

  test('another image replaces the machine', () => {
    const pinned = (ami: string) => withImage(BastionImage.pinned({ 'us-east-1': ami }), {}, { region: 'us-east-1' });
    expect(replaced(pinned(AMI), pinned(OTHER_AMI))).toEqual(['AWS::EC2::Instance']);
  });

  test('may be of a type known only at deployment', () => {
    const instanceType = new ec2.InstanceType(Token.asString({ Ref: 'Type' }));
    expect(instanceOf(withImage(BastionImage.pinned(amis), { instanceType })).InstanceType).toEqual({ Ref: 'Type' });
  });
});

describe('the version of a parameter', () => {
  test('is resolved at deployment', () => {
    expect(instanceOf(withImage(BastionImage.parameterVersion('/images/bastion', 7))).ImageId).toBe('{{resolve:ssm:/images/bastion:7}}');
  });

  test('another version replaces the machine', () => {
    const version = (number: number) => withImage(BastionImage.parameterVersion('/images/bastion', number));
    expect(replaced(version(7), version(8))).toEqual(['AWS::EC2::Instance']);
  });

  test('may be known only at deployment', () => {
    const stack = newStack();
    const version = new CfnParameter(stack, 'Version', { type: 'Number' }).valueAsNumber;
    new SsmBastion(stack, 'Bastion', { vpc: someVpc(stack), image: BastionImage.parameterVersion('/images/bastion', version) });
    expect(instanceOf(templateOf(stack)).ImageId).toEqual({ 'Fn::Join': ['', ['{{resolve:ssm:/images/bastion:', { Ref: 'Version' }, '}}']] });
  });
});

test.each<[string, BastionImage, Partial<SsmBastionProps>, string]>([
  ['a mark that is a command', BastionImage.amazonLinux2023({ rotationMarker: 'today\nreboot' }), {},
    "image.rotationMarker is 'today\nreboot'. Write the month, as 2026-06."],
  ['a type known only at deployment beside an image that depends on it', BastionImage.amazonLinux2023(), { instanceType: new ec2.InstanceType(Token.asString({ Ref: 'Type' })) },
    'instanceType must be a type known at synthesis beside BastionImage.amazonLinux2023, got a token. '
    + 'Write it out, since its processor decides which image fits, or name the image with BastionImage.pinned.'],
  ['no image', BastionImage.pinned({}), {}, "image must be an image for each region, got []. Pass the image of the region: { 'us-east-1': 'ami-…' }."],
  ['an ID that is not an image ID', BastionImage.pinned({ 'us-east-1': 'al2023' }), {},
    "image of us-east-1 must be the id of an image, ami- and 8 or 17 hexadecimal digits, got 'al2023'. Copy it from the console or from a parameter of AWS."],
  ['images of other regions', BastionImage.pinned({ 'us-west-2': AMI }), {},
    "image must be images of which one is for us-east-1, where the stack is, got ['us-west-2']. Add the image of us-east-1."],
  ['a parameter without a name', BastionImage.parameterVersion(' ', 1), {},
    "image parameterName must be a non-blank string, got ' '. Name the parameter that holds the id of the image."],
  ['a parameter without a version', BastionImage.parameterVersion('/images/bastion', 0), {},
    `image version must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}, got 0. Pass the version that you mean, since the newest one would change by itself.`],
])('refuses %s', (_, image, more, message) => {
  expect(() => withImage(image, more, { region: 'us-east-1' })).toThrow(`Stack/Bastion: ${message}`);
});
