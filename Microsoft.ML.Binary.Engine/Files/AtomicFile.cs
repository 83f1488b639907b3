using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;

namespace Microsoft.ML.Binary.Files;

/// <summary>
/// Writes files whole or not at all. Links are followed, so that what they lead to changes and they stay. What is no file (a pipe, a terminal) gets the bytes
/// when all of them are there; outside of <c>/dev</c> on Linux alone, since .NET does not tell a pipe from an empty file.
/// </summary>
/// <example>
/// <code>
/// AtomicFile.Write("results.csv", stream =&gt; stream.Write("name,share\n"u8));               // whole or not at all
/// </code>
/// </example>
public static class AtomicFile
{
    /// <summary>Temporary files, which lie beside the target: short, whatever the target's name, and locked as long as their writer lives.</summary>
    internal const string TemporaryPattern = ".mlb-*.tmp";

    private const int DiskFullUnix = 28, QuotaUnix = 122, DiskFullWindows = unchecked((int)0x80070070), HandleDiskFullWindows = unchecked((int)0x80070027);

    private const int MaxNameLength = 255;

    /// <summary>What a name is that <see cref="IsTooLong"/>.</summary>
    internal static readonly string TooLong = $"longer than {MaxNameLength} bytes, which is the most that file systems take";

    // A lock alone does not tell: a writer has none for a moment after it made its file, and never on a disk that knows no locks.
    private static readonly TimeSpan AgeOfWhatIsLeft = TimeSpan.FromDays(1);

    private static readonly ConcurrentDictionary<string, bool> s_cleaned = new();

    /// <summary>Writes <paramref name="bytes"/> to a temporary name beside <paramref name="path"/>, then renames it.</summary>
    /// <exception cref="IOException">It could not be written; the message names the path and says what to do. What was there before is still there.</exception>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <param name="bytes">All that will be in it.</param>
    public static void Write(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>As <see cref="Write(string, byte[])"/>, from what <paramref name="write"/> puts into the stream.</summary>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <param name="write">Puts the content into the stream; if it throws, the old file stays as it was.</param>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, keep: true, flush: true);

    /// <summary>As <see cref="Write(string, Action{Stream})"/>, from a source that is read while its file is written: what it throws is no fault of the file, and is passed on as it is.</summary>
    /// <typeparam name="T">What the source has.</typeparam>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <param name="source">What is written.</param>
    /// <param name="write">Reads the source and puts the content into the stream; if it throws, the old file stays as it was.</param>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    public static void Write<T>(string path, IEnumerable<T> source, Action<Stream, IEnumerable<T>> write)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(write);
        ExceptionDispatchInfo? fault = null;
        try
        {
            Write(path, stream => write(stream, Watched()));
        }
        catch when (fault is not null)
        {
            fault.Throw();
        }

        IEnumerable<T> Watched()
        {
            using IEnumerator<T> items = source.GetEnumerator();
            while (HasNext(items))
            {
                yield return items.Current;
            }
        }

