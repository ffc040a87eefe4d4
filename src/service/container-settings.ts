import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct, IDependable } from 'constructs';
import { FollowedSecret } from './roller/service-roller';
import { requireNearby, requireNearbyContainerSecret } from './secret-region';
import { TaskProps } from './task-props';
import { requireTlsVerification } from './tls-verification';
import { isOverlapping, rotatedSecretBehind } from '../binding/container-secret';
import { IServiceBindable } from '../binding/service-binding';
import { requireReachable } from '../blocks/same-vpc';
import { checkResult } from '../core/check-props';
import { plaintextSecret } from '../core/plaintext-secret';
import { refuse, refuseUse, Situation } from '../core/refusal';
import { sortedEntries } from '../core/sorted-entries';

/** Names that ECS passes to the container as environment variables. */
const VARIABLE_NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_.-]*$/;

/** A file, which has no slash at its end. */
const ABSOLUTE_PATH = /^(\/[^/\s]+)+$/;

/** The props that set the container's environment variables and secrets. */
export interface ContainerSettingsProps extends TaskProps {
  readonly uses?: IServiceBindable[];
  readonly restartOnRotation?: secretsmanager.ISecret[];
}

/** The environment variables and secrets of a container. They come from the props and the resources in `uses`. */
export class ContainerSettings {
  public readonly environment: { [name: string]: string } = {};
  public readonly secrets: { [name: string]: ecs.Secret } = {};
  public readonly connectables: ec2.IConnectable[] = [];
  /** Dependables that must exist before the tasks start, and the resources in `uses` that name none. */
  public readonly prerequisites = {
    waitFor: [] as IDependable[], whole: [] as IConstruct[], connected: [] as ec2.IConnectable[],
  };
  private readonly breaking: secretsmanager.ISecret[] = [];
  private readonly overlapping: secretsmanager.ISecret[] = [];
  private readonly origins = new Map<string, string>();

  constructor(
    private readonly service: Construct, private readonly vpc: ec2.IVpc, props: ContainerSettingsProps,
  ) {
    requireBundlePath(service, props.certificateBundlePath);
    this.add('environment', props.environment ?? {}, 'secrets', props.secrets ?? {});
    for (const used of props.uses ?? []) this.use(used, props.certificateBundlePath);
    this.breaking.push(...props.restartOnRotation ?? []);
  }

  /** The secrets whose rotation requires new tasks, because running tasks keep the old value. */
  public get rotatedSecrets(): FollowedSecret[] {
    const overlaps = new Map<secretsmanager.ISecret, boolean>();
    const add = (secret: secretsmanager.ISecret, overlapping: boolean) =>
      overlaps.set(secret, overlapping && (overlaps.get(secret) ?? true));
    this.breaking.forEach((secret) => add(secret, false));
    this.overlapping.forEach((secret) => add(secret, true));
    for (const each of Object.values(this.secrets)) {
      const behind = rotatedSecretBehind(each);
      if (behind) add(behind, isOverlapping(each));
    }
    return [...overlaps].map(([secret, overlapping]) => ({ secret, overlaps: overlapping }));
  }

  private use(used: IServiceBindable, certificateBundlePath: string | undefined): void {
    const binding = used.bindToService({ service: this.service, certificateBundlePath });
    const origin = originOf(used);
    checkResult(used, 'bindToService()', 'ServiceBinding', binding);
    this.add(origin, binding.environment ?? {}, origin, binding.secrets ?? {});
    if (binding.connectable) this.connect(used, binding.connectable);
    const { rotatedSecrets = [], overlappingSecrets = [] } = binding;
    for (const secret of rotatedSecrets) requireNearby(this.service, `rotatedSecrets of ${origin}`, secret);
    for (const secret of overlappingSecrets) requireNearby(this.service, `overlappingSecrets of ${origin}`, secret);
    this.breaking.push(...rotatedSecrets);
    this.overlapping.push(...overlappingSecrets);
    if (!binding.waitFor && binding.connectable) this.prerequisites.connected.push(binding.connectable);
    if (binding.waitFor) this.prerequisites.waitFor.push(...binding.waitFor);
    // A construct that contains the service cannot exist before it.
    else if (!this.service.node.scopes.includes(used)) this.prerequisites.whole.push(used);
  }

  private connect(used: IServiceBindable, connectable: ec2.IConnectable): void {
    if (!connectable.connections.defaultPort) {
      refuse(used, {
        prop: 'bindToService().connectable',
        given: new Situation('connections without a default port'),
        allowed: 'connections with a default port',
        change: 'set defaultPort of the ec2.Connections',
      });
    }
    requireReachable(this.service, { prop: 'uses', what: 'a resource', vpc: this.vpc }, connectable);
    this.connectables.push(connectable);
  }

  private add(
    from: string, environment: { [name: string]: string }, secretsFrom: string, secrets: { [name: string]: ecs.Secret },
  ): void {
    for (const [name, value] of sortedEntries(environment)) {
      this.claim(name, from);
      this.screen(name, value, from);
      requireTlsVerification(this.service, name, value, from);
      this.environment[name] = value;
    }
    for (const [name, secret] of sortedEntries(secrets)) {
      this.claim(name, secretsFrom);
      requireNearbyContainerSecret(this.service, `${name} in ${secretsFrom}`, secret);
      this.secrets[name] = secret;
    }
  }

  private claim(name: string, origin: string): void {
    if (!VARIABLE_NAME.test(name)) {
      refuse(this.service, {
        prop: `names in ${origin}`,
        given: name,
        allowed: 'letters, digits, _, . and -, with a letter or _ first, and not __proto__',
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

/** Refuses a path that is not absolute: the client would look for the bundle in its working directory. */
function requireBundlePath(scope: IConstruct, given: string | undefined): void {
  if (given === undefined || Token.isUnresolved(given) || ABSOLUTE_PATH.test(given)) return;
  refuse(scope, {
    prop: 'certificateBundlePath',
    given,
    allowed: "the absolute path of a file in the image, such as '/etc/ssl/rds-global-bundle.pem'",
    change: 'correct the path, or leave certificateBundlePath out',
  });
}

function originOf(used: IConstruct): string {
  return `the binding of ${used.node.path}`;
}
