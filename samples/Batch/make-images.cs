#:project ../../Microsoft.ML.Binary/Microsoft.ML.Binary.csproj
#:property PublishAot=false
// Makes many small images to try batches on: crops of 64x64 from the images of a folder, all different, and a manifest of them.
//   dotnet run -c Release --file samples/Batch/make-images.cs -- SOURCES OUT COUNT
using Microsoft.ML.Binary.Imaging;

const int side = 64, perFolder = 1000, mostSources = 60;
(string sources, string output, int count) = (args[0], args[1], int.Parse(args[2]));
RgbImage[] pictures = [.. ImageFolder.ListImages(sources).Take(mostSources).Select(RgbImage.Load)];
for (int folder = 0; folder <= (count - 1) / perFolder; folder++)
{
    Directory.CreateDirectory(Path.Combine(output, "images", $"{folder:D3}"));
}

Parallel.For(0, count, i =>
{
    RgbImage picture = pictures[i % pictures.Length], crop = new(side, side);
    Random random = new(i);
    (int left, int top) = (random.Next(picture.Width - side + 1), random.Next(picture.Height - side + 1));
    for (int pixel = 0; pixel < side * side; pixel++)
    {
        crop[pixel % side, pixel / side] = picture[left + (pixel % side), top + (pixel / side)];
    }

    // The number goes into the corner: crops of plain background are different too.
    crop[0, 0] = new((byte)i, (byte)(i >> 8), (byte)(i >> 16));
    using FileStream file = File.Create(Path.Combine(output, NameOf(i)));
    crop.SavePng(file);
});
File.WriteAllLines(Path.Combine(output, "images.csv"), ["path", .. Enumerable.Range(0, count).Select(NameOf)]);

static string NameOf(int i) => $"images/{i / perFolder:D3}/{i:D6}.png";
