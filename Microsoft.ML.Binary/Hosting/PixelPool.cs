using System.Collections.Concurrent;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Pixels of ML.NET images are copied into buffers that are used again; there are as many as there were callers at a time.</summary>
internal sealed class PixelPool
{
    private readonly ConcurrentBag<RgbImage> _free = [];

    public T Use<T>(MLImage image, Func<RgbImage, T> predict)
    {
        ArgumentNullException.ThrowIfNull(image);
        _free.TryTake(out RgbImage? pixels);
        image.CopyTo(ref pixels);
        T result = predict(pixels);
        _free.Add(pixels);
        return result;
    }
}
