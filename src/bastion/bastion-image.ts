import { CfnDynamicReference, CfnDynamicReferenceService, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { refuse, requireInteger, requireText } from '../core/refusal';

const AMI_ID = /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/;
const RENEWAL = /^[\w.:-]{1,64}$/;

/** Which Amazon Linux 2023. */
export interface AmazonLinuxImageOptions {
  /**
   * When the image was renewed last, as `2026-06` or any other mark of your own: 1 to 64 letters, digits and `_ . : -`.
   * Changing it replaces the bastion by one on the image that is the newest then.
   * @default - the image is the newest of the day on which the bastion is made, or replaced for another reason
   */
  readonly rotationMarker?: string;
}

/** An image for a bastion, in terms of its machine. */
export interface BastionImageInPlace {
  /** The image, unless a launch template names it. */
  readonly imageId?: string;
  /** The launch template that names the image. */
  readonly launchTemplate?: ec2.CfnLaunchTemplate;
  /** What tells this image from an earlier one under the same name. */
  readonly mark?: string;
  /** Whether the template holds the id itself. */
  readonly isWrittenOut?: boolean;
}

/**
 * The image of a bastion: Amazon Linux 2023, or one made from it. The agent of Systems Manager has to be in it, and `/dev/xvda` has to be its root.
 *
 * None of them changes by itself: that AWS publishes an image replaces no bastion.
 */
export abstract class BastionImage {
  /**
   * The newest standard image of Amazon Linux 2023 on the day the machine is made, for the processor of its instance type. The machine keeps it until
   * `rotationMarker` is changed: the template names the public parameter of AWS, and EC2 reads that when it launches a machine and never else.
   */
  public static amazonLinux2023(options: AmazonLinuxImageOptions = {}): BastionImage {
    return new AmazonLinux(options);
  }

  /**
   * One image for each region. Changing the image of a region replaces the bastion there.
   * @param amis the images by region: `{ 'us-east-1': 'ami-…' }`. A stack that is known to be in another region is refused, and one without a region fails there at deployment.
   */
  public static pinned(amis: { [region: string]: string }): BastionImage {
    return new Pinned(amis);
  }

  /**
   * The image that one version of a parameter of Systems Manager names, of your own account: as a pipeline writes it that makes images. Another version replaces the bastion.
   * @param parameterName the name of the parameter, which is of the type `String`
   * @param version its version, 1 or more
   */
  public static parameterVersion(parameterName: string, version: number): BastionImage {
    return new ParameterVersion(parameterName, version);
  }

  /** @internal */
  public abstract _bind(scope: Construct, instanceType: ec2.InstanceType): BastionImageInPlace;
}

class AmazonLinux extends BastionImage {
  constructor(private readonly options: AmazonLinuxImageOptions) {
    super();
  }

  public _bind(scope: Construct, instanceType: ec2.InstanceType): BastionImageInPlace {
    const { rotationMarker } = this.options;
    if (rotationMarker !== undefined && !Token.isUnresolved(rotationMarker) && !RENEWAL.test(rotationMarker)) {
      refuse(scope, { prop: 'image.rotationMarker', given: rotationMarker, allowed: 'a mark of 1 to 64 letters, digits and _ . : -', change: 'write the month, as 2026-06' });
    }
    if (Token.isUnresolved(instanceType.toString())) {
      refuse(scope, {
        prop: 'instanceType',
        given: instanceType.toString(),
        allowed: 'a type known at synthesis beside BastionImage.amazonLinux2023',
        change: 'write it out, since its processor decides which image fits, or name the image with BastionImage.pinned',
      });
    }
    const cpuType = instanceType.architecture === ec2.InstanceArchitecture.ARM_64 ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
    const parameter = ec2.AmazonLinux2023ImageSsmParameter.ssmParameterName({ cpuType, kernel: ec2.AmazonLinux2023Kernel.DEFAULT });
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html#use-an-ssm-parameter-instead-of-an-ami-id
    const launchTemplate = new ec2.CfnLaunchTemplate(scope, 'Image', {
      launchTemplateData: {
        imageId: `resolve:ssm:${parameter}`,
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled' },
        monitoring: { enabled: true },
      },
    });
    return { launchTemplate, mark: rotationMarker };
  }
}

class Pinned extends BastionImage {
  constructor(private readonly amis: { [region: string]: string }) {
    super();
  }

  public _bind(scope: Construct): BastionImageInPlace {
    const { region } = Stack.of(scope);
    const known = Object.keys(this.amis);
    if (known.length === 0) refuse(scope, { prop: 'image', given: [], allowed: 'an image for each region', change: 'pass the image of the region: { \'us-east-1\': \'ami-…\' }' });
    for (const [where, ami] of Object.entries(this.amis)) {
      if (Token.isUnresolved(ami) || AMI_ID.test(ami)) continue;
      refuse(scope, { prop: `image of ${where}`, given: ami, allowed: 'the id of an image, ami- and 8 or 17 hexadecimal digits', change: 'copy it from the console or from a parameter of AWS' });
    }
    if (!Token.isUnresolved(region) && !known.includes(region)) {
      refuse(scope, { prop: 'image', given: known, allowed: `images of which one is for ${region}, where the stack is`, change: `add the image of ${region}` });
    }
    return { imageId: ec2.MachineImage.genericLinux({ ...this.amis }).getImage(scope).imageId, isWrittenOut: true };
  }
}

class ParameterVersion extends BastionImage {
  constructor(private readonly parameterName: string, private readonly version: number) {
    super();
  }

  public _bind(scope: Construct): BastionImageInPlace {
    requireText(scope, 'image parameterName', this.parameterName, 'name the parameter that holds the id of the image');
    requireInteger(scope, 'image version', this.version, 1, Number.MAX_SAFE_INTEGER, 'pass the version that you mean, since the newest one would change by itself');
    const reference = new CfnDynamicReference(CfnDynamicReferenceService.SSM, `${this.parameterName}:${Tokenization.stringifyNumber(this.version)}`);
    return { imageId: reference.toString() };
  }
}
