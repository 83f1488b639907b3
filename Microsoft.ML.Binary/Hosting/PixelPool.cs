using System.Collections.Concurrent;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Pixels of ML.NET images are copied into buffers that are used again; as many as there are cores are kept, of up to <see cref="MaxBytes"/> each.</summary>
internal sealed class PixelPool
{
    private const int MaxBytes = 32 << 20;

    private readonly ConcurrentBag<RgbImage> _free = [];

    public T Use<T>(MLImage image, Func<RgbImage, int, int, T> predict)
    {
        ArgumentNullException.ThrowIfNull(image);
        _free.TryTake(out RgbImage? pixels);
        image.CopyTo(ref pixels);
        (int width, int height) = ReducedImage.FullSizeOf(image);
        T result = predict(pixels, width, height);
        if (pixels.Pixels.Length <= MaxBytes && _free.Count < Environment.ProcessorCount)
        {
            _free.Add(pixels);
        }

        return result;
    }

    public void Clear() => _free.Clear();
}
