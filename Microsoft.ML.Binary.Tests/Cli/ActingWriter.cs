namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>The output of a command; does something once, when a line with a text comes.</summary>
internal sealed class ActingWriter(string text, Action act) : StringWriter
{
    private Action? _act = act;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            _act?.Invoke();
            _act = null;
        }
    }
}
