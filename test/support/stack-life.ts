import { Dependencies, DependencyTemplate, TemplateResource } from './dependencies';

const KEY = 'AWS::KMS::Key';
const VAULT = 'AWS::Backup::BackupVault';
const BUCKET = 'AWS::S3::Bucket';
/** The types whose content is unreadable without its key. A database leaves its content as a snapshot. */
const ENCRYPTED = [
  VAULT,
  BUCKET,
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
  'AWS::ECR::Repository',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
];
/** The properties with the name of a resource that has a fixed name. */
const NAMES = ['BackupVaultName', 'LogGroupName', 'DBInstanceIdentifier', 'DBClusterIdentifier', 'TrailName'];
/** With this tag, the function of aws-cdk-lib empties a bucket when its custom resource is deleted. */
const EMPTIED = { Key: 'aws-cdk:auto-delete-objects', Value: 'true' };

/** A resource that is outside of its stack, with the deleted keys that it needs. */
interface Left {
  readonly resource: TemplateResource;
  readonly keys: string[];
}

/**
 * The life of one stack: deployments, and then its deletion, by the rules of CloudFormation.
 *
 * - An update that removes a resource applies the policy of the previous template.
 * - A deletion applies the policies of the last template, and deletes a resource after those that depend on it. If it
 *   cannot delete a resource, it keeps that resource and everything that the resource depends on.
 * - An update cannot fail at such a resource: it is skipped, and is then outside of the stack.
 *   https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
 *
 * Every bucket, repository and vault contains data. A vault contains recovery points after a plan selected something.
 */
export class StackLife {
  private template: DependencyTemplate = { Resources: {} };
  private readonly left = new Map<string, Left>();
  private readonly deletedKeys = new Set<string>();
  private readonly emptied = new Set<string>();
  private readonly locked = new Set<string>();
  private readonly filled = new Set<string>();

  /** Deploys a template. Returns the resources that cannot be created, because a resource has the same name. */
  public deploy(template: DependencyTemplate): string[] {
    const [before, after] = [this.template, template];
    const collisions = Object.entries(after.Resources).filter(([id]) => !(id in before.Resources))
      .flatMap(([id, resource]) => this.sameName(resource).map((other) => `${id} has the name of ${other}`));
    const removed = Object.keys(before.Resources).filter((id) => !(id in after.Resources));
    // Updates and creations precede deletions, so the function that empties a bucket reads the new tags.
    this.template = after;
    this.remember(after);
    const dependencies = new Dependencies(before);
    for (const id of inOrderOfDeletion(dependencies, removed)) this.remove(id, before, dependencies);
    return collisions;
  }

  /** Deletes the stack. Returns the resources that CloudFormation cannot delete. */
  public destroy(): string[] {
    const { template } = this;
    const dependencies = new Dependencies(template);
    const refused: string[] = [];
    const kept: Record<string, TemplateResource> = {};
    for (const id of inOrderOfDeletion(dependencies, Object.keys(template.Resources))) {
      if (Object.keys(kept).some((other) => dependencies.goesBefore(other, id))) {
        kept[id] = template.Resources[id];
      } else if (!retains(template.Resources[id]) && this.cannotBeDeleted(id, template)) {
        refused.push(id);
        kept[id] = template.Resources[id];
      } else {
        this.remove(id, template, dependencies);
      }
    }
    this.template = { Resources: kept };
    return refused;
  }

  /** Deletes the recovery points of all vaults of the stack, unless the policy of a vault denies it. */
  public deleteRecoveryPoints(): string[] {
    const denied = this.ofType(VAULT).filter((id) => this.template.Resources[id].Properties.AccessPolicy);
    for (const id of this.ofType(VAULT)) if (!denied.includes(id)) this.filled.delete(id);
    return denied;
  }

  /** The resources that are still in the stack. */
  public get resources(): string[] {
    return Object.keys(this.template.Resources);
  }

