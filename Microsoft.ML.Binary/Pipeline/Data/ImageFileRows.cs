using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Where the rows of a view of image files come from.</summary>
internal interface IImageFileRows
{
    bool CanShuffle { get; }

    bool HaveNames { get; }

    /// <summary>How many rows there are; null where that is not known beforehand.</summary>
    long? Count { get; }

    /// <summary>Ids of rows are below this.</summary>
    int Ids { get; }

    /// <summary>The rows, each with an id of its own, which does not depend on their order.</summary>
    /// <param name="random">Where they may be shuffled, and are to be.</param>
    IEnumerable<(int Id, ImageFileRow Row)> InOrder(Random? random);
}

/// <summary>Rows that were listed beforehand.</summary>
internal sealed class ListedRows(ImmutableArray<ImageFileRow> rows) : IImageFileRows
{
    public bool CanShuffle => true;

    public bool HaveNames => false;

    public long? Count => rows.Length;

    public int Ids => rows.Length;

    public IEnumerable<(int Id, ImageFileRow Row)> InOrder(Random? random)
    {
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        random?.Shuffle(order);
        return order.Select(id => (id, rows[id]));
    }
}

/// <summary>Rows that are read from a manifest as they are passed.</summary>
internal sealed class ManifestRows(ImageManifest manifest, Shard shard) : IImageFileRows
{
    public bool CanShuffle => false;

    public bool HaveNames => true;

    public long? Count => shard.Count <= 1 ? manifest.Count : null;

    public int Ids => manifest.Count;

    public IEnumerable<(int Id, ImageFileRow Row)> InOrder(Random? random)
    {
        int id = 0;
        foreach (NamedFile image in manifest)
        {
            if (shard.Contains(image))
            {
                yield return (id, new(image.Path, []) { Name = image.Name });
            }

            id++;
        }
    }
}
