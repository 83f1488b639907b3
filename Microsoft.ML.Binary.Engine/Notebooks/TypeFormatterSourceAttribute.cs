namespace Microsoft.ML.Binary.Notebooks;

/// <summary>
/// Tells .NET Interactive that a type brings its own formatters for notebooks. The notebook finds the attribute by its name and what it
/// holds by the names of the members, so the library needs no package of the notebook's.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute : Attribute
{
    // By name, because the types that carry this attribute must not know the reports that are made of them.
    private const string Formatters = "Microsoft.ML.Binary.Reporting.Notebooks.NotebookFormatters";

    /// <summary>The type whose instance lists the formatters.</summary>
    public Type FormatterSourceType => Type.GetType(Formatters, throwOnError: true)!;

    /// <summary>What a notebook shows where it is not asked for anything else.</summary>
    public string[] PreferredMimeTypes => ["text/html"];
}
