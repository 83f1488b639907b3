using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Files;

/// <summary>
/// Brings all that was written to a file system to its disk. For many small files that is far cheaper than to flush each, which makes the file system write its journal for every one of them.
/// </summary>
internal static partial class FileSystemFlush
{
    private const int ReadOnly = 0;

    /// <summary>Whether the system can; elsewhere each file has to be flushed.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Waits until all is on the disk.</summary>
    /// <param name="folder">A folder of the file system.</param>
    /// <exception cref="IOException">The disk did not take something.</exception>
    public static void Of(string folder)
    {
        if (!IsSupported)
        {
            return;
        }

        int opened = Open(folder, ReadOnly);
        int error = opened < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (opened >= 0)
        {
            error = SyncFileSystem(opened) != 0 ? Marshal.GetLastPInvokeError() : 0;
            _ = Close(opened);
        }

        if (error != 0)
        {
            throw new IOException($"{folder}: not all that was written there reached the disk: {Marshal.GetPInvokeErrorMessage(error)}. Remedy the cause, then begin again with the same command.");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(int file);
}
