package com.karematch;

import io.github.cdkhipaa.NatStrategy;
import io.github.cdkhipaa.RelaxationOptions;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.StackProps;

/**
 * The settings of one environment: the differences between production and development.
 *
 * @param disposable the reason why the data is disposable; without it, the data and its keys outlive the stack
 * @param terminationProtection whether CloudFormation denies the deletion of the stacks
 * @param nat how the private subnets reach the internet
 * @param multiAz whether the database has a standby in a second zone
 * @param domain the domain names; the stacks request their certificates
 * @param plainHttp the reason why the load balancer accepts HTTP, for an environment without domain names
 * @param alarmEmail the recipient of the alarms
 */
record Settings(
    RelaxationOptions disposable,
    boolean terminationProtection,
    NatStrategy nat,
    boolean multiAz,
    Domain domain,
    RelaxationOptions plainHttp,
    String alarmEmail) {

  /** The domain names of the system. */
  record Domain(String site, String api, String hostedZoneId, String zoneName) {}

  static final Settings PRODUCTION = new Settings(
      null,
      true,
      NatStrategy.onePerAz(),
      true,
      new Domain("www.karematch.com", "api.karematch.com", "Z0EXAMPLE0000000000", "karematch.com"),
      null,
      "oncall@karematch.com");

  static final Settings DEVELOPMENT = new Settings(
      because("development holds synthetic records only"),
      false,
      NatStrategy.single(because("development may lose outbound traffic with one zone")),
      false,
      null,
      because("development has no domain name and therefore no certificate, and holds synthetic records only"),
      "developers@karematch.com");

  /** The props that the stacks of an environment share. */
  StackProps stackProps() {
    return StackProps.builder()
        .env(Environment.builder().region("us-east-1").build())
        .terminationProtection(terminationProtection)
        .build();
  }

  private static RelaxationOptions because(String reason) {
    return RelaxationOptions.builder().reason(reason).build();
  }
}
