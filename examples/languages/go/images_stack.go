package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

// newImagesStack adds the repository of the API. Deploy it and push the image before the stack that runs the image.
func newImagesStack(scope constructs.Construct, id string, settings settings) cdkhipaa.HardenedRepository {
	stack := awscdk.NewStack(scope, jsii.String(id), settings.stackProps())
	if settings.disposable != nil {
		cdkhipaa.DataProtection_Of(stack).Disposable(settings.disposable)
	}

	return cdkhipaa.NewHardenedRepository(stack, jsii.String("Backend"), nil)
}
