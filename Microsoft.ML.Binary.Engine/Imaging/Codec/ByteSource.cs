using System.Buffers;
using System.Buffers.Binary;
using Microsoft.ML.Binary.Files;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// An encoded image, of which the header can be read without the rest: files are read in blocks as asked for. Bytes past the end are
/// reported, never invented.
/// </summary>
internal abstract class ByteSource : IDisposable
{
    public abstract long Length { get; }

    /// <summary>Reads at a position; fewer bytes than asked for only at the end.</summary>
    public abstract int Read(long position, Span<byte> buffer);

    /// <summary>The bytes from the start on, at most <paramref name="limit"/>; there until the source is disposed of.</summary>
    public abstract ReadOnlyMemory<byte> ReadStart(long limit);

    /// <summary>Bytes that are in memory anyway; null for those of a file.</summary>
    public virtual ReadOnlyMemory<byte>? InMemory(long position, int length) => null;

    /// <summary>Bytes that are known to be there: those in memory, or read into a buffer of their length.</summary>
    /// <exception cref="EndOfStreamException">The file was cut while it was read.</exception>
    public ReadOnlySpan<byte> Bytes(long position, Span<byte> buffer)
    {
        if (InMemory(position, buffer.Length) is { } bytes)
        {
            return bytes.Span;
        }

        ReadExactly(position, buffer);
        return buffer;
    }

    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public void ReadExactly(long position, Span<byte> buffer)
    {
        if (Read(position, buffer) < buffer.Length)
        {
            throw new EndOfStreamException();
        }
    }

    public byte Byte(long position)
    {
        Span<byte> value = stackalloc byte[1];
        ReadExactly(position, value);
        return value[0];
    }

    public ushort UInt16(long position, bool littleEndian)
    {
        Span<byte> value = stackalloc byte[2];
        ReadExactly(position, value);
        return littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(value) : BinaryPrimitives.ReadUInt16BigEndian(value);
    }

    /// <remarks>64 bits wide, so that what a file says can be added to a position without wrapping round to an earlier one.</remarks>
    public long UInt32(long position, bool littleEndian)
    {
        Span<byte> value = stackalloc byte[4];
        ReadExactly(position, value);
        return littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(value) : BinaryPrimitives.ReadUInt32BigEndian(value);
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>An encoded image in memory.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override int Read(long position, Span<byte> buffer)
    {
        int count = (int)Math.Clamp(bytes.Length - position, 0, buffer.Length);
        bytes.Span.Slice((int)Math.Min(position, bytes.Length), count).CopyTo(buffer);
        return count;
    }

    public override ReadOnlyMemory<byte> ReadStart(long limit) => bytes[..(int)Math.Min(bytes.Length, limit)];

    public override ReadOnlyMemory<byte>? InMemory(long position, int length) => bytes.Slice((int)position, length);
}

/// <summary>A file. Only regular files are opened: reading a pipe would wait for a writer, and a device never ends.</summary>
internal sealed class FileSource : ByteSource
{
    private const int BlockBytes = 4096;

    // Pools keep memory, and give up to twice of what is asked for.
    private const int MostPooledBytes = 1 << 22;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _block = new byte[BlockBytes];
    private byte[]? _rented;
    private long _blockStart;
    private int _blockLength;

    /// <exception cref="InvalidDataException">The file is empty, or a pipe or a device.</exception>
    /// <exception cref="IOException">The file is missing, a folder, or cannot be read.</exception>
    public FileSource(string path, string name)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{name}: a folder, not an image file.");
        }

        FileInfo file = RealPath.FileOf(path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"{name}: the image file does not exist.", path);
        }

        // What is not a regular file has no length, and this is known without opening it.
        if (file.Length == 0)
        {
            throw new InvalidDataException($"{name}: the file is empty, or a pipe or a device, which are not read as images.");
        }

        _handle = FileReading.Open(name, () => File.OpenHandle(path));
        Length = RandomAccess.GetLength(_handle);
    }

    public override long Length { get; }

    public override int Read(long position, Span<byte> buffer)
    {
        if (buffer.Length > BlockBytes)
        {
            return Fill(position, buffer);
        }

        if (position < _blockStart || position + buffer.Length > _blockStart + _blockLength)
        {
            // So that rows from the bottom up find the one above in the same block.
            long block = position - (position % BlockBytes);
            _blockStart = position + buffer.Length <= block + BlockBytes ? block : position;
            _blockLength = Fill(_blockStart, _block);
        }

        int count = (int)Math.Clamp(_blockStart + _blockLength - position, 0, buffer.Length);
        _block.AsSpan((int)Math.Min(position - _blockStart, _blockLength), count).CopyTo(buffer);
        return count;
    }

    public override ReadOnlyMemory<byte> ReadStart(long limit)
    {
        int length = (int)Math.Min(Math.Min(Length, limit), Array.MaxLength);
        byte[] bytes = _rented is null && length <= MostPooledBytes ? _rented = ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        return bytes.AsMemory(0, Fill(0, bytes.AsSpan(0, length)));
    }

    public override void Dispose()
    {
        _handle.Dispose();
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }
    }

    private int Fill(long position, Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int count = RandomAccess.Read(_handle, buffer[total..], position + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }
}
