import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { rotatedSecretBehind } from '../binding/container-secret';
import { IServiceBindable } from '../binding/service-binding';
import { plaintextSecret } from '../core/plaintext-secret';
import { refuse, refuseUse } from '../core/refusal';

/** Names that ECS passes to the container as environment variables. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** The props of a service that set the container's environment variables and secrets. */
export interface ContainerSettingsProps {
  readonly environment?: { [name: string]: string };
  readonly secrets?: { [name: string]: ecs.Secret };
  readonly uses?: IServiceBindable[];
  readonly restartOnRotation?: secretsmanager.ISecret[];
  readonly certificateBundlePath?: string;
}

/** The environment variables and secrets of a container. They come from the props and the resources in `uses`. */
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

  /** The secrets whose rotation requires new tasks, because running tasks keep the old value. */
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

  private add(
    from: string, environment: { [name: string]: string }, secretsFrom: string, secrets: { [name: string]: ecs.Secret },
  ): void {
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
        prop: `names in ${origin}`,
        given: name,
        allowed: 'letters, digits, _, . and -, with a letter or _ first',
        change: 'rename the variable',
      });
    }
    const other = this.origins.get(name);
    if (other !== undefined) {
      const problem =
        other === origin ? `${name} is set twice in ${origin}` : `${name} is set both in ${other} and in ${origin}`;
      refuseUse(this.service, problem, 'remove or rename one of the two');
    }
    this.origins.set(name, origin);
  }

  private screen(name: string, value: string, origin: string): void {
    const suspicion = Token.isUnresolved(value) ? undefined : plaintextSecret(name, value);
    if (suspicion === undefined) return;
    refuseUse(
      this.service, `${name} in ${origin} is readable by anyone with access to the task definition, and ${suspicion}`,
      'store the value in Secrets Manager and pass it in secrets; if the value only points to a secret, end the name '
        + 'with a suffix such as _ARN or _FILE',
    );
  }
}

function originOf(used: IConstruct): string {
  return `the binding of ${used.node.path}`;
}
