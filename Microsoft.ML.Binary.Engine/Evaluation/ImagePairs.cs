namespace Microsoft.ML.Binary;

/// <summary>Brings the image rows of two evaluations into one order, by name.</summary>
internal static class ImagePairs
{
    /// <summary>The rows of <paramref name="second"/> in the order of <paramref name="first"/>.</summary>
    /// <exception cref="ArgumentException">An image was evaluated on one side only, or twice; the message names it.</exception>
    public static IReadOnlyList<T> Align<T>(IReadOnlyList<T> first, IReadOnlyList<T> second)
        where T : ImageMetrics
    {
        Dictionary<string, T> secondByName = ByName(second);
        Dictionary<string, T> firstByName = ByName(first);
        foreach (T image in second)
        {
            if (!firstByName.ContainsKey(image.Name))
            {
                throw new ArgumentException($"Image '{image.Name}' was evaluated for the second model only; both need the same images.");
            }
        }

        return [.. first.Select(image => secondByName.TryGetValue(image.Name, out T? other)
            ? other
            : throw new ArgumentException($"Image '{image.Name}' was evaluated for the first model only; both need the same images."))];
    }

    private static Dictionary<string, T> ByName<T>(IReadOnlyList<T> images)
        where T : ImageMetrics
    {
        var byName = new Dictionary<string, T>(images.Count);
        foreach (T image in images)
        {
            if (!byName.TryAdd(image.Name, image))
            {
                throw new ArgumentException($"Image '{image.Name}' was evaluated twice; a paired comparison needs a name for each image.");
            }
        }

        return byName;
    }
}
