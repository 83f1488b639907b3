using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Cli.Display;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Turns the first Ctrl+C (or a request to terminate) into a cancellation; the second ends the process as usual.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Terminal _terminal;

    /// <param name="terminal">Where the first says what it does.</param>
    public Interruption(Terminal terminal)
    {
        _terminal = terminal;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    /// <summary>What a signal does.</summary>
    internal void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            return;
        }

        context.Cancel = true;
        _source.Cancel();
        try
        {
            _terminal.Note("ending as soon as the step under way is done; asked again, at once, without what came after the last checkpoint.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody is left to be told (a closed or full error stream); an exception of a signal's handler would end the process, and with it what is to be kept.
        }
    }
}
