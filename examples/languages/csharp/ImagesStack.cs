using Amazon.CDK;
using CdkHipaa;
using Constructs;

namespace KareMatch;

/// <summary>
/// The repository of the API. Deploy it and push the image before the stack that runs the image.
/// </summary>
public sealed class ImagesStack : Stack
{
    public HardenedRepository Backend { get; }

    public ImagesStack(Construct scope, string id, Settings settings) : base(scope, id, settings.StackProps())
    {
        if (settings.Disposable is not null)
        {
            DataProtection.Of(this).Disposable(settings.Disposable);
        }

        Backend = new HardenedRepository(this, "Backend");
    }
}
