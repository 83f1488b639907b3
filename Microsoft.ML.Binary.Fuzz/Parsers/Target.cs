using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>A parser under attack.</summary>
internal abstract class Target
{
    /// <summary>What the command line calls it, and its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Its part of the files, where others have 1: less for those that go through a disk.</summary>
    public virtual double Weight => 1;

    /// <summary>Files that are right, to be damaged.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Bytes that reading a file of this length may allocate.</summary>
    public virtual long MaxAllocation(int length) => (64L << 20) + 256L * length;

    /// <summary>A change of a file that keeps to its format: checksums are right, compressed data unpack.</summary>
    public virtual byte[] Forge(ref RandomStream random, byte[] file) => file;

    /// <summary>Reads a file; whether it was taken. Any exception is a fault.</summary>
    /// <param name="file">The file.</param>
    /// <param name="thoroughly">Whether that is done too which takes too long to be done with each file.</param>
    public abstract bool Read(byte[] file, bool thoroughly);

    /// <summary>The <paramref name="index"/>th input of a seed, the same at any time.</summary>
    public byte[] Input(long seed, long index)
    {
        RandomStream random = new(seed, index, Name.Length);
        byte[] file = Seeds[random.NextInt(Seeds.Count)];
        int kind = random.NextInt(4);
        byte[] forged = kind > 0 ? Forge(ref random, file) : file;
        return kind is 1 or 2 && !forged.AsSpan().SequenceEqual(file) ? forged : ByteMutation.Apply(ref random, forged, Seeds);
    }

    /// <summary>What was read; null of a file that is refused as files of images and lists are.</summary>
    public static T? Try<T>(Func<T> read) where T : class => Try<T, InvalidDataException>(read);

    /// <summary>What was read; null of a file that is refused with the exception that is documented.</summary>
    public static T? Try<T, TException>(Func<T> read)
        where T : class
        where TException : Exception
    {
        try
        {
            return read();
        }
        catch (TException)
        {
            return null;
        }
    }

    /// <summary>What must hold.</summary>
    public static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
