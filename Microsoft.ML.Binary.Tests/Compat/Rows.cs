using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary.Tests.Compat;

public class NumberRow
{
    public int Number { get; set; }
}

public class TextRow
{
    public string? Path { get; set; }
}

public class MixedRow
{
    public bool Flag;

    public int Number { get; set; }

    public string? Text { get; set; }

    public float[]? Values { get; set; }

    [NoColumn]
    public string? Ignored { get; set; }
}

public class DoubledRow
{
    public int Doubled { get; set; }
}

public class KeyedPayload
{
    public int Key { get; set; }

    public byte[]? Payload { get; set; }
}

public class PayloadRow
{
    public byte[]? Payload { get; set; }
}

public class LengthRow
{
    public int Length { get; set; }
}

public class ImageRow
{
    public MLImage? Image { get; set; }
}

public class WidthRow
{
    public int Width { get; set; }
}

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Tests.Double")]
public class DoubleFactory : CustomMappingFactory<NumberRow, DoubledRow>
{
    public const string Contract = "Microsoft.ML.Binary.Tests.Double";

    public static void Map(NumberRow source, DoubledRow destination) => destination.Doubled = 2 * source.Number;

    public override Action<NumberRow, DoubledRow> GetMapping() => Map;
}

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Tests.Length")]
public class LengthFactory : CustomMappingFactory<PayloadRow, LengthRow>
{
    public const string Contract = "Microsoft.ML.Binary.Tests.Length";

    public static void Map(PayloadRow source, LengthRow destination) => destination.Length = source.Payload?.Length ?? 0;

    public override Action<PayloadRow, LengthRow> GetMapping() => Map;
}

internal static class Sample
{
    /// <summary>Do these tests run on compat/, and not on the packages?</summary>
    public static bool IsCompat => typeof(MLContext).Assembly.GetName().Name == "Microsoft.ML.Compat";

    /// <summary>Images of unknown size are not a standard column type.</summary>
    public static void RegisterImages() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));

    public static IDataView Numbers(MLContext ml, params int[] numbers)
        => ml.Data.LoadFromEnumerable(numbers.Select(number => new NumberRow { Number = number }).ToArray());

    public static MLImage Image(int width, int height, MLPixelFormat format = MLPixelFormat.Bgra32)
    {
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i % 4 == 3 ? byte.MaxValue : (byte)(7 * i);
        }

        return MLImage.CreateFromPixels(width, height, format, pixels);
    }

    public static string[] Names(DataViewSchema schema) => schema.Select(column => column.Name).ToArray();

    public static ITransformer SaveAndLoad(ITransformer model, DataViewSchema? inputSchema, out DataViewSchema loadedSchema)
    {
        using var stream = new MemoryStream();
        new MLContext().Model.Save(model, inputSchema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out loadedSchema);
    }
}
