using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The decoders that were added to the engine's own readers.</summary>
internal static class ImageDecoders
{
    /// <summary>The decoder of the ML.NET package. An assembly that nothing has used yet has added none.</summary>
    private const string OfPackage = "Microsoft.ML.Binary.SkiaImageDecoder, Microsoft.ML.Binary";

    private static readonly Lazy<bool> PackageIsThere = new(LoadPackage);
    private static ImmutableArray<IImageDecoder> _decoders = [];

    public static void Add(IImageDecoder decoder) => ImmutableInterlocked.Update(ref _decoders, (decoders, added) => decoders.Insert(0, added), decoder);

    /// <summary>Adds a decoder that is asked after all others, also those that come later.</summary>
    public static void AddLast(IImageDecoder decoder) => ImmutableInterlocked.Update(ref _decoders, (decoders, added) => decoders.Add(added), decoder);

    /// <exception cref="InvalidDataException">No decoder reads the format.</exception>
    public static IImageDecoder Find(ImageFormat format, string name) =>
        FindOrNull(format) ?? (PackageIsThere.Value ? FindOrNull(format) : null) ?? throw new InvalidDataException(
        $"{name}: a {format.Name()} file, for which no decoder is there. The engine itself reads PNG, BMP, TIFF and binary PGM and PPM; the ML.NET package "
        + $"adds JPEG, GIF and WebP, and {nameof(ImageReader)}.{nameof(ImageReader.AddDecoder)} takes others.");

    /// <summary>Runs a decoder and gives its errors the file's name. What it does not reduce itself is averaged.</summary>
    public static RgbImage Decode(IImageDecoder decoder, EncodedImage file, string name, ImageReadOptions options, int reduction)
    {
        ImageRows rows = new(file.Info, reduction, comesReduced: file.Reduction == reduction, inOrder: false, options);
        Decode(decoder, file, name, rows);
        return rows.ToImage();
    }

    /// <summary>Runs a decoder into rows.</summary>
    public static void Decode(IImageDecoder decoder, EncodedImage file, string name, ImageRows rows)
    {
        try
        {
            decoder.Decode(file, rows);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{name}: the {file.Info.Format.Name()} image cannot be decoded: {fault.Message}", fault);
        }
    }

    private static bool LoadPackage()
    {
        if (Type.GetType(OfPackage, throwOnError: false) is not { } type)
        {
            return false;
        }

        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        return true;
    }

    private static IImageDecoder? FindOrNull(ImageFormat format) => _decoders.FirstOrDefault(decoder => decoder.CanDecode(format));
}
