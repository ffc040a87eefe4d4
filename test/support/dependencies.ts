/** The parts of a template that determine its dependencies. */
export interface DependencyTemplate {
  readonly Resources: Record<string, TemplateResource>;
}

/** A resource of a template. Its properties have any shape, as in CloudFormation. */
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
/** Custom resources that refer to a bucket and do not write to it: they empty it or set its notifications. */
const NO_WRITERS = [EMPTIER, 'Custom::S3BucketNotifications'];

/**
 * The dependencies between the resources of a template, by `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`.
 *
 * CloudFormation creates resources in this order and deletes them in the opposite order. It deletes independent
 * resources at the same time.
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

  /** Whether a resource is deleted before another one, because it directly or indirectly depends on it. */
  public goesBefore(id: string, other: string): boolean {
    return this.reachedFrom(id).has(other);
  }

  /** The IDs of the direct and indirect dependencies of a resource. */
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

  /** Whether a value in the properties of a resource refers to another resource. */
  public mentions(value: unknown, id: string): boolean {
    const found = new Set<string>();
    collectReferences(value, found);
    return found.has(id);
  }

  /** The IDs of the resources of a type. */
  public ofType(type: string): string[] {
    return Object.entries(this.template.Resources).filter(([, resource]) => resource.Type === type).map(([id]) => id);
  }

  /** The custom resource that empties a bucket, if there is one. */
  public emptierOf(bucket: string): string | undefined {
    return this.ofType(EMPTIER).find((id) => this.mentions(this.template.Resources[id].Properties.BucketName, bucket));
  }

  /**
   * The resources that can write to a bucket after it is emptied, as `Writer -> Bucket`.
   *
   * A writer has the bucket as its destination for logs, files or findings. A resource that only reads or describes the
   * bucket is not a writer.
   */
  public lateWriters(): string[] {
    return this.ofType('AWS::S3::Bucket').flatMap((bucket) => {
      const emptier = this.emptierOf(bucket);
      return this.writersTo(bucket)
        .filter((writer) => writer !== bucket && !(emptier && this.goesBefore(writer, emptier)))
        .map((writer) => `${writer} -> ${bucket}`);
    });
  }

  /** The IDs of the resources that write to a bucket. */
  public writersTo(bucket: string): string[] {
    return Object.entries(this.template.Resources)
      .filter(([, { Type, Properties }]) => this.mentions(placesWrittenTo(Type, Properties ?? {}), bucket))
      .map(([id]) => id);
  }

  /**
   * The resources that can write to a log group after it is deleted, as `Writer -> LogGroup`. They would create it
   * again without a key and without a retention.
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

  /** Whether RDS writes to a log group that its properties do not refer to: the name contains the RDS identifier. */
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

/** The properties of a resource with the buckets that the service writes to. */
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
    // Assumes that a custom resource writes to the buckets in its properties.
    default:
      return /^Custom::|^AWS::CloudFormation::CustomResource$/.test(type) && !NO_WRITERS.includes(type)
        ? properties
        : undefined;
  }
}

/** The properties of a resource with the log groups that the service writes to. */
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

/** A string that includes its references, so that two strings can be compared. */
function flat(value: Properties): string {
  if (typeof value === 'string') return value;
  const joined = value?.['Fn::Join'];
  return joined ? joined[1].map(flat).join(joined[0]) : JSON.stringify(value);
}
