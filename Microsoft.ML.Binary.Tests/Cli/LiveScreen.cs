using Microsoft.ML.Binary.Cli.Display;
using Spectre.Console;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>A terminal on which figures change in place, and all that was sent to it.</summary>
internal sealed class LiveScreen : IDisposable
{
    private readonly StringWriter _sent = new();

    /// <param name="errors">Where errors go; null for the screen.</param>
    public LiveScreen(TextWriter? errors = null)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(_sent),
        });
        console.Profile.Width = 1000;
        Terminal = new(_sent, errors ?? _sent, console, ShowsErrors: errors is null);
    }

    public Terminal Terminal { get; }

    public string Text => _sent.ToString();

    /// <summary>What was sent after the last command to the terminal, which moves, deletes or hides.</summary>
    public string AfterTheLastCommand => Text[(Text.LastIndexOf('\u001b') + 1)..];

    public void Dispose() => _sent.Dispose();
}
