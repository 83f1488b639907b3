using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary search</c>: the width of every channel, found while training.</summary>
internal static class SearchCommand
{
    private static readonly double[] s_usualStrengths = [1, 3, 10, 30];

    public static System.CommandLine.Command Create()
    {
        MixedPrecisionOptions usual = new();
        TrainingOptions training = TrainCommand.Defaults;
        Option<DenseTask?> task = CommandOption.Choice<DenseTask>("--task", "What to learn: a class for every pixel, or how salient it is. [default: segmentation]");
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of the training images.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks.", required: true);
        Option<string> valImages = CommandOption.Text("--val-images", "DIR", "Folder of images that accuracy is measured on. [default: the training images]");
        Option<string> valMasks = CommandOption.Text("--val-masks", "DIR", "Folder of their masks.");
        Option<string> classes = CommandOption.Text("--classes", "N|FILE", "Number of classes, or a file with their names. [default: the largest index in the masks + 1]");
        Option<string> from = CommandOption.Text("--from", "MODEL", $"The binary network to start from. {ModelSource.Meaning}");
        Option<NetworkPreset?> preset = CommandOption.Choice<NetworkPreset>("--preset", "Or a new network of this size. [default: small]");
        Option<NetworkSettings?> network = CommandOption.Network("--network", "Changes of the preset.");
        Option<string> cost = CommandOption.Text("--cost", "size|weights|bitops|mpic|ne16|latency:FILE", $"What to keep low: {CostNames.Meaning}. [default: size]");
        Option<double[]?> strengths = CommandOption.Positives("--lambda", $"Weights of the cost in the loss, each for a network of the front. [default: {string.Join(',', s_usualStrengths)}]");
        Option<int?> targetBytes = CommandOption.Number("--target-bytes", "N", "One network whose file has at most so many bytes, in place of a front.", 1);
        Option<double?> targetTime = CommandOption.Positive("--target-ms", "MS", "One network that takes at most so long by --cost latency:FILE, in place of a front.");
        Option<byte[]?> precisions = CommandOption.Widths("--precisions", $"Widths to choose from. [default: {string.Join(',', usual.Precisions)}]", ChannelQuantizer.Widths);
        Option<byte[]?> uniform = CommandOption.Widths("--uniform", "Widths to train whole networks of beside the front, for comparison. [default: 1]", ChannelQuantizer.Widths.Where(width => width > 0));
        Option<GateSampling?> sampling = CommandOption.Choice<GateSampling>("--sampling", "How precisions are mixed while searching. [default: soft]");
        Option<double?> gateRate = CommandOption.Positive("--gate-rate", "R", "Learning rate of the gates. [default: by the number of channels and of steps]");
        Option<GateStart?> start = CommandOption.Choice<GateStart>("--gate-start", "Whether gates start from the width that channels have or from the widest. [default: present with a target, else widest]");
        Option<int?> steps = CommandOption.Number("--steps", "N", "Steps of each network: 30 % with real weights, 50 % of search, 20 % with widths settled. [default: 3000]", 1);
        Option<int?> epochs = CommandOption.Number("--epochs", "N", "Or passes over the images.", 1);
        Option<int?> seed = CommandOption.Number("--seed", "S", "Seed of weights, order and augmentation. [default: 1]", 0);
        Option<int?> threads = CommandOption.Number("--threads", "T", "Threads; the networks do not depend on it. [default: 0, all cores]", 0);
        Option<int?> batch = CommandOption.Number("--batch", "N", $"Images per step. [default: {training.BatchSize}]", 1);
        Option<WorkingSize?> size = CommandOption.WorkingSize("--size", "The size that images are brought to, as for train.");
        Option<ImageExposure?> exposure = CommandOption.Exposure("--exposure", "How bright images are made, as for train.");
        Option<ImageDimensions?> crop = CommandOption.Size("--crop", $"Size of the random crops to learn from. [default: {TrainCommand.UsualCrop}, or the first image's size where that is smaller]");
        Option<ScaleRange?> scale = CommandOption.Scale("--scale", "Images are enlarged at random by a factor of this range before they are cropped.");
        Option<double?> learningRate = CommandOption.Positive("--learning-rate", "R", $"Highest learning rate. [default: {training.LearningRate}]");
        Option<ImageDimensions?> image = CommandOption.Size("--image", $"Size of the image that costs are counted for and time is measured on. [default: {ImageDimensions.Usual}]");
        Option<bool> resume = new("--resume") { Description = "Go on with an interrupted search in --out, with the same options as then." };
        Option<string> output = new OutputFolder("--out", "Folder for the networks, front.csv and front.html; made if there is none.", "front.csv", "front.html") { Required = true, Endings = [".mlbn", TrainingJobRunner.CheckpointEnding] };
        System.CommandLine.Command command = new("search", "Searches the width of every output channel, 0 to 8 bits, while training: the best networks for what they cost.")
        {
            task, images, masks, valImages, valMasks, classes, from, preset, network, cost, strengths, targetBytes, targetTime, precisions, uniform, sampling, gateRate, start,
            steps, epochs, seed, threads, batch, size, exposure, crop, scale, learningRate, image, resume, output,
        };
        FolderOptions folders = new();
        folders.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(valImages) is null != result.GetResult(valMasks) is null)
            {
                result.AddError("--val-images and --val-masks belong together.");
            }

