/** The kind of resources that a `WebFirewall` protects. */
export enum FirewallScope {
  /** Load balancers and other regional resources, in the region of the firewall. */
  REGIONAL = 'REGIONAL',
  /**
   * CloudFront distributions. The firewall must be in us-east-1. The stacks of the distributions can be in any region.
   */
  CLOUDFRONT = 'CLOUDFRONT',
}
