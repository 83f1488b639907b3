using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Runtime;

/// <summary>Messages of one named source, into the log.</summary>
internal sealed class Channel : IChannel
{
    private readonly string _source;
    private readonly Action<ChannelMessageKind, string, string> _log;
    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _disposed;

    public Channel(string source, Action<ChannelMessageKind, string, string> log)
    {
        _source = source;
        _log = log;
        Trace(MessageSensitivity.None, "Channel started");
    }

    public string ContextDescription => _source;

    public void Send(ChannelMessage msg) => _log(msg.Kind, _source, msg.Message);

    public void Trace(MessageSensitivity sensitivity, string fmt) => Log(ChannelMessageKind.Trace, sensitivity, fmt);

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Log(ChannelMessageKind.Trace, sensitivity, Format(fmt, args));

    public void Error(MessageSensitivity sensitivity, string fmt) => Log(ChannelMessageKind.Error, sensitivity, fmt);

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Log(ChannelMessageKind.Error, sensitivity, Format(fmt, args));

    public void Warning(MessageSensitivity sensitivity, string fmt) => Log(ChannelMessageKind.Warning, sensitivity, fmt);

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Log(ChannelMessageKind.Warning, sensitivity, Format(fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt) => Log(ChannelMessageKind.Info, sensitivity, fmt);

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Log(ChannelMessageKind.Info, sensitivity, Format(fmt, args));

    public TException Process<TException>(TException ex)
        where TException : Exception => ex;

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Trace(MessageSensitivity.None, $"Channel finished. Elapsed {Stopwatch.GetElapsedTime(_started):c}.");
            Trace(MessageSensitivity.None, "Channel disposed");
        }
    }

    private static string Format(string fmt, object[] args) => string.Format(CultureInfo.InvariantCulture, fmt, args);

    private void Log(ChannelMessageKind kind, MessageSensitivity sensitivity, string message) => Send(new ChannelMessage(kind, sensitivity, message));
}
