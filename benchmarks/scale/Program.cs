// What a network makes of the same images at other sizes, and of more than one look at them.
//
//     dotnet run -c Release --project benchmarks/scale -- table MODEL IMAGES MASKS [FACTOR ...]   images enlarged; each as it is, and at the working size
//     dotnet run -c Release --project benchmarks/scale -- choose MODEL IMAGES MASKS SIZE ...      which working size does best
//     dotnet run -c Release --project benchmarks/scale -- views MODEL IMAGES MASKS                several scales, mirrored: gain and time
//     dotnet run -c Release --project benchmarks/scale -- picture MODEL OUT PHOTO ...             what saliency makes of photos enlarged eight times
//     dotnet run -c Release --project benchmarks/scale -- tiles MODEL IMAGES MASKS FACTOR EVERY SIDE+HALO ...   masks in tiles against masks of the whole image
//     dotnet run -c Release --project benchmarks/scale -- merge MODEL IMAGES MASKS EVERY RUN F ...   sampled keys against merged ones; for RUN images the masks too
//     dotnet run -c Release --project benchmarks/scale -- reduction PRESET SIDE RUNS F F ...      time of the processor by reduction of attention; the first over each other
//     dotnet run -c Release --project benchmarks/scale -- train CAMVID STEPS FACTOR SEED          trains on enlarged images; CAMVID holds train and val
//
// EVERY takes every so-manieth image. MODEL is a network file or the name of a pretrained network; IMAGES and MASKS belong to its validation part.
using System.Globalization;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Scale;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length < 4 || (args[0] == "train" && args.Length != 5))
{
    Console.Error.WriteLine("usage: scale table|choose|views MODEL IMAGES MASKS [FACTOR|SIZE ...], scale tiles MODEL IMAGES MASKS FACTOR EVERY SIDE+HALO ..., scale merge MODEL IMAGES MASKS EVERY RUN F ..., scale picture MODEL OUT PHOTO ..., scale reduction PRESET SIDE RUNS F F ..., or scale train CAMVID STEPS FACTOR SEED");
    return 2;
}

if (args[0] == "train")
{
    Training.Run(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), double.Parse(args[3], CultureInfo.InvariantCulture), long.Parse(args[4], CultureInfo.InvariantCulture));
    return 0;
}

if (args[0] == "reduction")
{
    int[] of = [.. args.Skip(2).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
    Reduction.Print(Enum.Parse<NetworkPreset>(args[1], ignoreCase: true), of[0], of[1], of[2..]);
    return 0;
}

DenseNetwork network = Enum.TryParse(args[1], out PretrainedModel model) ? PretrainedNetworks.Load(model) : DenseNetwork.Load(args[1]);
if (args[0] == "picture")
{
    Picture.Save(network, args[2], args[3..]);
    return 0;
}

if (args[0] is "tiles" or "merge")
{
    int every = int.Parse(args[args[0] == "tiles" ? 5 : 4], CultureInfo.InvariantCulture);
    ImagePair[] some = [.. ImageFolder.Pair(args[2], args[3]).Where((_, i) => i % every == 0)];
    if (args[0] == "tiles")
    {
        Tiles.Print(network, some, double.Parse(args[4], CultureInfo.InvariantCulture), args[6..]);
        return 0;
    }

    new Merging(network).Print(
        [.. some.Select(pair => RgbImage.Load(pair.ImagePath))], [.. args[6..].Select(text => int.Parse(text, CultureInfo.InvariantCulture))], int.Parse(args[5], CultureInfo.InvariantCulture));
    return 0;
}

Measurement measurement = new(network, ImageFolder.Pair(args[2], args[3]));
double[] numbers = [.. args.Skip(4).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
Console.WriteLine($"{args[1]}, working size {network.WorkingSize}, {measurement.Count} images");
switch (args[0])
{
    case "table":
        Console.WriteLine($"{"",-28}{measurement.Header,-26}ms a image");
        foreach (double factor in numbers is [] ? [0.5, 1, 2, 4, 8] : numbers)
        {
            measurement.Print($"{factor} times, as it is", ViewOptions.AsIs, factor);
            measurement.Print($"{factor} times, as trained", ViewOptions.AsTrained, factor);
        }

        break;
    case "choose":
        Console.WriteLine($"{"",-28}{measurement.Header,-26}ms a image");
        measurement.Print("as it is", ViewOptions.AsIs);
        foreach (double size in numbers)
        {
            measurement.Print($"{size}", ViewOptions.At((int)size));
        }

        break;
    case "views":
        Console.WriteLine($"{"",-28}{measurement.Header,-26}ms a image");
        foreach ((string name, ViewOptions views) in new (string, ViewOptions)[]
        {
            ("one", ViewOptions.AsTrained),
            ("mirrored", new() { Mirrored = true }),
            ("0.75, 1, 1.25", new() { Scales = [0.75, 1, 1.25] }),
            ("1, 1.25", new() { Scales = [1, 1.25] }),
            ("0.75, 1, 1.25, mirrored", new() { Scales = [0.75, 1, 1.25], Mirrored = true }),
            ("1, 1.25, mirrored", new() { Scales = [1, 1.25], Mirrored = true }),
            ("0.5 to 1.5, mirrored", new() { Scales = [0.5, 0.75, 1, 1.25, 1.5], Mirrored = true }),
        })
        {
            measurement.Print(name, views);
        }

        break;
    default:
        Console.Error.WriteLine($"'{args[0]}' is none of table, choose, views, tiles, merge, picture, reduction and train.");
        return 2;
}

return 0;
