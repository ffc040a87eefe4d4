import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BastionImage } from './bastion-image';
import { RelaxationOptions } from '../core/relaxation';

/** Properties of `SsmBastion`. */
export interface SsmBastionProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /**
   * The subnets of the bastion, which uses the first one.
   *
   * They need access to Systems Manager, CloudWatch Logs and KMS through a NAT gateway or VPC endpoints. Public subnets
   * are refused.
   * @default - the private subnets
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
   * 1 to 64 letters, digits and `_ . : -`.
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
   * The time without input after which a session ends: 1 to 60 whole minutes.
   *
   * 45 CFR 164.312(a)(2)(iii) requires automatic logoff.
   * @default Duration.minutes(15)
   */
  readonly idleTimeout?: Duration;
  /**
   * The maximum duration of a session: 1 to 1440 whole minutes.
   * @default Duration.hours(8)
   */
  readonly maxSessionDuration?: Duration;
  /**
   * Allows users with sessions to forward ports to their own computers. Session Manager does not log this traffic.
   * @default - port forwarding is denied
   */
  readonly portForwarding?: RelaxationOptions;
  /**
   * The KMS key that encrypts the disk, the session traffic and the session log.
   *
   * The construct adds the statement that CloudWatch Logs needs to the key policy. The policy of an imported key must
   * already contain it.
   * An alias and a key of another region are refused.
   * @default - the bastion creates a key that rotates
   */
  readonly encryptionKey?: kms.IKey;
}
