using System.Globalization;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on what a network costs on an accelerator.</summary>
internal sealed class MappingReport(NetworkMapping mapping, ReportOptions options)
{
    public string Title => options.Title ?? "Mapping";

    public void Write(HtmlWriter html)
    {
        ReportPage.Header(
            html, Title,
            $"Mapped onto {mapping.Accelerator.Name} \u00B7 {Plural.Of(mapping.Layers.Length, "layer")} \u00B7 best {mapping.Objective}");
        FigureCard.WriteAll(
            html,
            new("Energy", Energy(mapping.Energy), $"{ReportText.Percent(mapping.MemoryEnergy / mapping.Energy)} of it in memories"),
            new("Cycles", Short(mapping.Cycles), ReportText.Count(mapping.Cycles)),
            new("EDP", mapping.Edp.ToString("N0", CultureInfo.InvariantCulture), "J \u00D7 cycles, sum over layers"),
            new("Multiply-accumulates", Short(mapping.Macs), ReportText.Count(mapping.Macs)),
            new(
                "Utilization", ReportText.Percent(mapping.Layers.Sum(layer => layer.Cost.Utilization * layer.Cycles) / mapping.Cycles),
                $"of {ReportText.Count(mapping.Accelerator.Multipliers)} multipliers, mean over cycles"),
            new("DRAM", Short(mapping.LastLevelAccesses), "words read and written"));
        ReportPage.Section(
            html, "Energy by level and tensor", "The whole network: the multipliers, then each memory from the innermost out.", () => Stack.Write(html, Parts(mapping.Layers)));
        ReportPage.Section(html, "Layers", "Bars have the scale of the layer that takes most.", () => Layers(html));
        ReportPage.Section(
            html, "Loop nests", "The best mapping of each layer, outermost loop first. Layers of one shape share one.", () => Nests(html));
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, [.. options.Facts, .. Facts()]));
    }

    private void Layers(HtmlWriter html)
    {
        double most = mapping.Layers.Max(layer => layer.Energy);
        Stack.WriteLegend(html, Parts(mapping.Layers));
        ReportTable.Write(
            html, ["Layer", "Energy", "Bits", "MACs", "Cycles", "Utilization", "EDP"], mapping.Layers, layer =>
            {
                html.Element("th", layer.Workload.Name, ("title", Shape(layer.Workload)));
                using (html.Open("td", ("class", "bar")))
                {
                    Stack.Bar(html, Parts([layer]), most);
                }

                html.Element("td", Energy(layer.Energy), ("class", "figure main"));
                ReportTable.Figure(html, "Bits", layer.Workload.Bits?.ToString() ?? "\u2013");
                ReportTable.Figure(html, "MACs", Short(layer.Workload.Macs));
                ReportTable.Figure(html, "Cycles", Short(layer.Cycles));
                ReportTable.Figure(html, "Utilization", ReportText.Percent(layer.Cost.Utilization));
                ReportTable.Figure(html, "EDP", layer.Edp.ToString("0.###", CultureInfo.InvariantCulture));
            },
            hasBar: true);
    }

    private void Nests(HtmlWriter html)
    {
        using (html.Open("div", ("class", "nests")))
        {
            foreach (IGrouping<Workload, LayerMapping> group in mapping.Layers.GroupBy(layer => layer.Workload.Shape))
            {
                LayerMapping layer = group.First();
                using (html.Open("details"))
                {
                    using (html.Open("summary"))
                    {
                        html.Element("b", string.Join(", ", group.Select(other => other.Workload.Name)));
                        html.Element("span", $"{Shape(layer.Workload)} \u00B7 {Origin(layer.Origin)}");
                    }

                    html.Element("pre", layer.Nest.ToText(mapping.Accelerator));
                }
            }
        }
    }

    private IEnumerable<ReportFact> Facts()
    {
        string group = "Accelerator";
        yield return new(group, "Name", mapping.Accelerator.Name);
        if (mapping.Accelerator.Description.Length > 0)
        {
            yield return new(group, "What it is", mapping.Accelerator.Description);
        }

        foreach (AcceleratorLevel level in mapping.Accelerator.Levels.Where(level => !level.Keeps.IsEmpty))
        {
            string size = level.Words is { } words ? Plural.Of(words, "word") : "any number of words";
            yield return new(
                group, level.Name,
                $"{size} of {level.WordBits} bits; {Number(level.ReadEnergy)} pJ to read and {Number(level.WriteEnergy)} pJ to write {Plural.Of(level.Block, "word")}");
        }

        group = "Counting";
        foreach ((int index, string note) in mapping.Notes.Index())
        {
            yield return new(group, $"{index + 1}", note);
        }
    }

    /// <summary>Energy of the multipliers and of each level and tensor.</summary>
    private IReadOnlyList<StackPart> Parts(IReadOnlyCollection<LayerMapping> layers) =>
    [
        new("multiply-accumulates", "mac", 1, layers.Sum(layer => layer.Cost.MacEnergy * layer.Workload.Repetitions)),
        .. mapping.Layers[0].Cost.Accesses.Select((part, index) => new StackPart(
            $"{mapping.Accelerator.Levels[part.Level].Name}, {part.Operand.ToString().ToLowerInvariant()}",
            part.Operand.ToString().ToLowerInvariant(),
            (part.Level + 1.0) / mapping.Accelerator.Levels.Length,
            layers.Sum(layer => layer.Cost.Accesses[index].Energy * layer.Workload.Repetitions))),
    ];

    private static string Origin(MappingOrigin origin) => origin switch
    {
        MappingOrigin.Optimum => "the optimum",
        MappingOrigin.Search => "the best found",
        _ => "given",
    };

    private static string Shape(Workload w) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(w.Repetitions > 1 ? $"{w.Repetitions} times " : "")}C {w.C}, M {w.M}, {w.R}x{w.S} kernel, {w.P}x{w.Q} outputs{(w.N > 1 ? $", {w.N} images" : "")}");

    internal static string Energy(double picojoules) => picojoules switch
    {
        >= 1e9 => Number(picojoules * 1e-9) + " mJ",
        >= 1e6 => Number(picojoules * 1e-6) + " \u00B5J",
        _ => Number(picojoules * 1e-3) + " nJ",
    };

    internal static string Short(double count) => count switch
    {
        >= 1e9 => Number(count * 1e-9) + " G",
        >= 1e6 => Number(count * 1e-6) + " M",
        >= 1e4 => Number(count * 1e-3) + " k",
        _ => Number(count),
    };

    private static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
