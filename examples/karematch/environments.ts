import { NatStrategy, RelaxationOptions } from 'cdk-hipaa';

/** The names that people and programs know the system by. */
export interface Domain {
  readonly site: string;
  readonly api: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
}

/** What production and development decide differently. Every such decision stands here, and nowhere else in the app. */
export interface Environment {
  /** Why the data may be lost. Without it, data and what encrypts it outlive the stack. */
  readonly disposable?: RelaxationOptions;
  /** Whether CloudFormation refuses to delete the stacks. */
  readonly terminationProtection: boolean;
  /** How private subnets reach the internet. */
  readonly nat: NatStrategy;
  /** Whether the database has a standby in a second zone. */
  readonly multiAz: boolean;
  /** The names, with certificates that are requested for them. */
  readonly domain?: Domain;
  /** Why the load balancer may be reached without TLS, where there are no names. */
  readonly plainHttp?: RelaxationOptions;
  /** Who is told when something needs a person. */
  readonly alarmEmail: string;
}

export const PRODUCTION: Environment = {
  terminationProtection: true,
  nat: NatStrategy.onePerAz(),
  multiAz: true,
  domain: { site: 'www.karematch.com', api: 'api.karematch.com', hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'karematch.com' },
  alarmEmail: 'oncall@karematch.com',
};

export const DEVELOPMENT: Environment = {
  disposable: { reason: 'development holds synthetic records only' },
  terminationProtection: false,
  nat: NatStrategy.single({ reason: 'development may lose its way out with one zone' }),
  multiAz: false,
  plainHttp: { reason: 'development has no domain name, so no certificate either, and holds synthetic records only' },
  alarmEmail: 'developers@karematch.com',
};
