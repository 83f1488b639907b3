using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary train</c>: its options, and how they go together.</summary>
internal static class TrainCommand
{
    public const int UsualMinutes = 30;

    /// <summary>What <c>--from</c> calls random weights.</summary>
    public const string Nothing = "none";

    // Ten years.
    private const int MaxMinutes = 5_256_000;

    public static readonly ImageDimensions UsualCrop = new(256, 192);

    /// <summary>What holds where an option is not given.</summary>
    public static readonly TrainingOptions Defaults = new();

    private static readonly SegmentationTask Segmentation = new();

    public static System.CommandLine.Command Create()
    {
        Option<DenseTask?> task = CommandOption.Choice<DenseTask>("--task", "What to learn: a class for every pixel, or how salient it is.");
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of the training images.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks, PNG, TIFF, BMP or PGM; may be the same: class indices (255 = ignore), or gray values for saliency.");
        Option<string> tasks = CommandOption.Text("--tasks", "FILE", "Learn several tasks at once, in place of --task and --masks: a JSON file that lists them (docs/multi-task.md).");
        Option<TaskDecoders?> decoders = CommandOption.Choice<TaskDecoders>("--decoders", "With --tasks: shared upsamplers, or some for each task. [default: light]");
        Option<TaskBottleneck?> bottleneck = CommandOption.Choice<TaskBottleneck>("--bottleneck", "With --tasks: a variational information bottleneck behind the encoder while training. [default: none]");
        Option<TaskWeighting?> weights = CommandOption.Choice<TaskWeighting>("--weights", $"With --tasks: weigh the losses of the tasks by what the file says alone, or learn besides how large each is. [default: {Defaults.TaskWeighting.ToString().ToLowerInvariant()}]");
        Option<string> featureTeacher = CommandOption.Text("--feature-teacher", "MODEL", "With --tasks: the trained float twin, whose feature maps are learned from.");
        Option<string> valTasks = CommandOption.Text("--val-tasks", "FILE", "With --tasks and --val-images: the same tasks with the folders of their masks. [default: those of --tasks]");
        Option<string> valImages = CommandOption.Text("--val-images", "DIR", "Folder of images to validate on; of several tasks, by the first one's figure.");
        Option<string> valMasks = CommandOption.Text("--val-masks", "DIR", "Folder of their masks.");
        Option<string> classes = CommandOption.Text("--classes", "N|FILE", "Number of classes, or a file with one class name per line (and a colour #RRGGBB after a tab, which masks may store instead of the index). [default: the largest index in the masks + 1]");
        Option<NetworkPreset?> preset = CommandOption.Choice<NetworkPreset>("--preset", "Size of the network. [default: small]");
        Option<Precision?> precision = CommandOption.Choice<Precision>("--precision", "One-bit weights and activations, or their full-precision twin. [default: binary]");
        Option<string> from = CommandOption.Text("--from", "MODEL", $"Start from the weights of a model instead of from random ones; size and precision are then its own, task and classes may be others; {Nothing} says that there is no such model. {ModelSource.Meaning}");
        Option<NetworkSettings?> network = CommandOption.Network("--network", "Changes of the preset.");
        Option<string> transfer = CommandOption.Text("--transfer", "MODEL", "Start from the weights of a model, by name, in a network of --preset, --precision and --network: what is new in it starts as it would without.");
        Option<int?> steps = CommandOption.Number("--steps", "N", "Train for so many steps.", 1);
        Option<int?> epochs = CommandOption.Number("--epochs", "N", "Train for so many passes over the images.", 1);
        Option<double?> minutes = CommandOption.Positive("--minutes", "M", $"Train for so long. [default: {UsualMinutes}, where no steps and no epochs are given; with --from, 50 steps per image, from 600 to 3000]");
        Option<int?> seed = CommandOption.Number("--seed", "S", "Seed of weights, order and augmentation. [default: 1]", 0);
        Option<int?> threads = CommandOption.Number("--threads", "T", "Threads; the result does not depend on it. [default: 0, all cores]", 0);
        Option<string> resume = CommandOption.Text("--resume", "FILE", "Checkpoint of an interrupted run to go on from, with the same options as then.");
        Option<string> restart = CommandOption.Text("--restart", "FILE", "Checkpoint of another run to start from: its weights as training left them, where --from has the signs of one-bit ones alone. --from, or --preset and --network, give the structure, which must be the same, as must the order of the classes; everything else may differ.");
        Option<bool> keepCheckpoint = new("--keep-checkpoint") { Description = "Keep MODEL.checkpoint when training is over, to start other runs from (--restart) or to go on with more steps (--resume, unless --out is the file of --from)." };
        Option<int?> batch = CommandOption.Number("--batch", "N", $"Images per step. [default: {Defaults.BatchSize}]", 1);
        Option<WorkingSize?> size = CommandOption.WorkingSize("--size", $"The size that images are brought to, for training and ever after: N pixels along the longest side, or each image's own. [default: that of --from or --transfer, or the median longest side of the images, at most {SizeSurvey.Highest}]");
        Option<ImageExposure?> exposure = CommandOption.Exposure("--exposure", "How bright images are made, for training and ever after: brought to a mean of N by a curve that leaves black and white, or as they are. For light that the training images do not show. [default: that of --from or --transfer, else as-is]");
        Option<ImageDimensions?> crop = CommandOption.Size("--crop", $"Size of the random crops to learn from. [default: {UsualCrop}, or the first image's size where that is smaller]");
        Option<ScaleRange?> scale = CommandOption.Scale("--scale", $"Images are enlarged at random by a factor of this range before they are cropped. [default: {new ScaleRange(Defaults.Augmentation.MinScale, Defaults.Augmentation.MaxScale)}]");
        Option<double?> photometric = CommandOption.NotNegative("--photometric", "S", "How much images are changed at random in colour, sharpness and noise, up to 2; 0 leaves them as they are. [default: 1]");
        Option<double?> learningRate = CommandOption.Positive("--learning-rate", "R", $"Highest learning rate. [default: {Defaults.LearningRate}]");
        Option<double?> softIoU = CommandOption.NotNegative("--soft-iou", "W", $"Weight of the soft IoU beside the cross-entropy that segmentation learns by; 0 learns by cross-entropy alone. [default: {Segmentation.SoftIoUWeight}]");
        Option<double?> softF = CommandOption.Positive("--soft-f", "B", "Saliency is learned by the soft F-measure of this beta^2 (0.3 as it is measured) in place of soft IoU.");
        Option<double?> priorCorrection = CommandOption.NotNegative("--prior-correction", "S", $"Share, up to 1, of the class weights that is taken back out of the trained network's logits; for long trainings. [default: {Segmentation.PriorCorrection}]");
        Option<string> teacher = CommandOption.Text("--teacher", "MODEL", "Trained network of the same task and classes to learn from besides the masks (distillation), for example the float twin.");
        Option<double?> distillationWeight = CommandOption.Positive("--distillation-weight", "S", $"The teacher's share of what is learned, up to 1. [default: {Defaults.DistillationWeight}]");
        distillationWeight.Aliases.Add("--teacher-share"); // its name in earlier versions
        Option<int?> interval = CommandOption.Number("--val-every", "N", $"Steps between two validations; there is one at the end in any case. [default: {Defaults.ValidationInterval}]", 1);
        Option<double?> holdOut = CommandOption.Positive("--hold-out", "SHARE", "Share of the images, up to 0.5, that is not trained on but measured on; the best network becomes the model.");
        Option<int?> patience = CommandOption.Number("--patience", "N", $"With --hold-out: stop after so many measurements without a better one; 0 never stops early. [default: {new EarlyStopping().Patience}]", 0);
        Option<int?> chooseEvery = CommandOption.Number("--hold-out-every", "N", $"With --hold-out: steps between two measurements. [default: {new EarlyStopping().Interval}]", 1);
        Option<int?> accumulate = CommandOption.Number("--accumulate", "N", "Batches per step, whose gradients are averaged. [default: 1]", 1);
        Option<string> output = new OutputFile("--out", "The model to write: an ML.NET model if the name ends in .zip, else a network file. Checkpoints go to MODEL.checkpoint.", "MODEL") { Required = true, MayReplace = "--from" };

        System.CommandLine.Command command = new("train", "Trains a network on images and masks.")
        {
            task, images, masks, tasks, decoders, bottleneck, weights, featureTeacher, valImages, valMasks, valTasks, classes, preset, precision, network, from, transfer, steps, epochs, minutes, seed, threads, resume, restart, keepCheckpoint, batch, size, exposure, crop, scale, photometric, learningRate, softIoU, softF, priorCorrection, teacher, distillationWeight, interval, holdOut, patience, chooseEvery, accumulate, output,
        };
        FolderOptions folders = new();
        folders.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is { Tokens: [{ Value: var path }] } && Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--out is '{path}', and training writes no ONNX: train to '{Path.ChangeExtension(path, ".mlbn")}', then 'mlbinary export --model {Path.ChangeExtension(path, ".mlbn")} --onnx {path}'.");
            }

