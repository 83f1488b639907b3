using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>
/// The column type of images whose size is not known beforehand. ML.NET has none for a plain <see cref="MLImage"/> member of a class until
/// one is registered, once for the whole process, and its estimators compare image types by reference; so there is one instance, and
/// everything that reads or makes images goes through here first.
/// </summary>
internal static class ImageColumn
{
    public static ImageDataViewType Type { get; } = Register();

    public static void EnsureRegistered() => _ = Type;

    private static ImageDataViewType Register()
    {
        ImageDataViewType unknownSize = new();
        try
        {
            DataViewTypeManager.Register(unknownSize, typeof(MLImage));
        }
        catch (ArgumentException)
        {
            // The program registered another type before us. That works as well: values are bound by their .NET type.
            return unknownSize;
        }

        return (ImageDataViewType)SchemaDefinition.Create(typeof(ImageRow))[nameof(ImageRow.Image)].ColumnType;
    }
}

/// <summary>
/// Marks a property of a row class as an image of any size, an <see cref="MLImage"/>. ML.NET creates the attributes of a class's members before it asks what columns they
/// are, and so learns in time what column such an image is, whatever statement of a program comes first.
/// </summary>
/// <example>
/// <code>
/// sealed class Street
/// {
///     [ImageColumn] public MLImage? Image { get; set; }
///     public string City { get; set; } = "";
/// }
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ImageColumnAttribute : Attribute
{
    /// <summary>Marks a property or a field that holds an <see cref="MLImage"/>.</summary>
    public ImageColumnAttribute() => ImageColumn.EnsureRegistered();
}
