namespace Microsoft.ML.Binary.Files;

/// <summary>Writes files whole or not at all.</summary>
public static class AtomicFile
{
    private const int DiskFullUnix = 28, QuotaUnix = 122, DiskFullWindows = unchecked((int)0x80070070), HandleDiskFullWindows = unchecked((int)0x80070027);

    /// <summary>Writes <paramref name="bytes"/> to a temporary name beside <paramref name="path"/>, then renames it.</summary>
    /// <exception cref="IOException">It could not be written; the message names the path and says what to do. What was there before is still there.</exception>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <param name="bytes">All that will be in it.</param>
    public static void Write(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>As <see cref="Write(string, byte[])"/>, from what <paramref name="write"/> puts into the stream.</summary>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <param name="write">Puts the content into the stream; if it throws, the old file stays as it was.</param>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, keep: true);

    /// <summary>Finds out whether a file could be written there, before the work that leads to it.</summary>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    public static void CheckWritable(string path) => Write(path, _ => { }, keep: false);

    private static void Write(string path, Action<Stream> write, bool keep)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full) ?? full;
        CheckTarget(full, folder);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        bool created = false;
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                created = true;
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (keep)
            {
                File.Move(temporary, full, overwrite: true);
                created = false;
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{full}' cannot be written: the folder '{folder}' does not allow it. Change its permissions or choose another folder.", e);
        }
        catch (IOException e) when (e.HResult is DiskFullUnix or QuotaUnix or DiskFullWindows or HandleDiskFullWindows)
        {
            throw new IOException($"'{full}' cannot be written: the disk is full. Free some space or choose another disk.", e);
        }
        catch (IOException e)
        {
            throw new IOException($"'{full}' cannot be written: {e.Message} Choose another path or remedy the cause, then try again.", e);
        }
        finally
        {
            if (created)
            {
                TryDelete(temporary);
            }
        }
    }

    private static void CheckTarget(string full, string folder)
    {
        if (Directory.Exists(full))
        {
            throw new IOException($"'{full}' cannot be written: it is a folder. Add a file name.");
        }

        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"'{full}' cannot be written: the folder '{folder}' does not exist. Create it first or choose another.");
        }

        // A rename would replace a read-only file without asking, on the systems that allow it.
        if (File.Exists(full) && File.GetAttributes(full).HasFlag(FileAttributes.ReadOnly))
        {
            throw new IOException($"'{full}' cannot be written: the file is read-only. Make it writable or choose another name.");
        }
    }

    private static void TryDelete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The exception under way says what happened; that the clean-up failed as well would hide it.
        }
    }
}
