using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary.Messages;

/// <summary>
/// Text for a terminal. File names, class names and what a model file says of itself are untrusted: control characters in them move the
/// cursor, rename the window or hide what was printed, and characters that turn the direction of writing show another name than is there.
/// They are shown as <c>\u001B</c> instead.
/// </summary>
/// <example>
/// <code>
/// string name = "\u001B[2Jinvoice.png";                                   // would clear the terminal
/// Console.WriteLine(SafeText.OneLine(name));                              // \u001B[2Jinvoice.png, as text
/// </code>
/// </example>
public static class SafeText
{
    /// <summary>A name or another value that must not break the line either.</summary>
    public static string OneLine(string text) => Clean(text, keepsLines: false);

    /// <summary>Text of one or more lines.</summary>
    public static string Lines(string text) => Clean(text, keepsLines: true);

    /// <summary>Whether a terminal only shows the character. Ends of lines and tabs, which it obeys, are not among these.</summary>
    public static bool IsShown(char c) => !char.IsControl(c) && c switch
    {
        '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => false, // directions
        '\u2028' or '\u2029' => false, // ends of lines
        >= '\uFFF9' and <= '\uFFFB' => false, // annotations
        _ => true,
    };

    /// <summary>How a character that is not shown as it is appears.</summary>
    public static string Escape(char c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");

    private static string Clean(string text, bool keepsLines)
    {
        StringBuilder? clean = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool keeps = IsShown(c)
                || (keepsLines && (c is '\n' or '\t' || (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')));
            if (!keeps)
            {
                clean ??= new StringBuilder(text, 0, i, text.Length + 16);
            }

            clean?.Append(keeps ? c.ToString() : Escape(c));
        }

        return clean?.ToString() ?? text;
    }
}
