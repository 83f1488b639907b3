using System.Text;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>All that commands print goes through here, so that no name in a file or of a file can command the terminal (<see cref="SafeText"/>).</summary>
internal sealed class SafeWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (SafeText.IsShown(value) || value is '\n' or '\r' or '\t')
        {
            inner.Write(value);
        }
        else
        {
            inner.Write(SafeText.Escape(value));
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => inner.Write(SafeText.Lines(value ?? ""));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value) => inner.WriteLine(SafeText.Lines(value ?? ""));

    public override void Flush() => inner.Flush();
}
