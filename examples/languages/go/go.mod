module karematch.com/infrastructure

go 1.25

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.271.0
	github.com/aws/constructs-go/constructs/v10 v10.5.1
	github.com/aws/jsii-runtime-go v1.140.0
	github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa v0.0.0
)