            if (new System.CommandLine.Option[] { steps, epochs, minutes }.Count(budget => result.GetResult(budget) is not null) > 1)
            {
                result.AddError("Only one of --steps, --epochs and --minutes can be given.");
            }

            if (result.GetResult(tasks) is null && result.GetResult(valImages) is null != result.GetResult(valMasks) is null)
            {
                result.AddError("--val-images and --val-masks belong together.");
            }

            if (result.GetResult(tasks) is null)
            {
                foreach (System.CommandLine.Option missing in new System.CommandLine.Option[] { task, masks }.Where(option => result.GetResult(option) is null))
                {
                    result.AddError($"Option '{missing.Name}' is required (or --tasks for several tasks).");
                }
            }

            CommandOption.RefuseWithout(result, tasks, decoders, bottleneck, weights, featureTeacher, valTasks);

            bool hasStart = result.GetResult(from) is { Tokens: [{ Value: var start }] } && !IsNothing(start);
            foreach (System.CommandLine.Option alone in result.GetResult(tasks) is null
                ? [] : new System.CommandLine.Option[] { task, masks, valMasks, classes, from, softIoU, softF, priorCorrection, teacher }.Where(option => result.GetResult(option) is not null && (option != from || hasStart)))
            {
                result.AddError($"{alone.Name} is for one task, and --tasks names several.");
            }

