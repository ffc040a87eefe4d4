/** A template, as far as its dependencies go. */
export interface DependencyTemplate {
  readonly Resources: Record<string, TemplateResource>;
}

/** A resource of a template. Its properties are of any shape, as CloudFormation's are. */
export interface TemplateResource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties?: any;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: unknown;
}

const EMPTIER = 'Custom::S3AutoDeleteObjects';
/** Custom resources that are told of a bucket and write nothing into it: they empty it, or set its notifications. */
const NO_WRITERS = [EMPTIER, 'Custom::S3BucketNotifications'];

/**
 * What waits for what in a template: by `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`.
 *
 * CloudFormation makes resources in this order and deletes them in the opposite one; what neither reaches the other is
 * deleted at the same time.
 */
export class Dependencies {
  private readonly direct = new Map<string, Set<string>>();

  constructor(private readonly template: DependencyTemplate) {
    for (const [id, resource] of Object.entries(template.Resources)) {
      const found = new Set([resource.DependsOn ?? []].flat());
      collectReferences(resource.Properties, found);
      this.direct.set(id, new Set([...found].filter((other) => other !== id && other in template.Resources)));
    }
  }

  /** Whether a resource is deleted before another: it depends on it, directly or over others. */
  public goesBefore(id: string, other: string): boolean {
    return this.reachedFrom(id).has(other);
  }

