using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary inspect</c>: what a network consists of and what it costs.</summary>
internal static class InspectCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL|PRESET", ModelSource.MeaningWithPresets, required: true);
        Option<ImageDimensions?> size = CommandOption.Size("--size", $"Size of the image that costs are counted for. [default: {ImageDimensions.Usual}]");
        Option<Precision?> precision = CommandOption.Choice<Precision>("--precision", "Of a preset. [default: binary]");
        Option<int?> classes = CommandOption.Number("--classes", "N", $"Of a preset. [default: {ModelSource.UsualClasses}]", 2);
        Option<string> json = new OutputFile("--json", "Write all figures to this file too.");
        Option<string> latency = CommandOption.Text("--latency", "FILE", "Table of 'mlbinary calibrate', to predict the time of convolutions of signs by.");
        System.CommandLine.Command command = new("inspect", "Shows the layers of a network, its size and its cost; of a pretrained one, its card first.") { model, size, precision, classes, latency, json };
        command.SetAction(parsed =>
        {
            ModelSource source = ModelSource.Resolve(parsed.GetValue(model)!, parsed.GetValue(precision), parsed.GetValue(classes));
            ImageDimensions image = parsed.GetValue(size) ?? ImageDimensions.Usual;
            GraphCost cost = CostModel.Measure(source.GraphAt(image), image.Height, image.Width);
            LatencyTable? table = parsed.GetValue(latency) is { } file ? LatencyTable.Load(file) : null;
            Terminal terminal = Terminal.Of(parsed);
            foreach (string line in InspectionText.Lines(source, image, cost, table))
            {
                terminal.Line(line);
            }

            if (parsed.GetValue(json) is { } path)
            {
                InspectionJson.Write(path, source, image, cost, table);
            }
        });
        return command;
    }
}
