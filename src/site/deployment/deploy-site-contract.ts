/**
 * The maximum size of a site that the function deploys, in MiB. Its memory contains the archive and the unpacked files.
 */
export const MAX_SITE_MEBIBYTES = 256;
/**
 * The maximum number of files of a site. Each file takes one or two requests of some tens of milliseconds, some of them
 * in parallel.
 */
export const MAX_SITE_FILES = 10_000;

/** The properties that the custom resource passes to the function. */
export interface SiteProperties {
  /** The bucket of the archive that contains the files. */
  readonly ArchiveBucket: string;
  /** The object key of the archive. */
  readonly ArchiveKey: string;
  /** The bucket of the site. The function deletes files that the archive does not contain. */
  readonly Bucket: string;
  /** The key that encrypts the bucket. */
  readonly KeyArn: string;
  /** The distribution whose cache the function invalidates. */
  readonly DistributionId: string;
  /** The path patterns of files whose name changes with their content. CloudFormation omits an empty list. */
  readonly ImmutablePaths?: string[];
}
