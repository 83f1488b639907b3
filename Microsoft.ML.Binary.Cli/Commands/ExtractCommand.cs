using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;
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
        Option<string> images = CommandOption.Text(
            "--images", "DIR", "Saliency: take from the logits what makes the mean absolute error on these images least, so that maps are neither too large nor too small.");
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of the masks of --images: gray values, object above 128.");
        FolderOptions folders = new();
        System.CommandLine.Command command = new("extract", "Takes the network file out of an ML.NET model zip, or writes one of a pretrained network.") { model, output, size, exposure, images, masks };
        folders.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is { Tokens: [{ Value: var path }] } && Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--out is '{path}', and this command writes no ONNX; 'mlbinary export --onnx {path}' does.");
            }

            if (result.GetResult(images) is null != result.GetResult(masks) is null)
            {
                result.AddError("--images and --masks go together: give both, or neither.");
            }

            CommandOption.RefuseWithout(result, images, folders.All);
        });
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            ModelSource source = ModelSource.Load(parsed.GetValue(model)!);
            DenseNetwork network = source.Network;
            network = network.WithWorkingSize(parsed.GetValue(size) ?? source.WorkingSize).WithExposure(parsed.GetValue(exposure) ?? network.Exposure);
            source.WarnOfViews(terminal, "a network file holds the size of that, not the rest, which 'score' and 'evaluate' take as options.");
            if (parsed.GetValue(images) is { } folder)
            {
                network = Shifted(network, ImageFolder.Pair(folder, parsed.GetValue(masks)!, folders.Of(parsed, terminal)), terminal);
            }

            string path = parsed.GetValue(output)!;
            network.Save(path);
            terminal.Line(Invariant($"Wrote {path} ({OutputFile.SizeOf(path):N0} bytes)"));
        });
        return command;
    }

    private static DenseNetwork Shifted(DenseNetwork network, IReadOnlyList<ImagePair> pairs, Terminal terminal)
    {
        DecisionShift.Apply(network, 0); // what is wrong with the network is better said before its images are looked at
        MaskSurvey survey = MaskSurvey.OfSaliency();
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        DecisionShift shift = CountDisplay.Show(terminal, "seen", pairs.Count, done =>
        {
            DecisionShift errors = new();
            foreach ((ImagePair pair, float[] logits, SaliencyMask mask) in OrderedParallel.Map(pairs, Environment.ProcessorCount, pair => Logits(compiled, pair)))
            {
                try
                {
                    errors.Add(logits, mask);
                    survey.Add(mask.Values);
                }
                catch (ArgumentException e)
                {
                    throw new InvalidDataException($"{pair.ImagePath}: {e.Message}", e);
                }

                done(errors.ImageCount);
            }

            return errors;
        });
        survey.Check(forTraining: true);
        survey.Warnings.ToList().ForEach(terminal.Warn);
        terminal.Line(Invariant(
            $"Logits less {shift.Least}: mean absolute error {shift.ErrorAt(shift.Least):f4} on {shift.ImageCount:N0} images, {shift.ErrorAt(0):f4} before"));
        return DecisionShift.Apply(network, shift.Least);
    }

    private static (ImagePair Pair, float[] Logits, SaliencyMask Mask) Logits(CompiledNetwork network, ImagePair pair)
    {
        TrainingSample sample = LabelledImages.Read(pair, DenseTask.Saliency, null, neededLongestSide: network.NeededLongestSide);
        (int Width, int Height) size = (sample.FullWidth, sample.FullHeight);
        float[] logits = new float[size.Width * size.Height];
        network.PredictLogits(sample.Image, logits, size);
        return (pair, logits, new SaliencyMask(size.Width, size.Height, sample.Mask));
    }
}
