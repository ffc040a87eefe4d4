import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { auditLogGroup } from '../blocks/log-group';
import { refuse, requireText, Situation } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** What the agent of ECS Exec writes to, which a read-only file system would stop (containers-roadmap #1359). */
const AGENT_PATHS = { ExecAgent: '/managed-agents', ExecState: '/var/lib/amazon/ssm', ExecLog: '/var/log/amazon/ssm' };

/** Whether people may run commands in the running containers with ECS Exec. */
export abstract class ExecAccess {
  /** Nobody may. */
  public static none(): ExecAccess {
    return new NoExec();
  }

  /**
   * Whoever has `ecs:ExecuteCommand` may, as root, and all that they type and see is kept for six years in an encrypted log
   * group. A `ServiceCluster` logs so; on a cluster of your own, `executeCommandConfiguration` has to log to a log group. If it does
   * not, this is refused.
   */
  public static audited(options: RelaxationOptions): ExecAccess {
    return new AuditedExec(options.reason);
  }

  /** @internal */
  public abstract readonly _enabled: boolean;

  /** @internal Refuses a missing reason, and says aloud what is given up. */
  public abstract _validate(scope: IConstruct): void;

  /** @internal How a cluster of the service's own records sessions. */
  public abstract _clusterConfiguration(scope: Construct, key: kms.IKey): ecs.ExecuteCommandConfiguration | undefined;

  /** @internal Lets the agent in the tasks write and speak. */
  public abstract _prepare(container: ecs.ContainerDefinition, role: iam.IRole, cluster: ecs.ICluster): void;
}

class NoExec extends ExecAccess {
  public readonly _enabled = false;

  public _validate(): void {
    // Nothing is given up.
  }

  public _clusterConfiguration(): undefined {
    return undefined;
  }

  public _prepare(): void {
    // There is no agent.
  }
}

class AuditedExec extends ExecAccess {
  public readonly _enabled = true;

  constructor(private readonly reason: string) {
    super();
  }

  public _validate(scope: IConstruct): void {
    requireText(scope, 'exec.reason', this.reason, 'say why people may open a shell in running containers');
    relax(scope, { id: 'exec-access', what: 'people may run commands in the containers, as root', reason: this.reason });
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

  /** A policy of its own, so that its wildcards are acknowledged here and those of the application stay reported. */
  private definePolicy(role: iam.IRole, cluster: ecs.ICluster): void {
    const { kmsKey, logConfiguration } = cluster.executeCommandConfiguration ?? {};
    const logGroup = logConfiguration?.cloudWatchLogGroup;
    if (!logGroup) {
      refuse(role.node.scope!, {
        prop: 'exec',
        given: new Situation(`audited on ${cluster.node.path}, a cluster that does not log sessions`),
        allowed: 'audited on a cluster whose executeCommandConfiguration names a log group',
        change: 'set logging OVERRIDE and logConfiguration.cloudWatchLogGroup on the cluster, or leave the cluster to the service',
      });
    }
    const policy = new iam.ManagedPolicy(role, 'ExecPolicy', { roles: [role], description: 'Opens the channel of ECS Exec and records its sessions' });
    const allow = (actions: string[], resources: string[]) => policy.addStatements(new iam.PolicyStatement({ actions, resources }));
    allow(['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'], ['*']);
    allow(['logs:DescribeLogGroups'], ['*']);
    allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupRef.logGroupArn]);
    if (kmsKey) allow(['kms:Decrypt'], [kmsKey.keyRef.keyArn]);
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `The channels of ECS Exec of ${role.node.scope!.node.path} exist only while somebody uses them, and log groups are listed for the account as a whole: these actions take no resource`,
    });
  }
}
