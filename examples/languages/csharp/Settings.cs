using Amazon.CDK;
using CdkHipaa;

namespace KareMatch;

/// <summary>The domain names of the system.</summary>
public sealed record Domain(string Site, string Api, string HostedZoneId, string ZoneName);

/// <summary>The settings of one environment: the differences between production and development.</summary>
public sealed record Settings
{
    /// <summary>The reason why the data is disposable. Without it, the data and its keys outlive the stack.</summary>
    public RelaxationOptions? Disposable { get; init; }

    /// <summary>Whether CloudFormation denies the deletion of the stacks.</summary>
    public required bool TerminationProtection { get; init; }

    /// <summary>How the private subnets reach the internet.</summary>
    public required NatStrategy Nat { get; init; }

    /// <summary>Whether the database has a standby in a second zone.</summary>
    public required bool MultiAz { get; init; }

    /// <summary>The domain names. The stacks request their certificates.</summary>
    public Domain? Domain { get; init; }

    /// <summary>The reason why the load balancer accepts HTTP. For an environment without domain names.</summary>
    public RelaxationOptions? PlainHttp { get; init; }

    /// <summary>The recipient of the alarms.</summary>
    public required string AlarmEmail { get; init; }

    public static Settings Production { get; } = new()
    {
        TerminationProtection = true,
        Nat = NatStrategy.OnePerAz(),
        MultiAz = true,
        Domain = new Domain("www.karematch.com", "api.karematch.com", "Z0EXAMPLE0000000000", "karematch.com"),
        AlarmEmail = "oncall@karematch.com",
    };

    public static Settings Development { get; } = new()
    {
        Disposable = Because("development holds synthetic records only"),
        TerminationProtection = false,
        Nat = NatStrategy.Single(Because("development may lose outbound traffic with one zone")),
        MultiAz = false,
        PlainHttp = Because(
            "development has no domain name and therefore no certificate, and holds synthetic records only"),
        AlarmEmail = "developers@karematch.com",
    };

    /// <summary>The props that the stacks of an environment share.</summary>
    public StackProps StackProps() => new()
    {
        Env = new Amazon.CDK.Environment { Region = "us-east-1" },
        TerminationProtection = TerminationProtection,
    };

    private static RelaxationOptions Because(string reason) => new() { Reason = reason };
}
