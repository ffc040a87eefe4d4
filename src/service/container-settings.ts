import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { IServiceBindable } from '../binding/service-binding';
import { plaintextSecret } from '../core/plaintext-secret';
import { refuse, Situation } from '../core/refusal';
import { rotatedSecretBehind } from '../binding/container-secret';

/** What ECS passes on as a variable that programs can read. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** What the user says about the container's variables, and what the service uses. */
export interface ContainerSettingsProps {
  readonly environment?: { [name: string]: string };
  readonly secrets?: { [name: string]: ecs.Secret };
  readonly uses?: IServiceBindable[];
  readonly restartOnRotation?: secretsmanager.ISecret[];
  readonly certificateBundlePath?: string;
}

/** The variables of a container and what stands behind them, gathered from the user and from all that the service uses. */
export class ContainerSettings {
  public readonly environment: { [name: string]: string } = {};
  public readonly secrets: { [name: string]: ecs.Secret } = {};
  public readonly connectables: ec2.IConnectable[] = [];
  private readonly rotated: secretsmanager.ISecret[] = [];
  private readonly origins = new Map<string, string>();

  constructor(private readonly service: Construct, props: ContainerSettingsProps) {
    this.add('environment', props.environment ?? {}, 'secrets', props.secrets ?? {});
    for (const used of props.uses ?? []) this.use(used, props.certificateBundlePath);
    this.rotated.push(...props.restartOnRotation ?? []);
  }

  /** Every secret whose rotation leaves the running tasks with an old value. */
  public get rotatedSecrets(): secretsmanager.ISecret[] {
    const behind = Object.values(this.secrets).map(rotatedSecretBehind).filter((secret) => secret !== undefined);
    return [...new Set([...this.rotated, ...behind])];
  }

  private use(used: IServiceBindable, certificateBundlePath: string | undefined): void {
    const binding = used.bindToService({ service: this.service, certificateBundlePath });
    const origin = originOf(used);
    this.add(origin, binding.environment ?? {}, origin, binding.secrets ?? {});
    if (binding.connectable) this.connectables.push(binding.connectable);
    this.rotated.push(...binding.rotatedSecrets ?? []);
  }

  private add(from: string, environment: { [name: string]: string }, secretsFrom: string, secrets: { [name: string]: ecs.Secret }): void {
    for (const [name, value] of Object.entries(environment)) {
      this.claim(name, from);
      this.screen(name, value, from);
      this.environment[name] = value;
    }
    for (const [name, secret] of Object.entries(secrets)) {
      this.claim(name, secretsFrom);
      this.secrets[name] = secret;
    }
  }

  private claim(name: string, origin: string): void {
    if (!VARIABLE_NAME.test(name)) {
      refuse(this.service, {
        prop: `a name in ${origin}`,
        given: name,
        allowed: 'letters, digits, _, . and -, with a letter or _ first',
        change: 'rename the variable',
      });
    }
    const other = this.origins.get(name);
    if (other !== undefined) {
      refuse(this.service, {
        prop: `${name} in ${origin}`,
        given: new Situation(`also in ${other}`),
        allowed: 'each variable once',
        change: 'remove or rename one of the two',
      });
    }
    this.origins.set(name, origin);
  }

  private screen(name: string, value: string, origin: string): void {
    const suspicion = Token.isUnresolved(value) ? undefined : plaintextSecret(name, value);
    if (suspicion === undefined) return;
    refuse(this.service, {
      prop: `${name} in ${origin}`,
      given: new Situation(`readable by everybody who may see the task definition, and ${suspicion}`),
      allowed: 'what everybody may read',
      change: 'put the value into Secrets Manager and pass it in secrets, or give a pointer to it a name that ends like one, as _ARN or _FILE',
    });
  }
}

function originOf(used: IConstruct): string {
  return `the binding of ${used.node.path}`;
}
