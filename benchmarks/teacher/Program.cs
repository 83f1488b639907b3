using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Teacher;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

// dotnet run -c Release --project benchmarks/teacher -- train MODEL STEPS IMAGES MASKS
// dotnet run -c Release --project benchmarks/teacher -- label MODEL OUT DIR...
// A float network that learns saliency from the pictures in IMAGES, and what it makes of the pictures in DIRs: OUT/masks has the maps that it is sure of, OUT/images links to their pictures.
const int batch = 8;
const double freshRate = 1e-3, tunedRate = 1e-4, leastOverlap = 0.75, leastPart = 0.01, mostPart = 0.8;
string[][] shapes = [["train", "MODEL", "STEPS", "IMAGES", "MASKS"], ["label", "MODEL", "OUT", "DIR"]];
if (args.Length < 4 || args[0] == "train" && args.Length != 5 || args[0] is not ("train" or "label"))
{
    Console.Error.WriteLine(string.Join(Environment.NewLine, shapes.Select(shape => $"teacher {string.Join(' ', shape)}")));
    return 1;
}

random.manual_seed(1);
using SaliencyNetwork network = new(Path.Combine(AppContext.BaseDirectory, "ResNet18.onnx"));
if (args[0] == "train")
{
    Train(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), ImageFolder.Pair(args[3], args[4]));
}
else
{
    network.load(args[1]);
    Label(args[2], [.. args.Skip(3).SelectMany(directory => ImageFolder.ListImages(directory))]);
}

return 0;

void Train(string model, int steps, IReadOnlyList<ImagePair> pairs)
{
    AdamW.ParamGroup[] groups = [new(network.Fresh, freshRate), new(network.Tuned, tunedRate)];
    using optim.Optimizer optimizer = optim.AdamW(groups, weight_decay: 1e-4);
    Stopwatch watch = Stopwatch.StartNew();
    Random order = new(1);
    Task<(float[] Images, float[] Masks)> next = Task.Run(() => Batches.Draw(pairs, batch, order));
    double mean = 0;
    for (int step = 0; step < steps; step++)
    {
        using DisposeScope scope = NewDisposeScope();
        (float[] images, float[] objects) = next.Result;
        next = Task.Run(() => Batches.Draw(pairs, batch, order));
        double part = Math.Min(1, (step + 1) / 100.0) * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
        foreach ((optim.ILearningRateController group, double rate) in optimizer.ParamGroups.Zip([freshRate, tunedRate]))
        {
            group.LearningRate = rate * part;
        }

        optimizer.zero_grad();
        Tensor masks = tensor(objects).view(batch, 1, Batches.Side, Batches.Side);
        Tensor logits = network.call(tensor(images).view(batch, 3, Batches.Side, Batches.Side)), p = logits.sigmoid();
        Tensor both = (p * masks).sum([1, 2, 3]), either = (p + masks - p * masks).sum([1, 2, 3]);
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits, masks) + (1 - (both + 1) / (either + 1)).mean();
        loss.backward();
        optimizer.step();
        mean += 0.02 * (loss.item<float>() - mean);
        if ((step + 1) % 50 == 0)
        {
            Console.WriteLine($"step {step + 1}/{steps}  loss {mean / (1 - Math.Pow(0.98, step + 1)):f4}  {watch.Elapsed:h\\:mm\\:ss}");
        }

        if ((step + 1) % 250 == 0 || step + 1 == steps)
        {
            network.save(model);
        }
    }
}

// The map is the mean of the picture's and its mirror image's.
void Label(string folder, string[] files)
{
    string[] twice = [.. files.GroupBy(Path.GetFileNameWithoutExtension).Where(same => same.Skip(1).Any()).Select(same => same.Key!)];
    if (twice.Length > 0)
    {
        throw new InvalidDataException($"{twice.Length} names are of several pictures, which would share a map, the first '{twice[0]}'; rename them.");
    }

    Directory.CreateDirectory(Path.Combine(folder, "images"));
    Directory.CreateDirectory(Path.Combine(folder, "masks"));
    using IDisposable still = no_grad();
    int kept = 0;
    for (int i = 0; i < files.Length; i++)
    {
        using DisposeScope scope = NewDisposeScope();
        RgbImage image = RgbImage.Load(files[i]);
        Tensor input = tensor(Batches.Planes(image)).view(1, 3, Batches.Side, Batches.Side);
        Tensor logits = network.call(cat([input, input.flip(3)]));
        Tensor map = (logits[0].sigmoid() + logits[1].flip(2).sigmoid()).unsqueeze(0) / 2;
        float[] values = nn.functional.interpolate(map, [image.Height, image.Width], mode: InterpolationMode.Bilinear, align_corners: false).data<float>().ToArray();
        if (IsSure(values))
        {
            kept++;
            MaskWriter.Save(
                Path.Combine(folder, "masks", $"{Path.GetFileNameWithoutExtension(files[i])}.png"), SaliencyMask.FromProbabilities(image.Width, image.Height, values));
            string link = Path.Combine(folder, "images", Path.GetFileName(files[i]));
            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, Path.GetFullPath(files[i]));
            }
        }

        if ((i + 1) % 500 == 0 || i + 1 == files.Length)
        {
            Console.WriteLine($"{i + 1} of {files.Length} pictures, {kept} of them kept");
        }
    }
}

// There is an object, it leaves some of the picture, and the map hardly changes where it is cut at a half.
static bool IsSure(float[] map)
{
    double part = 0, both = 0, either = 0;
    foreach (float p in map)
    {
        part += p > 0.5f ? 1.0 / map.Length : 0;
        both += p > 0.5f ? p : 0;
        either += p > 0.5f ? 1 : p;
    }

    return part is >= leastPart and <= mostPart && both >= leastOverlap * either;
}
