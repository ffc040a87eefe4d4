package com.karematch;

import io.github.cdkhipaa.AlarmDefinition;
import io.github.cdkhipaa.HipaaVpc;
import io.github.cdkhipaa.IMonitored;
import io.github.cdkhipaa.IServiceBindable;
import io.github.cdkhipaa.MonitoringPlan;
import io.github.cdkhipaa.SecureFargateService;
import io.github.cdkhipaa.ServiceBinding;
import io.github.cdkhipaa.ServiceBindingContext;
import io.github.cdkhipaa.WorkloadMonitoring;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.assertions.Template;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

/** The interfaces of cdk-hipaa that users implement, implemented in Java. */
public final class Interfaces {
  /** A queue of reports. */
  static final class Reports extends Construct implements IServiceBindable, IMonitored {
    private final Queue queue;

    Reports(Construct scope, String id) {
      super(scope, id);
      this.queue = Queue.Builder.create(this, "Queue").enforceSsl(true).build();
    }

    @Override
    public ServiceBinding bindToService(ServiceBindingContext context) {
      this.queue.grantSendMessages((IGrantable) context.getService());
      return ServiceBinding.builder().environment(Map.of("REPORTS_QUEUE_URL", this.queue.getQueueUrl())).build();
    }

    @Override
    public MonitoringPlan monitoringPlan() {
      Metric age = this.queue.metricApproximateAgeOfOldestMessage(
          MetricOptions.builder().period(Duration.minutes(5)).build());
      return MonitoringPlan.builder()
          .title("Reports")
          .alarms(List.of(AlarmDefinition.builder()
              .id("OldestMessage")
              .metric(age)
              .threshold(600)
              .missingData(TreatMissingData.NOT_BREACHING)
              .description("Reports wait for more than 10 minutes. Read the log of the worker.")
              .build()))
          .widgets(List.of(GraphWidget.Builder.create().title("Oldest message").left(List.of(age)).build()))
          .build();
    }
  }

  public static void main(String[] args) {
    Stack stack = new Stack(new App(), "Main");
    Reports reports = new Reports(stack, "Reports");
    HipaaVpc network = new HipaaVpc(stack, "Network");
    SecureFargateService.Builder.create(stack, "Api")
        .vpc(network.getVpc())
        .image(ContainerImage.fromRegistry("public.ecr.aws/nginx/nginx-unprivileged:1.28"))
        .uses(List.of(reports))
        .build();
    WorkloadMonitoring.Builder.create(stack, "Monitoring").email("oncall@example.com").build().watch(reports);

    Template template = Template.fromStack(stack);
    String text = template.toJSON().toString();
    check(text.contains("REPORTS_QUEUE_URL"), "the binding adds its variable");
    check(text.contains("sqs:SendMessage"), "the binding grants its permission");
    template.hasResourceProperties("AWS::CloudWatch::Alarm", Map.of("Threshold", 600));
    refuses(stack);
  }

  private static void refuses(Stack stack) {
    RuntimeException refusal = null;
    try {
      HipaaVpc.Builder.create(stack, "Refused").maxAzs(1).build();
    } catch (RuntimeException thrown) {
      refusal = thrown;
    }
    check(refusal != null && refusal.getMessage().contains("[Main/Refused] maxAzs"), "a refusal names the prop");
  }

  private static void check(boolean condition, String statement) {
    if (!condition) {
      throw new AssertionError("not true: " + statement);
    }
  }

  private Interfaces() {}
}
