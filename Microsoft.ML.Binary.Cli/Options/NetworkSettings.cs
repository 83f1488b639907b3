using System.Globalization;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>Changes of a preset's configuration, written <c>NAME=VALUE,NAME=VALUE</c>.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Apply">Makes the changes.</param>
internal sealed record NetworkSettings(string Text, Func<NetworkConfiguration, NetworkConfiguration> Apply)
{
    private static readonly Dictionary<string, Func<string, Func<NetworkConfiguration, NetworkConfiguration>?>> s_settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["width"] = Number((c, n) => c with { Width = n }),
        ["stride4"] = Number((c, n) => c with { Stride4Depth = n }),
        ["stride8"] = Number((c, n) => c with { Stride8Depth = n }),
        ["stride16"] = Number((c, n) => c with { Stride16Depth = n }),
        ["stride32"] = Number((c, n) => c with { Stride32Depth = n }),
        ["refine"] = Number((c, n) => c with { RefineDepth = n }),
        ["activation-bits"] = Number((c, n) => c with { ActivationBits = n }),
        ["thresholds"] = Names<AdaptiveThresholds>((c, value) => c with { AdaptiveThresholds = value }),
        ["heads"] = Number((c, n) => c with { AttentionHeads = n }),
        ["attention-stride"] = Number((c, n) => c with { AttentionStride = n }),
        ["reduction"] = Number((c, n) => c with { AttentionReduction = n }),
        ["branches"] = Names<UpsampleBranches>((c, value) => c with { Branches = value }),
        ["gates"] = Names<UpsampleGates>((c, value) => c with { Gates = value }),
        ["scaling"] = Names<ChannelScaling>((c, value) => c with { Scaling = value }),
        ["scaling-reduction"] = Number((c, n) => c with { ScalingReduction = n }),
    };

    /// <summary>What a value looks like, for the help and for messages.</summary>
    public static string Expected { get; } =
        $"settings like scaling=stride16+head,gates=dynamic,stride32=2; names are {string.Join(", ", s_settings.Keys)}, "
        + $"branches are {All<UpsampleBranches>()}, gates {All<UpsampleGates>()}, places of scaling {All<ChannelScaling>()}, of thresholds that follow the image {All<AdaptiveThresholds>()}";

    /// <summary>Reads settings; null if there is a mistake in them.</summary>
    public static NetworkSettings? Parse(string text)
    {
        List<Func<NetworkConfiguration, NetworkConfiguration>> changes = [];
        foreach (string setting in text.Split(','))
        {
            if (setting.Split('=') is not [string name, string value]
                || !s_settings.TryGetValue(name.Trim(), out Func<string, Func<NetworkConfiguration, NetworkConfiguration>?>? parse)
                || parse(value.Trim()) is not { } change)
            {
                return null;
            }

            changes.Add(change);
        }

        return new(text, configuration => changes.Aggregate(configuration, (c, change) => change(c)));
    }

    private static Func<string, Func<NetworkConfiguration, NetworkConfiguration>?> Number(Func<NetworkConfiguration, int, NetworkConfiguration> set) =>
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? c => set(c, value) : null;

    private static Func<string, Func<NetworkConfiguration, NetworkConfiguration>?> Names<T>(Func<NetworkConfiguration, T, NetworkConfiguration> set)
        where T : struct, Enum => text =>
        {
            T?[] values = [.. text.Split('+').Select(CommandOption.ParseName<T>)];
            if (values.Contains(null))
            {
                return null;
            }

            T joined = (T)Enum.ToObject(typeof(T), values.Aggregate(0, (sum, value) => sum | Convert.ToInt32(value, CultureInfo.InvariantCulture)));
            return c => set(c, joined);
        };

    private static string All<T>() where T : struct, Enum => string.Join("|", Enum.GetNames<T>()).ToLowerInvariant();
}