  /** Everything that a resource depends on, directly or over others. */
  public reachedFrom(id: string): Set<string> {
    const reached = new Set<string>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const other of this.direct.get(next) ?? []) {
        if (reached.has(other)) continue;
        reached.add(other);
        open.push(other);
      }
    }
    return reached;
  }

  /** Whether a value of a resource's properties refers to a resource. */
  public mentions(value: unknown, id: string): boolean {
    const found = new Set<string>();
    collectReferences(value, found);
    return found.has(id);
  }

  /** The ids of the resources of a type. */
  public ofType(type: string): string[] {
    return Object.entries(this.template.Resources).filter(([, resource]) => resource.Type === type).map(([id]) => id);
  }

  /** The custom resource that empties a bucket, if there is one. */
  public emptierOf(bucket: string): string | undefined {
    return this.ofType(EMPTIER).find((id) => this.mentions(this.template.Resources[id].Properties.BucketName, bucket));
  }

  /**
   * What writes to a bucket of the template and may do so after it was emptied, as `Writer -> Bucket`.
   *
   * A writer is what names the bucket as a place for logs, files or findings; what only reads or describes it is none.
   */
  public lateWriters(): string[] {
    return this.ofType('AWS::S3::Bucket').flatMap((bucket) => {
      const emptier = this.emptierOf(bucket);
      return this.writersTo(bucket)
        .filter((writer) => writer !== bucket && !(emptier && this.goesBefore(writer, emptier)))
        .map((writer) => `${writer} -> ${bucket}`);
    });
  }

  /** What writes to a bucket. */
  public writersTo(bucket: string): string[] {
    return Object.entries(this.template.Resources)
      .filter(([, { Type, Properties }]) => this.mentions(placesWrittenTo(Type, Properties ?? {}), bucket))
      .map(([id]) => id);
  }

  /**
   * What writes to a log group and may do so after it was deleted, and bring it back without key and end, as `Writer ->
   * LogGroup`.
   */
  public writersAfterLogGroup(): string[] {
    return this.ofType('AWS::Logs::LogGroup').flatMap((group) =>
      Object.entries(this.template.Resources)
        .filter(
          ([id, { Type, Properties }]) =>
            this.mentions(logGroupsWrittenTo(Type, Properties ?? {}), group) || this.isNamedAfter(id, group),
        )
        .filter(([id]) => !this.goesBefore(id, group))
        .map(([id]) => `${id} -> ${group}`),
    );
  }

  /**
   * RDS writes to groups whose names hold the identifier of what writes, and nothing in its properties refers to them.
   */
  private isNamedAfter(id: string, group: string): boolean {
    const { Type, Properties } = this.template.Resources[id];
    const name = flat(this.template.Resources[group].Properties?.LogGroupName ?? '');
    switch (Type) {
      case 'AWS::RDS::DBInstance':
        return (
          Boolean(Properties.EnableCloudwatchLogsExports) &&
          name.startsWith(`/aws/rds/instance/${flat(Properties.DBInstanceIdentifier)}/`)
        );
      case 'AWS::RDS::DBCluster':
        return (
          Boolean(Properties.EnableCloudwatchLogsExports) &&
          name.startsWith(`/aws/rds/cluster/${flat(Properties.DBClusterIdentifier)}/`)
        );
      case 'AWS::RDS::DBProxy':
        return name === `/aws/rds/proxy/${flat(Properties.DBProxyName)}`;
      default:
        return false;
    }
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = any;

/** Where in the properties of a resource the buckets stand that the service writes into. */
function placesWrittenTo(type: string, properties: Properties): unknown {
  switch (type) {
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer':
      return properties.LoadBalancerAttributes?.filter(({ Key }: { Key: string }) => Key.endsWith('.s3.bucket'));
    case 'AWS::CloudFront::Distribution':
      return properties.DistributionConfig?.Logging;
    case 'AWS::S3::Bucket':
      return [properties.LoggingConfiguration, properties.InventoryConfigurations, properties.ReplicationConfiguration];
    case 'AWS::EC2::FlowLog':
      return properties.LogDestination;
    case 'AWS::CloudTrail::Trail':
      return properties.S3BucketName;
    case 'AWS::Config::DeliveryChannel':
      return properties.S3BucketName;
    case 'AWS::ECS::Cluster':
      return properties.Configuration?.ExecuteCommandConfiguration?.LogConfiguration?.S3BucketName;
    case 'AWS::WAFv2::LoggingConfiguration':
      return properties.LogDestinationConfigs;
    case 'AWS::Logs::DeliveryDestination':
      return properties.DestinationResourceArn;
    // A custom resource that is told of a bucket is taken to write into it.
    default:
      return /^Custom::|^AWS::CloudFormation::CustomResource$/.test(type) && !NO_WRITERS.includes(type)
        ? properties
        : undefined;
  }
}

/** Where in the properties of a resource the log groups stand that the service writes into. */
function logGroupsWrittenTo(type: string, properties: Properties): unknown {
  switch (type) {
    case 'AWS::Lambda::Function':
      return properties.LoggingConfig?.LogGroup;
    case 'AWS::EC2::FlowLog':
      return [properties.LogGroupName, properties.LogDestination];
    case 'AWS::ECS::Cluster':
      return properties.Configuration?.ExecuteCommandConfiguration?.LogConfiguration?.CloudWatchLogGroupName;
    case 'AWS::ECS::TaskDefinition':
      return properties.ContainerDefinitions;
    case 'AWS::WAFv2::LoggingConfiguration':
      return properties.LogDestinationConfigs;
    case 'AWS::CloudTrail::Trail':
      return properties.CloudWatchLogsLogGroupArn;
    default:
      return undefined;
  }
}

function collectReferences(value: Properties, found: Set<string>): void {
  if (Array.isArray(value)) return value.forEach((item) => collectReferences(item, found));
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries<Properties>(value)) {
    if (key === 'Ref' && typeof inner === 'string') {
      found.add(inner);
    } else if (key === 'Fn::GetAtt') {
      found.add([inner].flat()[0].split('.')[0]);
    } else {
      if (key === 'Fn::Sub') for (const [, name] of [inner].flat()[0].matchAll(/\$\{(?!!)([^}.]+)/g)) found.add(name);
      collectReferences(inner, found);
    }
  }
}

/** A text with its references in it, so that two texts can be compared. */
function flat(value: Properties): string {
  if (typeof value === 'string') return value;
  const joined = value?.['Fn::Join'];
  return joined ? joined[1].map(flat).join(joined[0]) : JSON.stringify(value);
}
