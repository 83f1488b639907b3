using System.Buffers;
using System.Text;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>
/// Writes HTML that is also well-formed XML: every tag is closed where its scope ends, and all text and attribute values are escaped.
/// </summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _html = new();

    /// <summary>Opens an element; disposing of the result closes it.</summary>
    public Scope Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        _html.Append('>');
        return new Scope(this, tag);
    }

    /// <summary>An element that holds text only.</summary>
    public void Element(string tag, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        using Scope _ = Open(tag, attributes);
        Text(text);
    }

    /// <summary>An element that holds nothing: <c>meta</c>, <c>img</c>, the shapes of SVG.</summary>
    public void Empty(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        _html.Append("/>");
    }

    /// <summary>Text between tags.</summary>
    public void Text(string text) => Escape(text);

    /// <summary>The declaration that a document begins with.</summary>
    public void DocumentType() => _html.Append("<!DOCTYPE html>\n");

    /// <summary>A style element. Browsers read its content as it stands, so it cannot be escaped and must need no escaping.</summary>
    /// <exception cref="ArgumentException">The style sheet holds <c>&lt;</c> or <c>&amp;</c>.</exception>
    public void Style(string css) => AsItStands("style", css);

    /// <summary>A script element, whose content must need no escaping either.</summary>
    /// <exception cref="ArgumentException">The script holds <c>&lt;</c> or <c>&amp;</c>.</exception>
    public void Script(string code) => AsItStands("script", code);

    private void AsItStands(string tag, string content)
    {
        if (content.AsSpan().ContainsAny('<', '&'))
        {
            throw new ArgumentException($"A {tag} inside a page must hold neither '<' nor '&'.", nameof(content));
        }

        using Scope _ = Open(tag);
        _html.Append(content);
    }

    public override string ToString() => _html.ToString();

    private void Start(string tag, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _html.Append('<').Append(tag);
        foreach ((string name, string value) in attributes)
        {
            _html.Append(' ').Append(name).Append("=\"");
            Escape(value);
            _html.Append('"');
        }
    }

    private void Escape(string text)
    {
        // Image data are megabytes without a single special character.
        if (!text.AsSpan().ContainsAny(HtmlCharacters.Special))
        {
            _html.Append(text);
            return;
        }

        foreach (char c in text)
        {
            _ = c switch
            {
                '&' => _html.Append("&amp;"),
                '<' => _html.Append("&lt;"),
                '>' => _html.Append("&gt;"),
                '"' => _html.Append("&quot;"),
                '\'' => _html.Append("&#39;"),
                _ => _html.Append(HtmlCharacters.IsAllowed(c) ? c : '\uFFFD'),
            };
        }
    }

    /// <summary>An open element.</summary>
    public readonly ref struct Scope(HtmlWriter writer, string tag)
    {
        /// <summary>Closes it.</summary>
        public void Dispose() => writer._html.Append("</").Append(tag).Append('>');
    }
}

/// <summary>Characters that text in a page cannot hold as they are.</summary>
internal static class HtmlCharacters
{
    /// <summary>Those of the markup, and those that must not occur.</summary>
    public static SearchValues<char> Special { get; } = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(i => (char)i).Where(c => c is '&' or '<' or '>' or '"' or '\'' || !IsAllowed(c))]);

    /// <summary>Whether both HTML and XML can hold the character. Surrogates stand in pairs as a rule.</summary>
    public static bool IsAllowed(char c) => c is '\t' or '\n' or '\r' || (!char.IsControl(c) && c is not ('\uFFFE' or '\uFFFF'));
}
