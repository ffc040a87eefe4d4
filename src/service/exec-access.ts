import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { auditLogGroup } from '../blocks/log-group';
import { acknowledge } from '../core/acknowledge';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuseUse, requireText } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** The paths that the agent of ECS Exec writes to. They must be writable volumes (containers-roadmap #1359). */
const AGENT_PATHS = { ExecAgent: '/managed-agents', ExecState: '/var/lib/amazon/ssm', ExecLog: '/var/log/amazon/ssm' };

/**
 * Access to running containers with ECS Exec.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 *
 * services.addService(this, 'Worker', {
 *   image: images.image('1.4.2'),
 *   exec: ExecAccess.audited({ reason: 'first weeks in production' }),
 * });
 */
export abstract class ExecAccess {
  /** No access. */
  public static none(): ExecAccess {
    return new NoExec();
  }

  /**
   * Principals with `ecs:ExecuteCommand` can run commands as root in sessions that are recorded.
   *
   * A log group records their input and output. The log group is encrypted and keeps the sessions for six years. A
   * `ServiceCluster` and a cluster that the service creates have such a log group. On any other cluster,
   * `executeCommandConfiguration` must name a log group: otherwise this access is refused.
   */
  public static audited(options: RelaxationOptions): ExecAccess {
    checkFactory('ExecAccess.audited', { options });
    return new AuditedExec(options.reason);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ExecAccess');

  /** @internal */
  public abstract readonly _enabled: boolean;

  /** @internal Refuses a missing reason, and records the relaxation. */
  public abstract _validate(scope: IConstruct): void;

  /** @internal The recording of sessions on a cluster that the service creates. */
  public abstract _clusterConfiguration(
    scope: Construct, key: kms.IKey,
  ): ecs.ExecuteCommandConfiguration | undefined;

  /** @internal Gives the agent in the tasks its volumes and permissions. */
  public abstract _prepare(container: ecs.ContainerDefinition, role: iam.IRole, cluster: ecs.ICluster): void;
}

class NoExec extends ExecAccess {
  public readonly _enabled = false;

  public _validate(): void {
    // No relaxation to record.
  }

  public _clusterConfiguration(): undefined {
    return undefined;
  }

  public _prepare(): void {
    // The tasks have no agent.
  }
}

class AuditedExec extends ExecAccess {
  public readonly _enabled = true;

  constructor(private readonly reason: string) {
    super();
  }

  public _validate(scope: IConstruct): void {
    requireText(scope, 'exec.reason', this.reason, 'state why people can open a shell in running containers');
    relax(scope, { id: 'exec-access', what: 'people can run commands in the containers as root', reason: this.reason });
  }

  public _clusterConfiguration(scope: Construct, key: kms.IKey): ecs.ExecuteCommandConfiguration {
    return {
      kmsKey: key,
      logging: ecs.ExecuteCommandLogging.OVERRIDE,
      logConfiguration: {
        cloudWatchLogGroup: auditLogGroup(scope, 'ExecLog', { encryptionKey: key }),
        cloudWatchEncryptionEnabled: true,
      },
    };
  }

  public _prepare(container: ecs.ContainerDefinition, role: iam.IRole, cluster: ecs.ICluster): void {
    for (const [name, containerPath] of Object.entries(AGENT_PATHS)) {
      container.taskDefinition.addVolume({ name });
      container.addMountPoints({ sourceVolume: name, containerPath, readOnly: false });
    }
    this.definePolicy(role, cluster);
  }

  /** A separate policy: its wildcards are acknowledged, and the rules still report wildcards of the application. */
  private definePolicy(role: iam.IRole, cluster: ecs.ICluster): void {
    const { kmsKey, logConfiguration } = cluster.executeCommandConfiguration ?? {};
    const logGroup = logConfiguration?.cloudWatchLogGroup;
    if (!logGroup) {
      refuseUse(
        role.node.scope!,
        `ExecAccess.audited needs a cluster that logs sessions to a log group, but ${cluster.node.path} does not`,
        'use a ServiceCluster, or set logging OVERRIDE and logConfiguration.cloudWatchLogGroup on the cluster',
      );
    }
    const policy = new iam.ManagedPolicy(role, 'ExecPolicy', {
      roles: [role],
      description: 'Opens the channels of ECS Exec and records its sessions',
    });
    const allow = (actions: string[], resources: string[]) =>
      policy.addStatements(new iam.PolicyStatement({ actions, resources }));
    const channels = ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'];
    allow(channels.map((action) => `ssmmessages:${action}`), ['*']);
    allow(['logs:DescribeLogGroups'], ['*']);
    allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupRef.logGroupArn]);
    if (kmsKey) allow(['kms:Decrypt'], [kmsKey.keyRef.keyArn]);
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason:
        'These actions support no resource-level permissions: the channels of ECS Exec of ' +
        `${role.node.scope!.node.path} exist only during a session, and logs:DescribeLogGroups lists the groups of `
          + 'the account',
    });
  }
}