        bool HasNext(IEnumerator<T> items)
        {
            try
            {
                return items.MoveNext();
            }
            catch (Exception e)
            {
                fault = ExceptionDispatchInfo.Capture(e);
                throw;
            }
        }
    }

    /// <summary>
    /// The same for one of many files: whole or not at all for whoever looks, but it may reach the disk later. Who writes them ends with <see cref="FileSystemFlush.Of"/>.
    /// </summary>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    internal static void WriteOneOfMany(string path, Action<Stream> write) => Write(path, write, keep: true, flush: !FileSystemFlush.IsSupported);

    /// <summary>Finds out whether a file could be written there, before the work that leads to it.</summary>
    /// <exception cref="IOException">As for <see cref="Write(string, byte[])"/>.</exception>
    public static void CheckWritable(string path) => Write(path, _ => { }, keep: false, flush: false);

    /// <summary>Whether a file there would be replaced; a pipe, a device, and what is open already under such a name, are written into.</summary>
    /// <exception cref="IOException">It is a disk.</exception>
    public static bool Replaces(string path) => !IsStream(Path.GetFullPath(path));

    /// <summary>Whether no file or folder can have a name.</summary>
    internal static bool IsTooLong(string name) => (OperatingSystem.IsWindows() ? name.Length : Encoding.UTF8.GetByteCount(name)) > MaxNameLength;

    private static void Write(string path, Action<Stream> write, bool keep, bool flush)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path), folder = full;
        try
        {
            if (IsStream(full))
            {
                WriteThrough(full, write, keep);
                return;
            }

            string target = RealPath.FileOf(full).FullName;
            folder = Path.GetDirectoryName(target) ?? target;
            CheckTarget(full, target, folder);
            Clean(folder);
            // Where a link leads may be another file system than that which is flushed.
            Replace(target, folder, write, keep, flush || target != full);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{full}' cannot be written: the folder '{folder}' does not allow it. Change its permissions or choose another folder.", e);
        }
        catch (IOException e) when (e.HResult is DiskFullUnix or QuotaUnix or DiskFullWindows or HandleDiskFullWindows)
        {
            throw new IOException($"'{full}' cannot be written: the disk is full. Free some space or choose another disk.", e);
        }
        catch (PathTooLongException e) when (e.Data[nameof(AtomicFile)] is null)
        {
            throw new PathTooLongException($"'{full}' cannot be written: this file system takes no name or path as long. Choose a shorter one.", e) { Data = { [nameof(AtomicFile)] = true } };
        }
        catch (IOException e) when (e is not DirectoryNotFoundException && e.Data[nameof(AtomicFile)] is null)
        {
            throw new IOException($"'{full}' cannot be written: {e.Message} Choose another path or remedy the cause, then try again.", e);
        }
    }

    private static bool IsStream(string full) => FileKind.KindOf(full) switch
    {
        PathKind.Stream => true,
        PathKind.BlockDevice => throw Refusal($"'{full}' cannot be written: it is a disk, not a file. Choose another path."),
        PathKind.Regular => IsOpenFile(full),
        _ => false,
    };

    // These names stand for what is open already, a redirected output for instance, which a rename would not reach.
    private static bool IsOpenFile(string full) =>
        full.Split('/') is ["", "dev", "stdout" or "stderr"] or ["", "dev", "fd", _] or ["", "proc", .., "fd", _];

    private static void WriteThrough(string full, Action<Stream> write, bool keep)
    {
        using MemoryStream content = new();
        write(content);
        if (keep)
        {
            // A file behind such a name (a log, say) is added to: opened anew, it would be written over from its start.
            using Stream target = full switch
            {
                "/dev/stdout" => Console.OpenStandardOutput(),
                "/dev/stderr" => Console.OpenStandardError(),
                _ => new FileStream(full, FileKind.KindOf(full) == PathKind.Regular ? FileMode.Append : FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0),
            };
            content.WriteTo(target);
        }
    }

    private static void Replace(string target, string folder, Action<Stream> write, bool keep, bool flush)
    {
        string temporary = Path.Combine(folder, TemporaryPattern.Replace("*", Path.GetRandomFileName()[..8], StringComparison.Ordinal));
        bool created = false;
        try
        {
            // Renamed while it is open, and so locked, since an unlocked one counts as left behind.
            using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            created = true;
            write(stream);
            stream.Flush(flush);
            if (keep)
            {
                if (!OperatingSystem.IsWindows() && File.Exists(target))
                {
                    File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
                }

                File.Move(temporary, target, overwrite: true);
                created = false;
            }
        }
        finally
        {
            if (created)
            {
                TryDelete(temporary);
            }
        }
    }

    private static void CheckTarget(string full, string target, string folder)
    {
        if (IsTooLong(Path.GetFileName(target)))
        {
            throw new PathTooLongException($"'{full}' cannot be written: its name is {TooLong}. Choose a shorter one.") { Data = { [nameof(AtomicFile)] = true } };
        }

        if (Directory.Exists(target))
        {
            throw Refusal($"'{full}' cannot be written: it is a folder. Add a file name.");
        }

        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"'{full}' cannot be written: the folder '{folder}' does not exist. Create it first or choose another.");
        }

        // A rename would replace a read-only file without asking, on the systems that allow it.
        if (File.Exists(target) && File.GetAttributes(target).HasFlag(FileAttributes.ReadOnly))
        {
            throw Refusal($"'{full}' cannot be written: the file is read-only. Make it writable or choose another name.");
        }
    }

    private static IOException Refusal(string message) => new(message) { Data = { [nameof(AtomicFile)] = true } };

    /// <summary>Deletes what writers left in a folder that were killed a day ago or earlier; once in the life of a process, as folders may be large.</summary>
    private static void Clean(string folder)
    {
        if (!s_cleaned.TryAdd(folder, true))
        {
            return;
        }

        foreach (string left in LeftIn(folder))
        {
            try
            {
                if (File.GetLastWriteTimeUtc(left) > DateTime.UtcNow - AgeOfWhatIsLeft)
                {
                    continue;
                }

                // Fails while its writer lives.
                using FileStream stream = new(left, FileMode.Open, FileAccess.Write, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
                File.Delete(left);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, then.
            }
        }
    }

    private static string[] LeftIn(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, TemporaryPattern);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may be written to need not let itself be listed.
            return [];
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
