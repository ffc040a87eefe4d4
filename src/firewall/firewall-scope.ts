/** What a firewall stands before. */
export enum FirewallScope {
  /** Load balancers and other regional resources, in the firewall's own region. */
  REGIONAL = 'REGIONAL',
  /** CloudFront distributions. Such a firewall lives in us-east-1, wherever the stacks of the distributions are. */
  CLOUDFRONT = 'CLOUDFRONT',
}
