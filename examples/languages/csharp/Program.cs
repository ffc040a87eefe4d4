using Amazon.CDK;
using CdkHipaa;
using KareMatch;

var app = new App();
ComplianceChecks.Of(app).Enforce(new ComplianceCheckOptions
{
    AdditionalPacks = new[] { RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5 },
});

Deploy("KareMatch", Settings.Production);
Deploy("KareMatchDevelopment", Settings.Development);

app.Synth();

void Deploy(string name, Settings settings)
{
    var images = new ImagesStack(app, $"{name}Images", settings);
    _ = new KareMatchStack(app, name, settings, images.Backend.Image("1.0.0"));
}
