using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary export</c>: a network as an ONNX file.</summary>
internal static class ExportCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL|PRESET", ModelSource.MeaningWithPresets, required: true);
        Option<string> onnx = new OutputFile("--onnx", "The ONNX file.") { Required = true };
        Option<ImageDimensions?> size = CommandOption.Size("--size", "The only image size that the file is for. [default: images of every size]");
        Option<Precision?> precision = CommandOption.Choice<Precision>("--precision", "Of a preset. [default: binary]");
        Option<int?> classes = CommandOption.Number("--classes", "N", $"Of a preset. [default: {ModelSource.UsualClasses}]", 2);
        Option<int?> reduction = CommandOption.Number(
            "--attention-reduction", "N", $"How far the file reduces the keys and values of attention along each axis, 1 to {AttentionReduction.Largest}. [default: as the model was trained]", 1);
        System.CommandLine.Command command = new("export", "Writes a network as an ONNX file for other runtimes.") { model, onnx, size, precision, classes, reduction };
        command.SetAction(parsed =>
        {
            ModelSource source = ModelSource.Resolve(parsed.GetValue(model)!, parsed.GetValue(precision), parsed.GetValue(classes));
            string path = parsed.GetValue(onnx)!;
            ImageDimensions? image = parsed.GetValue(size);
            DenseNetwork network = source.Network.WithWorkingSize(source.WorkingSize);
            AttentionReduction reduced = parsed.GetValue(reduction) is { } factor ? AttentionReduction.Fixed(factor) : source.Views.AttentionReduction;
            if (reduced.MostKeys is not null && image is null)
            {
                Terminal.Of(parsed).Warn($"{source.Name} was saved to reduce attention by the size of the image, which a file for every size cannot: it does so as trained. --size or --attention-reduction decides.");
                reduced = AttentionReduction.AsTrained;
            }

            source.WarnOfViews(Terminal.Of(parsed), "the file looks once, at the image that it is given.", reduces: true);
            DenseGraph graph = reduced.In(network.Graph, image?.Height ?? 1, image?.Width ?? 1);
            OnnxExporter.Save(network.WithGraph(graph), path, new OnnxExportOptions { Size = image is { } s ? (s.Width, s.Height) : null });
            Terminal.Of(parsed).Line($"Wrote {path}: image [1, 3, {Sides(image)}] in 0..255, logits [1, {network.Graph.LogitChannels}, {Sides(image)}]");
            if (network.WorkingSize is { IsOwn: false } workingSize)
            {
                Terminal.Of(parsed).Line($"The file does not resize: give it images with a longest side of {workingSize} pixels and enlarge the logits to the image's own size.");
            }

            if (network.Exposure is { IsAsIs: false } exposure)
            {
                Terminal.Of(parsed).Line($"The file does not change exposures: give it images brought to a mean of {exposure} ({nameof(ImageExposure)}).");
            }
        });
        return command;
    }

    private static string Sides(ImageDimensions? size) => size is { } image ? $"{image.Height}, {image.Width}" : "H, W";
}
