using System.Collections;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>
/// A file that lists images. <c>.csv</c> and <c>.tsv</c> are tables whose first line names the columns: <c>path</c> (or <c>image</c>,
/// <c>ImagePath</c>, <c>file</c>, in any case) and, if results are to have names of their own, <c>name</c>; other columns are left alone. Any other file has one path a
/// line. Relative paths start at the folder of the manifest; empty lines are skipped; the text is UTF-8.
/// </summary>
/// <remarks>
/// An image without a name of its own is called by its path without extension: from the folder of the manifest where it lies below it, else from the root
/// (<c>/data/a/b.jpg</c> is <c>data/a/b</c>). Nothing is kept but some 50 bytes an image while the file is checked: every walk reads it again.
/// </remarks>
public sealed class ImageManifest : IEnumerable<NamedFile>
{
    private const int MostNamed = 10;

    private readonly string _path;

    private ImageManifest(string path) => _path = path;

    /// <summary>Images in it.</summary>
    public int Count { get; private init; }

    /// <summary>Reads and checks the whole list. Images are not looked at.</summary>
    /// <param name="path">The manifest.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no file but a folder, a pipe or a device, it lists nothing, a table has no column of paths, or lines cannot be used; the message names the first ten of them, each by its number with what is wrong.
    /// </exception>
    /// <example><code>IEnumerable&lt;NamedFile&gt; quarter = ImageManifest.Open("images.csv").Where(new Shard(1, 4).Contains);</code></example>
    public static ImageManifest Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        switch (FileKind.KindOf(path))
        {
            case PathKind.Folder:
                throw new InvalidDataException($"{path}: this is a folder; a manifest is a file that lists images. To take all images of a folder, name it as that (--images; ImageFolder.NamedImages).");
            case PathKind.Stream or PathKind.BlockDevice:
                throw new InvalidDataException($"{path}: a pipe or a device, and a manifest is read several times. Save the list as a file.");
        }

        List<string> problems = [];
        NameSet names = new();
        (int count, int bad) = (0, 0);
        using ManifestReader reader = new(path);
        for (; reader.Read(); count++)
        {
            if (ProblemOf(reader, names) is { } problem && ++bad <= MostNamed)
            {
                problems.Add($"line {reader.Number}: {problem}");
            }
        }

        string more = bad > MostNamed ? $"; and {Plural.Of(bad - MostNamed, "more line")}" : "";
        return bad > 0 ? throw new InvalidDataException($"{path}: {string.Join("; ", problems)}{more}.")
            : count == 0 ? throw new InvalidDataException($"{path}: the manifest lists no image.")
            : new(path) { Count = count };
    }

    /// <summary>The images, in the order of the lines; read from the file as they are asked for.</summary>
    /// <exception cref="InvalidDataException">The file was changed since it was checked, and a line cannot be used any more, or there are more of them or fewer.</exception>
    public IEnumerator<NamedFile> GetEnumerator() => Of(default).GetEnumerator();

    /// <summary>The images of a shard: those of <c>Where(shard.Contains)</c>, but the lines of other shards leave no garbage and take a tenth of the time.</summary>
    /// <param name="shard">The part.</param>
    /// <returns>The images, in the order of the lines; read from the file as they are asked for.</returns>
    /// <exception cref="InvalidDataException">The file was changed since it was checked, and a line cannot be used any more, or there are more of them or fewer.</exception>
    /// <example><code>IEnumerable&lt;NamedFile&gt; quarter = ImageManifest.Open("images.csv").Of(new Shard(1, 4));</code></example>
    public IEnumerable<NamedFile> Of(Shard shard)
    {
        using ManifestReader reader = new(_path);
        int left = Count;
        for (; reader.Read(); left--)
        {
            if (left > 0 && reader.TryGetName(out ReadOnlySpan<byte> name) && !shard.Contains(name))
            {
                continue;
            }

            ManifestLine line = reader.Parse();
            if (left <= 0 || line.Image is not { } image)
            {
                throw new InvalidDataException($"{_path}: line {reader.Number}: {line.Problem ?? "one image more"}. The manifest was changed since it was checked.");
            }

            if (shard.Contains(image))
            {
                yield return image;
            }
        }

        if (left > 0)
        {
            throw new InvalidDataException($"{_path}: {Plural.Of(left, "image")} fewer. The manifest was changed since it was checked.");
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string? ProblemOf(ManifestReader reader, NameSet names)
    {
        int? first;
        if (reader.TryGetName(out ReadOnlySpan<byte> name))
        {
            first = names.Add(name, reader.Number);
        }
        else if (reader.Parse() is { Image: { } image })
        {
            first = names.Add(image.Name, reader.Number);
        }
        else
        {
            return reader.Parse().Problem;
        }

        return first is null
            ? null
            : $"a second image named '{SafeText.OneLine(reader.Parse().Image!.Name)}', after line {first}; give both a name of their own in a column 'name'";
    }
}
