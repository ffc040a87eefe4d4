import { Duration } from 'aws-cdk-lib';
import { IServiceBindable } from '../../binding/service-binding';
import { SecureFargateService } from '../secure-fargate-service';
import { TaskProps } from '../task-props';

/**
 * Properties of a `MigrationTask`.
 *
 * `image`, `command` and `uses` are required, and `vpc` without `cluster`.
 */
export interface MigrationTaskProps extends TaskProps {
  /** The command that the container runs, such as `['alembic', 'upgrade', 'head']`. An empty command is refused. */
  readonly command: string[];
  /**
   * The databases and other resources that the command uses. An empty array is refused.
   *
   * Pass the owner of a schema, such as `database.access('Migrations', DatabaseAccess.owner())`. If you pass the
   * database itself, the user of the task cannot change the schema. Each resource gets one security group rule on its
   * port, and the container gets the environment variables and secrets that its client needs.
   */
  readonly uses: IServiceBindable[];
  /**
   * The services that CloudFormation creates or updates after the task has run, such as `[api]`.
   *
   * CloudFormation runs the task when it is new, or when its image, command or settings change, and waits. It creates
   * or updates the services only if the command exits with code 0. The task does not run during a rollback. A service
   * of another stack is refused.
   * @default - the task runs only by `runCommand`
   */
  readonly runBefore?: SecureFargateService[];
  /**
   * The maximum time of a run before a deployment: 1 to 13 minutes, in whole seconds.
   *
   * After this time, the task is stopped and the deployment fails. A Lambda function, which has a limit of 15 minutes,
   * waits for the task: start longer migrations with `runCommand`, which has no limit. Refused without `runBefore`.
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;
}
