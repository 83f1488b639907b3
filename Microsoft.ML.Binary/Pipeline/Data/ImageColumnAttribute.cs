namespace Microsoft.ML.Binary;

/// <summary>
/// Marks a row class of this package with images. ML.NET creates the attributes of a class's members before it asks what columns they are, and so learns in time what
/// column an image of any size is, whatever statement of a program comes first.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ImageColumnAttribute : Attribute
{
    public ImageColumnAttribute() => ImageColumn.EnsureRegistered();
}
