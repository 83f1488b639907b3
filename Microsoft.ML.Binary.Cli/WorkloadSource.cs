using System.Collections.Immutable;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli;

/// <summary>The layers that <c>map</c> works on.</summary>
/// <param name="Name">Of the model, or the table's path.</param>
/// <param name="Workloads">The layers.</param>
/// <param name="Mappings">Mappings that a table gives, or null for each layer; empty for a model.</param>
/// <param name="Facts">What they come from, for reports.</param>
/// <param name="Notes">How they are counted, beside what the mapper says.</param>
internal sealed record WorkloadSource(
    string Name, ImmutableArray<Workload> Workloads, ImmutableArray<string?> Mappings, ImmutableArray<ReportFact> Facts, ImmutableArray<string> Notes)
{
    public static WorkloadSource OfModel(ModelSource source, ImageDimensions size) => new(
        source.Name,
        NetworkWorkloads.Of(source.GraphAt(size), size.Height, size.Width),
        [],
        [new("Network", "Name", source.Name), new("Network", "Image", size.ToString())],
        [$"Real values of the network count {NetworkWorkloads.RealBits} bits where --bits says nothing else; only convolutions and the products of attention are mapped."]);

    /// <exception cref="InvalidDataException">The table is not right.</exception>
    public static WorkloadSource OfTable(string path)
    {
        ImmutableArray<TableLayer> layers = WorkloadTable.Load(path);
        return new(path, [.. layers.Select(layer => layer.Workload)], [.. layers.Select(layer => layer.Mapping)], [new("Network", "Table", path)], []);
    }

    public WorkloadSource With(WidthTable widths) => this with { Workloads = widths.Apply(Workloads) };

    public WorkloadSource AsPublished() => this with
    {
        Workloads = [.. Workloads.Select(workload => workload.AsPublished())],
        Notes = [.. Notes, "Counted as published (arXiv 2404.05368): groups of a convolution as one dense convolution, partial sums as narrow as outputs."],
    };

    /// <summary>The best mapping of each layer, or what a given one costs.</summary>
    public NetworkMapping Map(Accelerator accelerator, MapperOptions options)
    {
        NetworkMapping mapping = new Mapper(accelerator, options).Map(
            Workloads, Mappings.IsEmpty ? null : [.. Mappings.Select(text => text is null ? null : LoopNest.Parse(text, accelerator))]);
        return mapping with { Notes = [.. Notes, .. mapping.Notes] };
    }
}
