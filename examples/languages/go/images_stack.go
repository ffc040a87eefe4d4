package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

// imagesStack is the repository of the API. Deploy it and push the image before the stack that runs the image.
type imagesStack struct {
	awscdk.Stack
	backend cdkhipaa.HardenedRepository
}

func newImagesStack(scope constructs.Construct, id string, settings settings) *imagesStack {
	stack := &imagesStack{Stack: awscdk.NewStack(scope, jsii.String(id), settings.stackProps())}
	if settings.disposable != nil {
		cdkhipaa.DataProtection_Of(stack).Disposable(settings.disposable)
	}

	stack.backend = cdkhipaa.NewHardenedRepository(stack, jsii.String("Backend"), nil)
	return stack
}
