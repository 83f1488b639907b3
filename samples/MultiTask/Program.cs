// Trains one network for three tasks: what each pixel shows, the salient object, and edges. On clothes, where ../shared/data/ccp is there; else on painted scenes.
// dotnet run -c Release --project samples/MultiTask [-- STEPS [FOLDER]]
using System.Diagnostics;
using System.Globalization;
using Clothes;
using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Reporting;

const string Ccp = "../shared/data/ccp";
const int UsualSteps = 1000, Shown = 6;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 2 || (args.Length > 0 && !(int.TryParse(args[0], out int given) && given > 0)))
{
    Console.Error.WriteLine("Give the number of steps and a folder to write to, or nothing.");
    return 2;
}

int steps = args.Length > 0 ? int.Parse(args[0]) : UsualSteps;
string folder = Directory.CreateDirectory(args.Length > 1 ? args[1] : Path.Combine(Path.GetTempPath(), "mlbinary-multitask")).FullName;
TaskFolders set = Directory.Exists(Ccp) ? TaskFolders.OfClothes(Ccp) : TaskFolders.OfScenes(folder);
Console.WriteLine($"{set.Title}: {set.Train.Length} images to learn from, {set.Test.Length} to report on; {(Directory.Exists(Ccp) ? "" : $"{Ccp} is not here; ")}{steps} steps");

MLContext ml = new(seed: 1);
IDataView train = ml.Data.LoadImageTasks(set.Train, set.Masks), test = ml.Data.LoadImageTasks(set.Test, set.Masks);
Stopwatch watch = Stopwatch.StartNew();
MultiTaskTransformer model = ml.MultiTask.Trainers.BinaryDenseNet(new MultiTaskTrainerOptions
{
    Tasks = set.Tasks,
    Preset = NetworkPreset.Tiny,
    Steps = steps,
    WorkingSize = WorkingSize.Of(set.Size),
    CropWidth = 128,
    CropHeight = 128,
    Seed = 1,
    Training = new() { AverageDecay = 0.99f },
    MetricsCallback = progress =>
    {
        if (progress.Step % 100 == 0 || progress.Step == progress.TotalSteps)
        {
            Console.WriteLine($"  step {progress.Step} of {progress.TotalSteps}, loss {progress.Loss:0.000}, {progress.Remaining.TotalSeconds:0} s left");
        }
    },
}).Fit(train);
Console.WriteLine($"Trained in {watch.Elapsed.TotalSeconds:0} s.");

// One file for all three tasks; one run of the network for all three columns.
ml.Model.Save(model, null, Path.Combine(folder, "model.zip"));
MultiTaskMetrics metrics = ml.MultiTask.Evaluate(ml.Model.Load(Path.Combine(folder, "model.zip"), out _).Transform(test), set.Tasks);
Console.WriteLine(metrics);

using MultiTaskPredictor predictor = MultiTaskPredictor.Load(Path.Combine(folder, "model.zip"));
TaskExample[] examples = [.. set.Test.Where((_, i) => i % Math.Max(1, set.Test.Length / Shown) == 0).Take(Shown).Select(image => SideBySide.Of(predictor, set, image))];
foreach (TaskExample example in examples)
{
    SideBySide.Save(example, folder);
}

metrics.SaveHtml(Path.Combine(folder, "report.html"), new() { Title = $"Three tasks on {set.Title}", Examples = examples, Facts = [new ReportFact("Training", "Steps", $"{steps}")] });
Console.WriteLine($"To look at: {folder}");
return 0;
