namespace Microsoft.ML;

internal static class Mismatch
{
    public static ArgumentOutOfRangeException NotFound(string name) =>
        new("inputSchema", $"Could not find input column '{name}'");

    public static ArgumentOutOfRangeException WrongType(string name, string expected, string actual) =>
        new("inputSchema", $"Schema mismatch for input column '{name}': expected {expected}, got {actual}");

    public static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) ?? throw NotFound(name);
}
