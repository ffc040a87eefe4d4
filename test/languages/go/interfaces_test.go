package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

// reports is a queue of reports. It implements IServiceBindable and IMonitored.
type reports struct {
	constructs.Construct
	queue awssqs.Queue
}

func newReports(scope constructs.Construct, id string) *reports {
	r := &reports{}
	constructs.NewConstruct_Override(r, scope, jsii.String(id))
	r.queue = awssqs.NewQueue(r, jsii.String("Queue"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	return r
}

func (r *reports) BindToService(context *cdkhipaa.ServiceBindingContext) *cdkhipaa.ServiceBinding {
	r.queue.GrantSendMessages(context.Service.(awsiam.IGrantable))
	return &cdkhipaa.ServiceBinding{
		Environment: &map[string]*string{"REPORTS_QUEUE_URL": r.queue.QueueUrl()},
	}
}

func (r *reports) MonitoringPlan() *cdkhipaa.MonitoringPlan {
	age := r.queue.MetricApproximateAgeOfOldestMessage(&awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(5)),
	})
	return &cdkhipaa.MonitoringPlan{
		Title: jsii.String("Reports"),
		Alarms: &[]*cdkhipaa.AlarmDefinition{{
			Id:          jsii.String("OldestMessage"),
			Metric:      age,
			Threshold:   jsii.Number(600),
			MissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
			Description: jsii.String("Reports wait for more than 10 minutes. Read the log of the worker."),
		}},
		Widgets: &[]awscloudwatch.IWidget{
			awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
				Title: jsii.String("Oldest message"),
				Left:  &[]awscloudwatch.IMetric{age},
			}),
		},
	}
}

func TestInterfaces(t *testing.T) {
	defer jsii.Close()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Main"), nil)
	network := cdkhipaa.NewHipaaVpc(stack, jsii.String("Network"), nil)
	reports := newReports(stack, "Reports")
	cdkhipaa.NewSecureFargateService(stack, jsii.String("Api"), &cdkhipaa.SecureFargateServiceProps{
		Vpc:   network.Vpc(),
		Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/nginx/nginx-unprivileged:1.28"), nil),
		Uses:  &[]cdkhipaa.IServiceBindable{reports},
	})
	monitoring := cdkhipaa.NewWorkloadMonitoring(stack, jsii.String("Monitoring"), &cdkhipaa.WorkloadMonitoringProps{
		Email: jsii.String("oncall@example.com"),
	})
	monitoring.Watch(reports)

	template := assertions.Template_FromStack(stack, nil)
	content, err := json.Marshal(template.ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"REPORTS_QUEUE_URL", "sqs:SendMessage"} {
		if !strings.Contains(string(content), text) {
			t.Errorf("the template does not contain %s, which the binding adds", text)
		}
	}
	template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), &map[string]interface{}{"Threshold": 600})

	defer func() {
		if refusal := fmt.Sprint(recover()); !strings.Contains(refusal, "[Main/Refused] maxAzs") {
			t.Errorf("a refusal is a panic that names the prop, and not %s", refusal)
		}
	}()
	cdkhipaa.NewHipaaVpc(stack, jsii.String("Refused"), &cdkhipaa.HipaaVpcProps{MaxAzs: jsii.Number(1)})
}
