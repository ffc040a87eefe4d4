/** The parameters of a deployment, as in the parameters file of the document. */
export interface Parameters {
  /** The name of the project, the beginning of the names of the stacks. */
  readonly projectName: string;
  /** `dev` holds synthetic records only, and its deletion deletes all data. */
  readonly environment: 'dev' | 'staging' | 'prod';
  /** The address from which people connect with SSH, as a range: `203.0.113.7/32`. */
  readonly myIpAddress: string;
  /** The public key of the people who connect with SSH. */
  readonly sshPublicKey: string;
  /** A certificate of AWS Certificate Manager for `domainName`, in the region of the stack. */
  readonly certificateArn: string;
  readonly domainName: string;
  readonly databaseName: string;
  /** Whether the instances of the cluster above the smallest number are Spot Instances. */
  readonly useSpot: boolean;
  /** The tag of the image. */
  readonly version: string;
  /** The recipient of the alarms. */
  readonly alarmEmail: string;
}

export const PARAMETERS: Parameters = {
  projectName: 'backend',
  environment: 'prod',
  myIpAddress: '203.0.113.7/32',
  sshPublicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEV4YW1wbGVLZXlUaGF0Tm9ib2R5SG9sZHNBdEFsbDEy backend',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
  domainName: 'api.example.com',
  databaseName: 'backend',
  useSpot: true,
  version: '1.0.0',
  alarmEmail: 'oncall@example.com',
};
