using System.Globalization;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Words;

// dotnet run -c Release --project benchmarks/words -- OUT WORDS SIDE DIR...
// Writes for every picture of the folders a mask of visual words to OUT/masks and a link to it to OUT/images: something to pretrain on that nobody has to label.
const int bookVectors = 60_000, cellsOfAPicture = 40, rounds = 15;
if (args.Length < 4)
{
    Console.Error.WriteLine("words OUT WORDS SIDE DIR...: masks of WORDS (2 to 255) visual words, found with pictures of SIDE pixels, of the pictures in DIRs");
    return 1;
}

(string folder, int words, int side) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
string[] files = [.. args.Skip(3).SelectMany(directory => Directory.GetFiles(directory).Order(StringComparer.Ordinal))];
string[] twice = [.. files.GroupBy(Path.GetFileNameWithoutExtension).Where(same => same.Skip(1).Any()).Select(same => same.Key!)];
if (twice.Length > 0)
{
    Console.Error.WriteLine($"words: {twice.Length} names are of several pictures, which would share a mask, the first '{twice[0]}'; rename them.");
    return 1;
}

Directory.CreateDirectory(Path.Combine(folder, "images"));
Directory.CreateDirectory(Path.Combine(folder, "masks"));
using Teacher teacher = new(Path.Combine(AppContext.BaseDirectory, "ResNet18.onnx"));
Random random = new(1);
List<float[]> vectors = [];
int seen = Math.Min(files.Length, bookVectors / cellsOfAPicture);
for (int i = 0; i < seen; i++)
{
    Grid grid = teacher.See(RgbImage.Load(files[(int)((long)i * files.Length / seen)]), side);
    for (int cell = 0; cell < cellsOfAPicture; cell++)
    {
        vectors.Add(grid[random.Next(grid.Width), random.Next(grid.Height)].ToArray());
    }
}

Console.WriteLine($"{vectors.Count} vectors of {seen} pictures");
WordBook book = WordBook.Of([.. vectors], words, rounds, random);
long[] pixels = new long[words];
for (int i = 0; i < files.Length; i++)
{
    string name = Path.GetFileNameWithoutExtension(files[i]);
    RgbImage image = RgbImage.Load(files[i]);
    SegmentationMask mask = book.Read(teacher.See(image, side), image.Width, image.Height);
    foreach (byte label in mask.Labels)
    {
        pixels[label]++;
    }

    MaskWriter.Save(Path.Combine(folder, "masks", $"{name}.png"), mask);
    string link = Path.Combine(folder, "images", Path.GetFileName(files[i]));
    if (!File.Exists(link))
    {
        File.CreateSymbolicLink(link, Path.GetFullPath(files[i]));
    }

    if ((i + 1) % 500 == 0)
    {
        Console.WriteLine($"{i + 1} of {files.Length} pictures");
    }
}

Console.WriteLine($"{files.Length} pictures; a word has from {100.0 * pixels.Min() / pixels.Sum():f2} to {100.0 * pixels.Max() / pixels.Sum():f2} % of the pixels");
return 0;
