import { CfnDynamicReference, CfnDynamicReferenceService, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, requireInteger } from '../core/refusal';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const PARAMETER_NAME = /^[\w./-]{1,1011}$/;
const AMI_ID = /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** The image of a bastion, as the properties of its instance. */
export interface ResolvedImage {
  /** The image ID. Undefined if a launch template names the image. */
  readonly imageId?: string;
  /** The launch template that names the image. */
  readonly launchTemplate?: ec2.CfnLaunchTemplate;
  /** Whether the template contains a literal image ID. */
  readonly isLiteral?: boolean;
}

/**
 * The image of a bastion: Amazon Linux 2023, or an image that is derived from it.
 *
 * The image must contain SSM Agent and have `/dev/xvda` as its root device. A new image that AWS publishes never
 * replaces a bastion by itself.
 *
 * @example
 * declare const network: HipaaVpc;
 *
 * new SsmBastion(this, 'Bastion', {
 *   vpc: network,
 *   image: BastionImage.parameterVersion('/images/bastion', 7),
 * });
 */
export abstract class BastionImage {
  /**
   * Uses the standard image of Amazon Linux 2023 that is the latest when the instance launches.
   *
   * The image matches the processor of the instance type. The template contains the name of the public parameter of
   * AWS, and EC2 reads the parameter only when it launches an instance. The instance keeps its image until something
   * replaces the instance, such as a change of `rotationMarker`.
   */
  public static amazonLinux2023(): BastionImage {
    return new AmazonLinux();
  }

  /**
   * Uses one image for each region. A changed image replaces the bastion in its region.
   *
   * A stack in a known region without an image is refused. A stack without a known region fails at deployment in a
   * region without an image.
   * @param amis the image IDs by region: `{ 'us-east-1': 'ami-…' }`
   */
  public static pinned(amis: { [region: string]: string }): BastionImage {
    checkFactory('BastionImage.pinned', { amis });
    return new Pinned(amis);
  }

  /**
   * Uses the image ID in one version of an SSM parameter of your account. A new version replaces the bastion.
   * @param parameterName the name of a parameter of type `String`, which an image pipeline writes, for example
   * @param version the version of the parameter: 1 or more
   */
  public static parameterVersion(parameterName: string, version: number): BastionImage {
    checkFactory('BastionImage.parameterVersion', { parameterName, version });
    return new ParameterVersion(parameterName, version);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'BastionImage');

  /** @internal */
  public abstract _bind(scope: Construct, instanceType: ec2.InstanceType): ResolvedImage;
}

class AmazonLinux extends BastionImage {
  public _bind(scope: Construct, instanceType: ec2.InstanceType): ResolvedImage {
    if (Token.isUnresolved(instanceType.toString())) {
      refuse(scope, {
        prop: 'instanceType',
        given: instanceType.toString(),
        allowed: 'a type that is known at synthesis, whose processor selects the Amazon Linux 2023 image',
        change: 'use a literal type, or use BastionImage.pinned',
      });
    }
    const isArm = instanceType.architecture === ec2.InstanceArchitecture.ARM_64;
    const cpuType = isArm ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
    const kernel = ec2.AmazonLinux2023Kernel.DEFAULT;
    const parameter = ec2.AmazonLinux2023ImageSsmParameter.ssmParameterName({ cpuType, kernel });
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html,
    // "Use an SSM parameter instead of an AMI ID"
    const launchTemplate = new ec2.CfnLaunchTemplate(scope, 'Image', {
      launchTemplateData: {
        imageId: `resolve:ssm:${parameter}`,
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled' },
        monitoring: { enabled: true },
      },
    });
    return { launchTemplate };
  }
}

class Pinned extends BastionImage {
  constructor(private readonly amis: { [region: string]: string }) {
    super();
  }

  public _bind(scope: Construct): ResolvedImage {
    const { region } = Stack.of(scope);
    const regions = Object.keys(this.amis);
    if (regions.length === 0) {
      refuse(scope, {
        prop: 'image',
        given: [],
        allowed: 'one image ID for each region',
        change: "pass the image ID of the region: { 'us-east-1': 'ami-…' }",
      });
    }
    for (const [where, ami] of Object.entries(this.amis)) {
      if (Token.isUnresolved(ami) || AMI_ID.test(ami)) continue;
      refuse(scope, {
        prop: `image of ${where}`,
        given: ami,
        allowed: 'an image ID: ami- followed by 8 or 17 hexadecimal digits',
        change: 'copy the ID from the EC2 console or from a public parameter of AWS',
      });
    }
    if (!Token.isUnresolved(region) && !regions.includes(region)) {
      refuse(scope, {
        prop: 'image',
        given: regions,
        allowed: `a map with an image ID for ${region}, the region of the stack`,
        change: `add the image ID of ${region}`,
      });
    }
    return { imageId: ec2.MachineImage.genericLinux({ ...this.amis }).getImage(scope).imageId, isLiteral: true };
  }
}

class ParameterVersion extends BastionImage {
  constructor(private readonly parameterName: string, private readonly version: number) {
    super();
  }

  public _bind(scope: Construct): ResolvedImage {
    if (!Token.isUnresolved(this.parameterName) && !PARAMETER_NAME.test(this.parameterName)) {
      refuse(scope, {
        prop: 'image parameterName',
        given: this.parameterName,
        allowed: 'the name of a parameter: letters, digits and _ . - /',
        change: 'pass the name of the parameter that holds the image ID',
      });
    }
    requireInteger(scope, 'image version', this.version, 1, Number.MAX_SAFE_INTEGER,
      'pass one version, because the latest version changes without a deployment');
    const version = Tokenization.stringifyNumber(this.version);
    const reference = new CfnDynamicReference(CfnDynamicReferenceService.SSM, `${this.parameterName}:${version}`);
    return { imageId: reference.toString() };
  }
}
