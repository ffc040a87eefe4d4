// KareMatch in production and in development.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	cdkhipaa.ComplianceChecks_Of(app).Enforce(&cdkhipaa.ComplianceCheckOptions{
		AdditionalPacks: &[]cdkhipaa.RulePack{
			cdkhipaa.RulePack_AWS_SOLUTIONS,
			cdkhipaa.RulePack_NIST_800_53_R5,
		},
	})

	deploy(app, "KareMatch", production())
	deploy(app, "KareMatchDevelopment", development())

	app.Synth(nil)
}

// deploy adds the stacks of one environment.
func deploy(app awscdk.App, name string, settings settings) {
	backend := newImagesStack(app, name+"Images", settings)
	newKareMatchStack(app, name, settings, backend.Image(jsii.String("1.0.0")))
}
