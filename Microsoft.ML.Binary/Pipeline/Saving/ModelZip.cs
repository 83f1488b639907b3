using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>
/// Checks a model zip before ML.NET reads it: its readers trust what they find, and one flipped bit can make them wait for ever. The checksums tell damage
/// apart; they do not make a zip that was forged safe.
/// </summary>
internal static class ModelZip
{
    private const int MaxEntries = 4096, MaxRatio = 100;
    private const long MaxBytes = 1L << 30, FreeBytes = 16L << 20;

    /// <summary>Reads every entry to its end.</summary>
    /// <exception cref="NetworkFileException">The zip is damaged, or asks for more than a model can need.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void Check(string path)
    {
        using FileStream file = FileReading.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        Check(file, path);
    }

    /// <summary>The same for a stream that seeks; the path is for messages.</summary>
    public static void Check(Stream file, string path)
    {
        try
        {
            using ZipArchive zip = new(file, ZipArchiveMode.Read, leaveOpen: true);
            Check(path, zip, Math.Min(MaxBytes, Math.Max(FreeBytes, file.Length * MaxRatio)));
        }
        catch (InvalidDataException e)
        {
            throw new NetworkFileException(path, $"the zip is damaged: {e.Message} Copy or download it again.", e);
        }
    }

    private static void Check(string path, ZipArchive zip, long most)
    {
        if (zip.Entries.Count > MaxEntries)
        {
            throw new NetworkFileException(path, $"the zip has {zip.Entries.Count} entries, and a model has at most {MaxEntries}: this is no model.");
        }

        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                if (!names.Add(entry.FullName))
                {
                    throw new NetworkFileException(path, $"the zip has two entries '{entry.FullName}'. Save or copy the model again.");
                }

                using Stream content = entry.Open();
                Crc32 crc = new();
                long length = 0;
                for (int count; (count = content.Read(buffer)) > 0; length += count)
                {
                    if ((most -= count) < 0)
                    {
                        throw new NetworkFileException(path, $"the zip unpacks to more than {MaxRatio} times its size or {MaxBytes >> 20} MiB: this is no model.");
                    }

                    crc.Append(buffer.AsSpan(0, count));
                }

                if (length != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
                {
                    throw new NetworkFileException(path, $"the zip is damaged: the entry '{entry.FullName}' does not match its checksum. Copy or download it again.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
