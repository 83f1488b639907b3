using System.CommandLine;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The options that say onto what and how layers are mapped.</summary>
internal sealed class MappingOptions
{
    private readonly Option<string> _accelerator = CommandOption.Text(
        "--arch", "NAME|FILE", $"The accelerator: {string.Join(", ", Accelerator.Presets)} (eyeriss and simba are short for 16bit), or a JSON file.", required: true);
    private readonly Option<MappingObjective?> _objective = Objective();
    private readonly Option<bool> _asPublished = new("--as-published")
    {
        Description = "Count as arXiv 2404.05368 does: groups of a convolution as a dense one, partial sums as narrow as outputs.",
    };

    private readonly Option<bool> _anyOrder = new("--any-dram-order") { Description = "Allow the loops of the last level in any order: more mappings than published." };
    private readonly Option<MacCosts?> _mac = CommandOption.Choice<MacCosts>(
        "--mac", "What a multiply-accumulate costs: always that of the data path, or what the widths of its values would. [default: fixed]");
    private readonly Option<int?> _seed = CommandOption.Number("--seed", "S", "Seed of what is random. [default: 1]", 0);
    private readonly Option<int?> _threads = CommandOption.Number("--threads", "T", "Threads; they do not change the result. [default: 0, all cores]", 0);

    /// <summary>What a multiply-accumulate costs.</summary>
    private enum MacCosts
    {
        Fixed,
        Scaled,
    }

    public void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in (Option[])[_accelerator, _objective, _asPublished, _anyOrder, _mac, _seed, _threads])
        {
            command.Add(option);
        }
    }

    public Accelerator LoadAccelerator(ParseResult parsed)
    {
        Accelerator accelerator = Accelerator.Load(parsed.GetValue(_accelerator)!);
        return parsed.GetValue(_anyOrder) ? accelerator.WithAnyOuterOrder() : accelerator;
    }

    public MapperOptions MapperOptions(ParseResult parsed) => new()
    {
        Objective = parsed.GetValue(_objective) ?? new(MappingMetric.Edp),
        Counting = new() { ScalesMacEnergy = parsed.GetValue(_mac) == MacCosts.Scaled },
        Seed = parsed.GetValue(_seed) ?? 1,
        Threads = parsed.GetValue(_threads) ?? 0,
    };

    public bool IsAsPublished(ParseResult parsed) => parsed.GetValue(_asPublished);

    private static Option<MappingObjective?> Objective()
    {
        string[] names = [.. Enum.GetNames<MappingMetric>().Select(name => name.ToLowerInvariant())];
        return CommandOption.Parsed<MappingObjective?>(
            "--objective", string.Join('|', names), "What the best mapping is best in; two, as delay-energy, for what decides between equal ones. [default: edp]",
            $"one of {string.Join(", ", names)}, or two different ones joined by '-'",
            text => text.Split('-').Select(CommandOption.ParseName<MappingMetric>).ToArray() switch
            {
                [MappingMetric only] => new(only),
                [MappingMetric first, MappingMetric second] when first != second => new(first, second),
                _ => null,
            });
    }
}