            if (result.GetResult(task) is { Tokens: [{ Value: var named }] } && CommandOption.ParseName<DenseTask>(named) is { StandsAlone: false } listed)
            {
                result.AddError($"--task {listed.Name}: list them in a file for --tasks, alone with masks of their own, or beside the task from whose masks they are derived.");
            }

            CommandOption.RefuseWithout(result, valImages, interval, valTasks);
            CommandOption.RefuseWithout(result, holdOut, patience, chooseEvery);
            CommandOption.RefuseWithout(result, teacher, distillationWeight);

            if (hasStart && new System.CommandLine.Option[] { preset, precision, network }.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("--preset, --precision and --network decide the structure of a new network; a model given with --from has its own (with --transfer it gives its weights only).");
            }

            if (hasStart && result.GetResult(transfer) is not null)
            {
                result.AddError("Only one of --from and --transfer can be given.");
            }

            if (result.GetResult(restart) is not null && result.GetResult(transfer) is not null)
            {
                result.AddError("--transfer gives weights, and --restart gives all of them: only one of them can be given (with --restart, --preset and --network decide the structure, or --from has it).");
            }

            DenseTask? other = CommandOption.WithoutClasses(result, task);
            if (other is not null && result.GetResult(classes) is not null)
            {
                result.AddError($"--classes belongs to segmentation; {other.Value.Name} has no classes.");
            }

            if (other is not null && result.GetResult(priorCorrection) is not null)
            {
                result.AddError($"--prior-correction belongs to segmentation; {other.Value.Name} has no class weights.");
            }

            if (other is not null && result.GetResult(softIoU) is not null)
            {
                result.AddError($"--soft-iou belongs to segmentation; {other.Value.Name} has a loss of its own.");
            }

