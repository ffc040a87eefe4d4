/** The properties that the custom resource passes to the function. */
export interface ClosedGroupProperties {
  /** The ID of the security group whose rules the function removes. */
  readonly DefaultSecurityGroupId: string;
}
