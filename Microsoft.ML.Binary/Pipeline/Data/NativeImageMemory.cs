using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Tells the garbage collector of the native memory behind images that we hand out. Nobody can say who disposes such an image, so most
/// are left to their finalisers; without a hint the collector sees a few bytes each and lets gigabytes pile up.
/// </summary>
internal sealed class NativeImageMemory
{
    private static readonly ConditionalWeakTable<MLImage, NativeImageMemory> Tracked = [];

    private readonly long _bytes;

    private NativeImageMemory(long bytes)
    {
        _bytes = bytes;
        GC.AddMemoryPressure(bytes);
    }

    ~NativeImageMemory() => GC.RemoveMemoryPressure(_bytes);

    public static MLImage Track(MLImage image)
    {
        Tracked.Add(image, new NativeImageMemory(4L * image.Width * image.Height));
        return image;
    }
}
