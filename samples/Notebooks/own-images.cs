#:project ../../Microsoft.ML.Binary/Microsoft.ML.Binary.csproj
#:property PublishAot=false

// %% [markdown]
// # From 20 labelled pictures of my own to a report
//
// Takes a network that is already trained, goes on training it on 20 pictures with masks, and looks at what that gave, on 8 others. The pictures
// of cell nuclei beside this notebook (CC0) stand for yours: replace the folder and the classes below, and run it all again.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

// %% program
Directory.SetCurrentDirectory(Here());

// %%
string data = Path.Combine("..", "nuclei");              // train/images, train/masks, test/images, test/masks
string[] classes = ["background", "inside", "contour"];  // by the index that the masks hold
int steps = 12;                                          // half a minute; 1000 for the real thing
string results = Directory.CreateTempSubdirectory("own-images").FullName;

// %% [markdown]
// ## Data
//
// A mask is a PNG of the picture's size, a byte a pixel: the index of its class, 255 where it is not known. Nothing is read before it is needed; what
// shows here are the first rows.

// %%
MLContext ml = new(seed: 1);
IDataView Load(string set) => ml.Data.LoadImagePairs(Path.Combine(data, set, "images"), Path.Combine(data, set, "masks"), numberOfClasses: classes.Length);
IDataView train = Load("train"), test = Load("test");
display(train);

// %% [markdown]
// ## The network to start from
//
// `Nuclei` comes with the package, and anyone may use it for anything. Classes of the same name keep what they know; others begin anew, and from 20
// pictures they need more steps.

// %%
DenseNetwork start = PretrainedNetworks.Load(PretrainedModel.Nuclei);
display(start);

// %% [markdown]
// ## Training
//
// So few pictures are learned by heart soon: the learning rate is low, and the pictures are mirrored, enlarged or reduced, and recoloured all the time.

// %%
SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(new SegmentationTrainerOptions
{
    InitialNetwork = start,
    ClassNames = classes,
    Steps = steps,
    BatchSize = 4,
    CropWidth = 256,
    CropHeight = 256,
    LearningRate = 1e-3f,
    MetricsCallback = p => { if (p.Step % 4 == 0) { display($"step {p.Step} of {p.TotalSteps}, loss {p.Loss:F3}, {p.Remaining.TotalSeconds:F0} s left"); } },
}).Fit(train);

// %% [markdown]
// ## Did it help?
//
// The same test pictures before and after, so the difference is known better than either figure. With 8 pictures the interval is wide: label more
// before you believe a small difference.

// %%
SegmentationMetrics before = ml.Segmentation.Evaluate(ml.Segmentation.FromNetwork(start).Transform(test));
SegmentationMetrics after = ml.Segmentation.Evaluate(model.Transform(test));
display(after);
display(before.CompareTo(after, SegmentationMeasure.MeanIoU));

// %% [markdown]
// ## Rows
//
// Scored rows: the picture, the true mask and the predicted one.

// %%
display(model.Transform(test));

// %% [markdown]
// ## Counting
//
// The inside of each nucleus is a region of its own, since the contour lies between. Where a predicted contour has a gap, regions are taken apart at the neck.

// %%
SegmentationPredictor predictor = new(model.Network);
foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(data, "test", "images"), Path.Combine(data, "test", "masks")))
{
    SegmentationMask mask = predictor.Predict(RgbImage.Load(pair.ImagePath));
    int found = MaskRegions.Find(mask, inside: 1, contour: 2, minArea: 16).Regions.Length;
    int there = MaskRegions.Find(MaskReader.ReadClassIndices(pair.MaskPath), inside: 1, contour: 2, splitAtNecks: false).Regions.Length;
    display($"{pair.Name}: {found} nuclei found, {there} there");
}

// %% [markdown]
// ## What to keep
//
// The model, as a zip that any ML.NET program with this package loads, and a page to show to others.

// %%
ml.Model.Save(model, null, Path.Combine(results, "own.zip"));
after.SaveHtml(Path.Combine(results, "report.html"), new() { Title = "My own images" });
display($"Model and report: {results}");

// %% program
void display(object value) => Console.WriteLine(value is RgbImage picture ? $"A picture of {picture.Width}x{picture.Height} pixels" : value);
static string Here([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
