import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BastionImage } from './bastion-image';
import { RelaxationOptions } from '../core/relaxation';

/** What a bastion is made of. */
export interface SsmBastionProps {
  /** The network. */
  readonly vpc: ec2.IVpc;
  /**
   * Where the machine stands: in the first of these subnets. They need a way to Systems Manager, CloudWatch Logs and KMS, over a NAT gateway or
   * endpoints. Public subnets are refused.
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The size of the machine, which runs clients and no server.
   * @default t4g.micro
   */
  readonly instanceType?: ec2.InstanceType;
  /**
   * The image of the machine.
   * @default BastionImage.amazonLinux2023()
   */
  readonly image?: BastionImage;
  /**
   * Packages of Amazon Linux that are installed when the machine first starts: letters, digits and `. _ + -`. Changing them replaces the machine.
   * @default ['postgresql16'], which brings psql
   */
  readonly packages?: string[];
  /**
   * After how long without a key pressed a session is closed: 1 to 60 whole minutes. 45 CFR 164.312(a)(2)(iii) asks for it.
   * @default Duration.minutes(15)
   */
  readonly idleTimeout?: Duration;
  /**
   * After how long a session is closed in any case: 1 to 1440 whole minutes.
   * @default Duration.hours(8)
   */
  readonly maxSessionDuration?: Duration;
  /**
   * Lets those who may open a session also carry ports to their own machines. What goes through a forwarded port cannot be logged.
   * @default - nobody may
   */
  readonly portForwarding?: RelaxationOptions;
  /**
   * The key for the disk, for what goes over a session, and for the log of the sessions. The policy that CloudWatch Logs needs is added to it, unless it
   * is imported: then its policy has to be right already.
   * @default - a rotating key of the bastion's own
   */
  readonly encryptionKey?: kms.IKey;
}
