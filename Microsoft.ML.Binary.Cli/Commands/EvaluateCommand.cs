using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Evaluation;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Pipeline;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary evaluate</c>: the metrics of a model on labelled images.</summary>
internal static class EvaluateCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", "An ML.NET model zip or a network file.", required: true);
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of the images; they are scored at their own size.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks.", required: true);
        Option<string> json = CommandOption.Text("--json", "FILE", "Write all figures to this file too.");
        System.CommandLine.Command command = new("evaluate", "Measures a model on images with masks.") { model, images, masks, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(model)!, parsed.GetValue(images)!, parsed.GetValue(masks)!, parsed.GetValue(json), Terminal.Of(parsed)));
        return command;
    }

    private static void Run(string model, string images, string masks, string? json, Terminal terminal)
    {
        if (json is not null)
        {
            AtomicFile.CheckWritable(json);
        }

        DenseNetwork network = ModelFile.LoadNetwork(model);
        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(images, masks);
        CountDisplay.Show(terminal, "evaluated", pairs.Count, done =>
        {
            ModelEvaluation evaluation = new(network.Graph, pairs, Environment.ProcessorCount, done);
            if (network.Task == DenseTask.Segmentation)
            {
                SegmentationMetrics metrics = evaluation.Segmentation(network.ClassNames);
                terminal.Line(metrics.ToString());
                Save(metrics.SaveJson);
            }
            else
            {
                SaliencyMetrics metrics = evaluation.Saliency();
                terminal.Line(metrics.ToString());
                Save(metrics.SaveJson);
            }
        });

        void Save(Action<string> save)
        {
            if (json is not null)
            {
                save(json);
            }
        }
    }
}
