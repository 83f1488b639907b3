using System.Reflection;

namespace Microsoft.ML.Data;

internal static class RowGetters
{
    private static readonly MethodInfo GetGetter = typeof(DataViewRow).GetMethod(nameof(DataViewRow.GetGetter));

    /// <summary>The getter of a column whose type is known only at run time.</summary>
    public static Delegate Untyped(DataViewRow row, DataViewSchema.Column column) =>
        (Delegate)GetGetter.MakeGenericMethod(column.Type.RawType).Invoke(row, BindingFlags.DoNotWrapExceptions, null, [column], null);
}
