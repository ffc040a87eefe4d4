/** How large a site may be that the function deploys, in MiB: it holds the archive and what was in it side by side. */
export const MAX_SITE_MEBIBYTES = 256;
/** How many files a site may have. Each takes a request or two, some dozen milliseconds, a few of them at a time. */
export const MAX_SITE_FILES = 10_000;

/** What the custom resource hands to the function. */
export interface SiteProperties {
  /** Where the archive of the files is. */
  readonly ArchiveBucket: string;
  readonly ArchiveKey: string;
  /** The bucket of the site. What is in it and not in the archive is removed. */
  readonly Bucket: string;
  /** The key that the bucket encrypts with. */
  readonly KeyArn: string;
  /** The distribution that forgets what it cached. */
  readonly DistributionId: string;
  /** Path patterns of files whose name changes with their content. An empty list does not stand in a template. */
  readonly ImmutablePaths?: string[];
}
