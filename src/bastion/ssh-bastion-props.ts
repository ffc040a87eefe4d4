import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BastionImage } from './bastion-image';

/** Properties of `SshBastion`. */
export interface SshBastionProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /**
   * The addresses from which people connect: an IPv4 range of at most 256 addresses, such as `203.0.113.7/32`.
   *
   * The prefix length must be from 24 to 32. A `CfnParameter` of type String gets an allowed pattern with the same
   * limit, also if it has its own pattern. Its default and its allowed values must not be wider. Another token must be
   * followed by the prefix length: `${address}/32`.
   */
  readonly allowedAddress: string;
  /**
   * The key pair with which people log in. A changed key pair replaces the instance.
   *
   * AWS never has the private key if the key pair has `publicKeyMaterial` or is imported.
   */
  readonly keyPair: ec2.IKeyPair;
  /**
   * The reason why Session Manager is not enough. The warning and the compliance report quote it. A blank string is
   * refused.
   */
  readonly reason: string;
  /**
   * The subnets of the bastion, which uses the first one. They must be public subnets.
   * @default - the public subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The type of the EC2 instance, which runs database clients.
   * @default t4g.micro
   */
  readonly instanceType?: ec2.InstanceType;
  /**
   * The image of the instance.
   * @default BastionImage.amazonLinux2023()
   */
  readonly image?: BastionImage;
  /**
   * A marker whose change replaces the instance and so renews an Amazon Linux image: `2026-06`, for example.
   *
   * 1 to 64 letters, digits and `_ . : -`. The IP address stays.
   * @default - no marker: the instance keeps its image until another change replaces the instance
   */
  readonly rotationMarker?: string;
  /**
   * Amazon Linux packages to install at the first start. A change replaces the instance.
   *
   * Names have letters, digits and `. _ + -`.
   * @default ['postgresql16'], which contains psql
   */
  readonly packages?: string[];
  /**
   * The time without input after which a shell ends: 1 to 60 whole minutes. A change replaces the instance.
   *
   * 45 CFR 164.312(a)(2)(iii) requires automatic logoff.
   * @default Duration.minutes(15)
   */
  readonly idleTimeout?: Duration;
  /**
   * The KMS key that encrypts the disk and the login log.
   *
   * The construct adds the statement that CloudWatch Logs needs to the key policy. The policy of an imported key must
   * already contain it.
   * An alias and a key of another region are refused.
   * @default - the bastion creates a key that rotates
   */
  readonly encryptionKey?: kms.IKey;
}
