import { IConstruct } from 'constructs';
import { relax, RelaxationOptions } from '../core/relaxation';

/** Whether the subnets that hold databases have a way out to the internet. */
export abstract class DataSubnets {
  /** No way out: what runs there reaches the VPC and nothing else. Databases need no more than that. */
  public static isolated(): DataSubnets {
    return new Isolated();
  }

  /** A way out through the NAT gateways. Refused together with `NatStrategy.none`, which has none. */
  public static withEgress(options: RelaxationOptions): DataSubnets {
    return new WithEgress(options);
  }

  /**
   * Whether these subnets route to the NAT gateways.
   * @internal
   */
  public abstract readonly _egress: boolean;

  /**
   * Says aloud what is given up.
   * @internal
   */
  public abstract _announce(scope: IConstruct): void;
}

class Isolated extends DataSubnets {
  public readonly _egress = false;

  public _announce(): void {}
}

class WithEgress extends DataSubnets {
  public readonly _egress = true;

  constructor(private readonly options: RelaxationOptions) {
    super();
  }

  public _announce(scope: IConstruct): void {
    relax(scope, { id: 'data-subnet-egress', what: 'the data subnets can reach the internet', reason: this.options.reason });
  }
}
