using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary extract</c>: the network file out of an ML.NET model, or a pretrained one.</summary>
internal static class ExtractCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning, required: true);
        Option<string> output = new OutputFile("--out", "The network file to write.", "NETWORK") { Required = true, MayReplace = "--model" };
        Option<WorkingSize?> size = CommandOption.WorkingSize(
            "--working-size", "Write this working size into the file: each image's own, or N pixels along the longest side; weights stay as they are. [default: the model's]");
        Option<ImageExposure?> exposure = CommandOption.Exposure(
            "--exposure", "Write this exposure into the file: images as they are, or brought to a mean of N; weights stay as they are. [default: the model's]");
        System.CommandLine.Command command = new("extract", "Takes the network file out of an ML.NET model zip or of this tool.") { model, output, size, exposure };
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is { Tokens: [{ Value: var path }] } && Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--out is '{path}', and this command writes no ONNX; 'mlbinary export --onnx {path}' does.");
            }
        });
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(output)!, parsed.GetValue(size), parsed.GetValue(exposure), Terminal.Of(parsed)));
        return command;
    }

    private static void Run(string model, string output, WorkingSize? size, ImageExposure? exposure, Terminal terminal)
    {
        DenseNetwork network = ModelSource.Load(model).Network;
        network.WithWorkingSize(size ?? network.WorkingSize).WithExposure(exposure ?? network.Exposure).Save(output);
        terminal.Line(Invariant($"Wrote {output} ({new FileInfo(output).Length:N0} bytes)"));
    }
}
