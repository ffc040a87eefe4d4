import { NatStrategy, RelaxationOptions } from 'cdk-hipaa';

/** The domain names of the system. */
export interface Domain {
  readonly site: string;
  readonly api: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
}

/** The differences between production and development. */
export interface Environment {
  /** The reason why the data is disposable. Without it, the data and its keys outlive the stack. */
  readonly disposable?: RelaxationOptions;
  /** Whether CloudFormation denies the deletion of the stacks. */
  readonly terminationProtection: boolean;
  /** How the private subnets reach the internet. */
  readonly nat: NatStrategy;
  /** Whether the database has a standby in a second zone. */
  readonly multiAz: boolean;
  /** The domain names. The stacks request their certificates. */
  readonly domain?: Domain;
  /** Whether another system still uses the domain names. The stacks then create no alias records for them. */
  readonly cutOver?: boolean;
  /** The reason why the load balancer accepts HTTP. For an environment without domain names. */
  readonly plainHttp?: RelaxationOptions;
  /** The recipient of the alarms. */
  readonly alarmEmail: string;
}

export const PRODUCTION: Environment = {
  terminationProtection: true,
  nat: NatStrategy.onePerAz(),
  multiAz: true,
  domain: {
    site: 'www.karematch.com',
    api: 'api.karematch.com',
    hostedZoneId: 'Z0EXAMPLE0000000000',
    zoneName: 'karematch.com',
  },
  alarmEmail: 'oncall@karematch.com',
};

export const DEVELOPMENT: Environment = {
  disposable: { reason: 'development holds synthetic records only' },
  terminationProtection: false,
  nat: NatStrategy.single({ reason: 'development may lose outbound traffic with one zone' }),
  multiAz: false,
  plainHttp: {
    reason: 'development has no domain name and therefore no certificate, and holds synthetic records '
    + 'only',
  },
  alarmEmail: 'developers@karematch.com',
};
