using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary map</c>: what a network costs on an accelerator, and how its loops are best laid out there.</summary>
internal static class MapCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL|PRESET", ModelSource.MeaningWithPresets);
        Option<string> table = CommandOption.Text("--workload", "FILE", "Instead of a model: any network as a table of its layers (CSV; columns C, M, R, S, P, Q, ...).");
        Option<ImageDimensions?> size = CommandOption.Size("--size", $"Size of the image for a model. [default: {ImageDimensions.Usual}]");
        Option<Precision?> precision = CommandOption.Choice<Precision>("--precision", "Of a preset. [default: binary]");
        Option<int?> classes = CommandOption.Number("--classes", "N", $"Of a preset. [default: {ModelSource.UsualClasses}]", 2);
        Option<string> bits = CommandOption.Text(
            "--bits", "A/W[/O]|FILE", "Bits of maps and weights (and of outputs, if others than those of maps) for all layers, or a JSON file for each. [default: those of the network, 16 for real values]");
        MappingOptions mapping = new();
        Option<string> json = new OutputFile("--json", "Write all figures and mappings to this file too.");
        Option<string> csv = new OutputFile("--csv", "Write a row a layer to this file too.");
        Option<string> html = new OutputFile("--html", "Write a page with energies and loop nests to this file too.");
        System.CommandLine.Command command = new("map", "Shows what a network costs on an accelerator: energy, cycles and the best loop nest of each layer.") { model, table };
        mapping.AddTo(command);
        foreach (Option option in (Option[])[size, precision, classes, bits, json, csv, html])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(model) is null == result.GetResult(table) is null)
            {
                result.AddError("Either --model or --workload must be given.");
            }
            else if (result.GetResult(table) is not null && (result.GetResult(size) ?? result.GetResult(precision) ?? result.GetResult(classes)) is { } other)
            {
                result.AddError($"{other.IdentifierToken?.Value} belongs to --model; a table has its sizes.");
            }
        });
        command.SetAction(parsed =>
        {
            Accelerator accelerator = mapping.LoadAccelerator(parsed);
            WorkloadSource source = parsed.GetValue(table) is { } path2
                ? WorkloadSource.OfTable(path2)
                : WorkloadSource.OfModel(
                    ModelSource.Resolve(parsed.GetValue(model)!, parsed.GetValue(precision), parsed.GetValue(classes)), parsed.GetValue(size) ?? ImageDimensions.Usual);
            if (parsed.GetValue(bits) is { } widths)
            {
                source = source.With(WidthTable.Load(widths));
            }

            source = mapping.IsAsPublished(parsed) ? source.AsPublished() : source;
            NetworkMapping result = source.Map(accelerator, mapping.MapperOptions(parsed));
            Terminal terminal = Terminal.Of(parsed);
            foreach (string line in MappingText.Lines(source.Name, result))
            {
                terminal.Line(line);
            }

            OutputFile.Save(parsed.GetValue(json), result.SaveJson);
            OutputFile.Save(parsed.GetValue(csv), result.SaveCsv);
            OutputFile.Save(parsed.GetValue(html), path => result.SaveHtml(path, new() { Title = $"{source.Name} on {accelerator.Name}", Facts = source.Facts }));
        });
        return command;
    }
}
