using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Files;

/// <summary>
/// Tells files that hold data from pipes, sockets and devices, without opening them: opening a pipe waits for someone to write into it,
/// and a device may never end. .NET does not tell.
/// </summary>
/// <example>
/// <code>
/// string upload = args[0];
/// if (FileKind.IsBrokenLink(upload) || !FileKind.IsRegular(upload))
/// {
///     throw new IOException($"{upload} holds no data: it is a pipe, a device or a broken link.");             // opening a pipe would wait for someone to write
/// }
/// </code>
/// </example>
public static partial class FileKind
{
    // From linux/stat.h and linux/fcntl.h; struct statx has one layout on all machines.
    private const int CurrentFolder = -100, StatusBytes = 256, MaskOffset = 0, ModeOffset = 28;

    private const uint AsksForType = 1;

    private const ushort TypeBits = 0xF000, Regular = 0x8000, Folder = 0x4000, Block = 0x6000;

    /// <summary>Whether a path leads, through links, to a file that holds data.</summary>
    public static bool IsRegular(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.Exists(path);
        }

        return (OperatingSystem.IsLinux() ? TypeOf(path) : null) is { } type ? type == Regular

            // Elsewhere the length tells: what is no regular file has none.
            : !IsBrokenLink(path) && RealPath.FileOf(path) is { Exists: true, Length: > 0 };
    }

    /// <summary>What lies at a path, links followed.</summary>
    internal static PathKind KindOf(string path)
    {
        if (OperatingSystem.IsLinux() && TypeOf(path) is { } type)
        {
            return type switch
            {
                Regular => PathKind.Regular,
                Folder => PathKind.Folder,
                Block => PathKind.BlockDevice,
                _ => PathKind.Stream,
            };
        }

        return Directory.Exists(path) ? PathKind.Folder
            : !File.Exists(path) ? PathKind.None
            : IsRegular(path) || !path.StartsWith("/dev/", StringComparison.Ordinal) ? PathKind.Regular
            : PathKind.Stream;
    }

    /// <summary>Whether a path is a link that leads nowhere, or in a circle; a path where nothing is, is none.</summary>
    public static bool IsBrokenLink(string path)
    {
        if (new FileInfo(path).LinkTarget is null)
        {
            return false;
        }

        try
        {
            return !Path.Exists(RealPath.Of(path));
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static ushort? TypeOf(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        try
        {
            if (Statx(CurrentFolder, path, 0, AsksForType, status) != 0)
            {
                return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        uint mask = MemoryMarshal.Read<uint>(status[MaskOffset..]);
        return (mask & AsksForType) == 0 ? null : (ushort)(MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeBits);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