  /** The resources that a deployment or the deletion left outside of the stack, by type and ID. */
  public get remaining(): string[] {
    return [...this.left].map(([id, { resource }]) => `${resource.Type} ${id}`);
  }

  /** The resources with data that nobody can read: they are outside of the stack, and their key is deleted. */
  public get unreadable(): string[] {
    return [...this.left].filter(([, { resource }]) => ENCRYPTED.includes(resource.Type)).flatMap(([id, { keys }]) =>
      keys.filter((key) => this.deletedKeys.has(key)).map((key) => `${id} is encrypted with ${key}, which is deleted`));
  }

  /** The buckets that were emptied. */
  public get emptiedBuckets(): string[] {
    return [...this.emptied];
  }

  private ofType(type: string): string[] {
    return this.resources.filter((id) => this.template.Resources[id].Type === type);
  }

  /** Records what the template has done since it was deployed: it locked files, and filled vaults. */
  private remember(template: DependencyTemplate): void {
    const plans = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Backup::BackupPlan');
    const dependencies = new Dependencies(template);
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type === BUCKET && Properties?.ObjectLockConfiguration?.Rule) this.locked.add(id);
      if (Type === VAULT && plans.some((plan) => dependencies.mentions(plan.Properties, id))) this.filled.add(id);
    }
  }

  /** Removes a resource from the stack, by its policy in a template. */
  private remove(id: string, template: DependencyTemplate, dependencies: Dependencies): void {
    const resource = template.Resources[id];
    if (retains(resource) || this.cannotBeDeleted(id, template)) {
      const keys = [...dependencies.reachedFrom(id)].filter((other) => template.Resources[other].Type === KEY);
      this.left.set(id, { resource, keys });
    } else if (resource.Type === KEY) {
      this.deletedKeys.add(id);
    } else if (resource.Type === 'Custom::S3AutoDeleteObjects') {
      this.empty(resource);
    }
  }

  /** The function of aws-cdk-lib empties the bucket if the bucket still has the tag. It cannot delete locked files. */
  private empty(emptier: TemplateResource): void {
    const bucket = emptier.Properties.BucketName.Ref;
    const tags = this.template.Resources[bucket]?.Properties?.Tags ?? [];
    const isTagged = tags.some(({ Key, Value }: typeof EMPTIED) => Key === EMPTIED.Key && Value === EMPTIED.Value);
    if (isTagged && !this.locked.has(bucket)) this.emptied.add(bucket);
  }

  private cannotBeDeleted(id: string, template: DependencyTemplate): boolean {
    const { Type, Properties } = template.Resources[id];
    switch (Type) {
      case VAULT: return this.filled.has(id);
      case BUCKET: return !this.emptied.has(id);
      case 'AWS::ECR::Repository': return Properties?.EmptyOnDelete !== true;
      default: return false;
    }
  }

  private sameName({ Type, Properties }: TemplateResource): string[] {
    const name = NAMES.find((each) => Properties?.[each] !== undefined);
    return name === undefined ? [] : [...this.left]
      .filter(([, { resource }]) => resource.Type === Type
        && JSON.stringify(resource.Properties?.[name]) === JSON.stringify(Properties[name]))
      .map(([id]) => id);
  }
}

function retains({ DeletionPolicy }: TemplateResource): boolean {
  return ['Retain', 'RetainExceptOnCreate', 'Snapshot'].includes(DeletionPolicy ?? 'Delete');
}

/** The resources, each one after those that depend on it. */
function inOrderOfDeletion(dependencies: Dependencies, ids: string[]): string[] {
  const order: string[] = [];
  const open = new Set(ids);
  while (open.size > 0) {
    const next = [...open].filter((id) => ![...open].some((other) => dependencies.goesBefore(other, id)));
    if (next.length === 0) throw new Error(`${[...open].join(', ')} depend on each other`);
    for (const id of next) {
      order.push(id);
      open.delete(id);
    }
  }
  return order;
}