            if (result.GetResult(task) is not null && other != DenseTask.Saliency && result.GetResult(softF) is not null)
            {
                result.AddError("--soft-f belongs to saliency, which is measured by it.");
            }
        });
        command.SetAction(parsed =>
        {
            TrainingJob job = Job(parsed);
            return parsed.GetValue(tasks) is { } file
                ? new MultiTaskRunner(
                    new(job, file, parsed.GetValue(valTasks), parsed.GetValue(decoders) ?? TaskDecoders.Light, parsed.GetValue(bottleneck) ?? TaskBottleneck.None,
                        parsed.GetValue(weights) ?? Defaults.TaskWeighting, parsed.GetValue(featureTeacher)),
                    Terminal.Of(parsed)).Run()
                : new SingleTaskRunner(job, Terminal.Of(parsed)).Run();
        });
        return command;

        TrainingJob Job(ParseResult parsed)
        {
            DenseTask learned = parsed.GetValue(task) ?? DenseTask.Segmentation;
            return new()
            {
                Task = With(With(With(
                    TrainingTask.For(learned), "softIoU", parsed.GetValue(softIoU)), "softF", parsed.GetValue(softF)), "priorCorrection", parsed.GetValue(priorCorrection)),
                Images = parsed.GetValue(images)!,
                Masks = parsed.GetValue(masks) ?? "",
                Folders = folders.Of(parsed, Terminal.Of(parsed)),
                Out = parsed.GetValue(output)!,
                ValidationImages = parsed.GetValue(valImages),
                ValidationMasks = parsed.GetValue(valMasks),
                Classes = parsed.GetValue(classes),
                Preset = parsed.GetValue(preset) ?? NetworkPreset.Small,
                Precision = parsed.GetValue(precision) ?? Precision.Binary,
                Network = parsed.GetValue(network),
                From = parsed.GetValue(from) is { } model && !IsNothing(model) ? model : null,
                MeansNoStart = parsed.GetValue(from) is { } said && IsNothing(said),
                Transfer = parsed.GetValue(transfer),
                Budget = Budget(parsed.GetValue(steps), parsed.GetValue(epochs), parsed.GetValue(minutes)),
                Training = Defaults with
                {
                    Seed = parsed.GetValue(seed) ?? Defaults.Seed,
                    Threads = parsed.GetValue(threads) ?? Defaults.Threads,
                    ResumePath = parsed.GetValue(resume),
                    RestartPath = parsed.GetValue(restart),
                    BatchSize = parsed.GetValue(batch) ?? Defaults.BatchSize,
                    LearningRate = (float)(parsed.GetValue(learningRate) ?? Defaults.LearningRate),
                    DistillationWeight = (float)(parsed.GetValue(distillationWeight) ?? Defaults.DistillationWeight),
                    EarlyStopping = parsed.GetValue(holdOut) is { } share
                        ? new() { HoldOut = (float)share, Patience = parsed.GetValue(patience) ?? new EarlyStopping().Patience, Interval = parsed.GetValue(chooseEvery) ?? new EarlyStopping().Interval }
                        : null,
                    GradientAccumulation = parsed.GetValue(accumulate) ?? Defaults.GradientAccumulation,
                    ValidationInterval = parsed.GetValue(interval) ?? Defaults.ValidationInterval,
                },
                KeepsCheckpoint = parsed.GetValue(keepCheckpoint),
                Size = parsed.GetValue(size),
                Exposure = parsed.GetValue(exposure),
                Crop = parsed.GetValue(crop),
                Scale = parsed.GetValue(scale) ?? new(Defaults.Augmentation.MinScale, Defaults.Augmentation.MaxScale),
                Photometric = (float)(parsed.GetValue(photometric) ?? 1),
                Teacher = parsed.GetValue(teacher),
            };
        }
    }

    private static bool IsNothing(string start) => start.Equals(Nothing, StringComparison.OrdinalIgnoreCase);

    private static TrainingTask With(TrainingTask task, string option, double? value) => value is { } given ? task.WithOption(option, (float)given) : task;

    private static TrainingBudget? Budget(int? steps, int? epochs, double? minutes) =>
        minutes > MaxMinutes ? throw new ArgumentException($"--minutes is {minutes}; it must be at most {MaxMinutes}.")
        : steps is { } s ? TrainingBudget.OfSteps(s)
        : epochs is { } e ? TrainingBudget.OfEpochs(e)
        : minutes is { } m ? TrainingBudget.OfDuration(TimeSpan.FromMinutes(m))
        : null;
}
