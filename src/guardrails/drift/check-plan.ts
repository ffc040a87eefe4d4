import * as iam from 'aws-cdk-lib/aws-iam';
import { CheckedSwitch, GuardrailCheck, SwitchHandler } from './contract';
import { SwitchProperties } from '../contract';

/** The required state of the guardrails, and the permissions to read the actual one. Each guardrail adds its part. */
export class CheckPlan {
  private readonly switches: CheckedSwitch[] = [];
  private readonly reads: iam.PolicyStatement[] = [];
  private others: Omit<GuardrailCheck, 'StackId' | 'Switches'> = {};

  /** Adds the switch that a custom resource controls. */
  public addSwitch(handler: SwitchHandler, physicalId: string, properties: object & SwitchProperties): void {
    this.switches.push({ Handler: handler, PhysicalId: physicalId, Properties: properties });
  }

  /** Adds what is no switch: the trail and the conformance pack. */
  public add(part: Omit<GuardrailCheck, 'StackId' | 'Switches'>): void {
    this.others = { ...this.others, ...part };
  }

  /** Adds permissions to read. The statements are copies, because a statement belongs to one policy. */
  public addReads(statements: iam.PolicyStatement[]): void {
    this.reads.push(...statements.map((statement) => statement.copy()));
  }

  /** The permissions of the check to read. */
  public get statements(): iam.PolicyStatement[] {
    return this.reads;
  }

  /** The input of the check. */
  public inputFor(stackId: string): GuardrailCheck {
    return { StackId: stackId, Switches: this.switches, ...this.others };
  }
}