            if (new System.CommandLine.Option[] { strengths, targetBytes, targetTime }.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("Only one of --lambda, --target-bytes and --target-ms can be given.");
            }

            if (new System.CommandLine.Option[] { steps, epochs }.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("Only one of --steps and --epochs can be given.");
            }

            DenseTask? other = CommandOption.WithoutClasses(result, task);
            if (other is not null && result.GetResult(classes) is not null)
            {
                result.AddError($"--classes belongs to segmentation; {other.Value.Name} has no classes.");
            }

            if (result.GetResult(from) is not null && (result.GetResult(preset) is not null || result.GetResult(network) is not null))
            {
                result.AddError("--preset and --network decide the structure of a new network; a model given with --from has its own.");
            }

            string? named = result.GetResult(cost)?.Tokens is [{ Value: var text }] ? text : null;
            if (named is not null && !CostNames.IsKnown(named))
            {
                result.AddError($"--cost is '{named}'; it must be {CostNames.Meaning}.");
            }

            if (result.GetResult(targetTime) is not null && named?.StartsWith(CostNames.Latency, StringComparison.Ordinal) is not true)
            {
                result.AddError("--target-ms needs --cost latency:FILE; 'mlbinary calibrate' writes the file.");
            }

            if (result.GetResult(targetBytes) is not null && named is not (null or "weights"))
            {
                result.AddError($"--target-bytes goes by --cost weights, and --cost is '{named}'; leave it out.");
            }
        });
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output)!;
            DenseTask learned = parsed.GetValue(task) ?? DenseTask.Segmentation;
            TrainingJob job = new()
            {
                Task = TrainingTask.For(learned),
                Images = parsed.GetValue(images)!,
                Masks = parsed.GetValue(masks)!,
                Folders = folders.Of(parsed, Terminal.Of(parsed)),
                Out = Path.Combine(folder, SearchJobRunner.CheckpointName),
                ValidationImages = parsed.GetValue(valImages),
                ValidationMasks = parsed.GetValue(valMasks),
                Classes = parsed.GetValue(classes),
                Preset = parsed.GetValue(preset) ?? NetworkPreset.Small,
                Precision = Precision.Binary,
                Network = parsed.GetValue(network),
                From = parsed.GetValue(from),
                Budget = parsed.GetValue(epochs) is { } passes ? TrainingBudget.OfEpochs(passes) : TrainingBudget.OfSteps(parsed.GetValue(steps) ?? 3000),
                Training = training with
                {
                    Seed = parsed.GetValue(seed) ?? training.Seed,
                    Threads = parsed.GetValue(threads) ?? training.Threads,
                    ResumePath = parsed.GetValue(resume) ? Path.Combine(folder, SearchJobRunner.CheckpointName + TrainingJobRunner.CheckpointEnding) : null,
                    BatchSize = parsed.GetValue(batch) ?? training.BatchSize,
                    LearningRate = (float)(parsed.GetValue(learningRate) ?? training.LearningRate),
                    ValidationInterval = int.MaxValue,
                },
                ResumeOption = "--resume",
                Size = parsed.GetValue(size),
                Exposure = parsed.GetValue(exposure),
                Crop = parsed.GetValue(crop),
                Scale = parsed.GetValue(scale) ?? new(training.Augmentation.MinScale, training.Augmentation.MaxScale),
            };
            ImageDimensions measured = parsed.GetValue(image) ?? ImageDimensions.Usual;
            SearchSettings settings = new(
                usual with
                {
                    Cost = CostNames.Parse(parsed.GetValue(cost) ?? (parsed.GetValue(targetBytes) is null ? "size" : "weights")),
                    Precisions = parsed.GetValue(precisions) is { Length: > 0 } widths ? [.. widths] : usual.Precisions,
                    Strengths = [.. parsed.GetValue(strengths) is { Length: > 0 } given ? given : s_usualStrengths],
                    Limit = parsed.GetValue(targetTime) * 1e6,
                    Sampling = parsed.GetValue(sampling) ?? usual.Sampling,
                    GateLearningRate = (float?)parsed.GetValue(gateRate),
                    Start = parsed.GetValue(start),
                    ImageHeight = measured.Height,
                    ImageWidth = measured.Width,
                },
                folder, parsed.GetValue(targetBytes), parsed.GetValue(uniform) is { Length: > 0 } uniformWidths ? [.. uniformWidths] : [1]);
            return SearchJobRunner.Run(job, settings, Terminal.Of(parsed));
        });
        return command;
    }
}
