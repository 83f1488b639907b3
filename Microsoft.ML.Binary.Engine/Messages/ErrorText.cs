using System.Reflection;

namespace Microsoft.ML.Binary.Messages;

/// <summary>What an error says to someone who reads no code: without the names of parameters, and with the way out where there is a usual one.</summary>
/// <example>
/// <code>
/// try
/// {
///     ITransformer loaded = ml.Model.Load("road.zip", out _);
/// }
/// catch (Exception e)
/// {
///     Console.Error.WriteLine(ErrorText.OfModel(e));                      // for people: no names of parameters, and what to do about it
/// }
/// </code>
/// </example>
public static class ErrorText
{
    private const string TemporaryFolder =
        "This is in the folder for temporary files, which ML.NET needs to open and write models: set the environment variable "
        + "TMPDIR (TMP on Windows) to a folder that exists, can be written to and has room.";

    // EBADF, of which .NET makes an access that is denied.
    private const int BadFileDescriptor = 9;

    private const string Native =
        "JPEG, WebP and GIF are decoded by ML.NET's image package, which needs it: install what the system lacks for it "
        + "(on Linux often libfontconfig1), or convert the images to PNG.";

    /// <summary>The message of an error.</summary>
    public static string Of(Exception error)
    {
        error = Cause(error);
        if (error is TypeInitializationException or TypeLoadException or BadImageFormatException && MissingLibrary(error) is { } library)
        {
            return $"A native library cannot be loaded: {FirstSentence(library.Message)} {Native}";
        }

        string message = error is ArgumentException { ParamName: { } name }
            ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : error.Message;
        return error is UnauthorizedAccessException { InnerException: IOException { HResult: BadFileDescriptor } } ? "The output is closed; /dev/null takes what nobody is to see."
            : error is UnauthorizedAccessException ? $"{message} Change its permissions, or name another place." : message;
    }

    /// <summary>The message of an error that ML.NET threw while it opened or wrote a model, which it does by way of temporary files.</summary>
    public static string OfModel(Exception error)
    {
        error = Cause(error);
        string folder = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        return error is IOException or UnauthorizedAccessException && error.Message.Contains(folder, StringComparison.Ordinal)
            ? $"{error.Message} {TemporaryFolder}"
            : Of(error);
    }

    /// <summary>The reason where an error means that a native library is absent or of another system; it may lie deep below type initialisers.</summary>
    public static Exception? MissingLibrary(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
            {
                return error;
            }
        }

        return null;
    }

    // ML.NET makes its stages by reflection, whose own exception says nothing.
    private static Exception Cause(Exception error)
    {
        while (error is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 } && error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }

    // What follows is advice for developers, of many lines.
    private static string FirstSentence(string message) => message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)[0].Split(". ")[0].TrimEnd('.') + ".";
}
