package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

// domain contains the domain names of the system.
type domain struct {
	site         string
	api          string
	hostedZoneID string
	zoneName     string
}

// settings are the differences between production and development.
type settings struct {
	// The reason why the data is disposable. Without it, the data and its keys outlive the stack.
	disposable *cdkhipaa.RelaxationOptions
	// Whether CloudFormation denies the deletion of the stacks.
	terminationProtection bool
	// How the private subnets reach the internet.
	nat cdkhipaa.NatStrategy
	// Whether the database has a standby in a second zone.
	multiAz bool
	// The domain names. The stacks request their certificates.
	domain *domain
	// The reason why the load balancer accepts HTTP. For an environment without domain names.
	plainHTTP *cdkhipaa.RelaxationOptions
	// The recipient of the alarms.
	alarmEmail string
}

func production() settings {
	return settings{
		terminationProtection: true,
		nat:                   cdkhipaa.NatStrategy_OnePerAz(),
		multiAz:               true,
		domain: &domain{
			site:         "www.karematch.com",
			api:          "api.karematch.com",
			hostedZoneID: "Z0EXAMPLE0000000000",
			zoneName:     "karematch.com",
		},
		alarmEmail: "oncall@karematch.com",
	}
}

func development() settings {
	return settings{
		disposable: because("development holds synthetic records only"),
		nat:        cdkhipaa.NatStrategy_Single(because("development may lose outbound traffic with one zone")),
		plainHTTP: because("development has no domain name and therefore no certificate, " +
			"and holds synthetic records only"),
		alarmEmail: "developers@karematch.com",
	}
}

// stackProps returns the props that the stacks of an environment share.
func (s settings) stackProps() *awscdk.StackProps {
	return &awscdk.StackProps{
		Env:                   &awscdk.Environment{Region: jsii.String("us-east-1")},
		TerminationProtection: jsii.Bool(s.terminationProtection),
	}
}

func because(reason string) *cdkhipaa.RelaxationOptions {
	return &cdkhipaa.RelaxationOptions{Reason: jsii.String(reason)}
}
