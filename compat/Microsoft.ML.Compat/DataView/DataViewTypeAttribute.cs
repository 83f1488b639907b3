namespace Microsoft.ML.Data;

public abstract class DataViewTypeAttribute : Attribute, IEquatable<DataViewTypeAttribute>
{
    /// <summary>Tells <see cref="DataViewTypeManager"/> which type the annotated member has.</summary>
    public abstract void Register();

    public abstract bool Equals(DataViewTypeAttribute other);
}
