using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>
/// The program that a test starts to use a saved model as somebody else's would: with nothing but ML.NET's own calls, in a process in
/// which no type of the library has been touched.
/// </summary>
internal static class FreshProcess
{
    public const string OtherImageType = "other-image-type", FirstStatement = "first-statement", OwnRowFirst = "own-row-first";

    public const string ReadsImage = "reads-image", Restored = "restored", Resized = "resized";

    /// <summary>Arguments: <see cref="ReadsImage"/> and an image file, the size of which is printed; or one or both of <see cref="Restored"/> and <see cref="Resized"/> behind a model zip and an image file, to print how many labels there are, or the error; or model zip, image file, output file for the labels, and perhaps <see cref="OtherImageType"/>. Prints the instruction set.</summary>
    public static int Main(string[] arguments)
    {
        if (arguments is [ReadsImage, var file])
        {
            // The engine's first call, and none of the ML.NET face before it.
            LoadedImage loaded = ImageReader.Load(file);
            Console.WriteLine($"{loaded.FullWidth}x{loaded.FullHeight}");
            return 0;
        }

        if (arguments is [FirstStatement])
        {
            // The library's own row class in the first statement of a program, with no row that would call into it.
            return new MLContext().Data.LoadFromEnumerable<ImageRow>([]).Schema[nameof(ImageRow.Image)].Type is ImageDataViewType ? 0 : 1;
        }

        if (arguments is [OwnRowFirst])
        {
            return new MLContext().Data.LoadFromEnumerable<Marked>([]).Schema[nameof(Marked.Image)].Type is ImageDataViewType ? 0 : 1;
        }

        if (arguments is [var zip, var photo, Restored or Resized, ..])
        {
            Console.WriteLine(CountOfLabels(zip, photo, arguments.Contains(Restored), arguments.Contains(Resized)));
            return 0;
        }

        if (arguments is [.., OtherImageType])
        {
            DataViewTypeManager.Register(new ImageDataViewType(16, 16), typeof(MLImage));
        }

        MLContext ml = new();
        ITransformer model = ml.Model.Load(arguments[0], out _);
        using var engine = ml.Model.CreatePredictionEngine<Photo, Labels>(model);
        using MLImage image = MLImage.CreateFromFile(arguments[1]);
        File.WriteAllBytes(arguments[2], engine.Predict(new Photo { Image = image }).PredictedLabel);
        Console.WriteLine(KernelPaths.Best);
        return 0;
    }

    private static string CountOfLabels(string zip, string file, bool restores, bool resizes)
    {
        MLContext ml = new();
        ITransformer model = ml.Model.Load(zip, out _);
        using MLImage image = MLImage.CreateFromFile(file);
        IDataView photos = ml.Data.LoadFromEnumerable([new Photo { Image = image }]);
        photos = resizes ? ml.Transforms.ResizeImages("Image", 32, 24).Fit(photos).Transform(photos) : photos;
        try
        {
            model = restores ? ml.Segmentation.Restore(model) : model;
            return $"{model.Transform(photos).GetColumn<byte[]>("PredictedLabel").Single().Length}";
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    private sealed class Photo
    {
        public MLImage? Image { get; set; }
    }

    private sealed class Marked
    {
        [ImageColumn]
        public MLImage? Image { get; set; }
    }

    private sealed class Labels
    {
        public byte[] PredictedLabel { get; set; } = [];
    }
}
