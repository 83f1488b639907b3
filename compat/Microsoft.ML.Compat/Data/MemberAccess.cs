using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Moves values between the members of a user's object and the columns of a row, without boxing.</summary>
internal static class MemberAccess<TRow>
    where TRow : class
{
    /// <summary>A getter of the column behind <paramref name="column"/>, reading from the object that <paramref name="current"/> gives.</summary>
    public static Delegate CreateGetter(SchemaDefinition.Column column, Func<TRow> current) =>
        Dispatch<Delegate>(column.MemberName, nameof(TextGetter), nameof(TextArrayGetter), nameof(ArrayGetter), nameof(VBufferGetter), nameof(DirectGetter), current);

    /// <summary>An action that fills the member behind <paramref name="definition"/> from the row's column.</summary>
    public static Action<TRow> CreateSetter(SchemaDefinition.Column definition, DataViewRow row, DataViewSchema.Column column) =>
        Dispatch<Action<TRow>>(definition.MemberName, nameof(TextSetter), nameof(TextArraySetter), nameof(ArraySetter), nameof(VBufferSetter), nameof(DirectSetter), row, column);

    private static TResult Dispatch<TResult>(string memberName, string text, string textArray, string array, string vbuffer, string direct, params object[] arguments)
    {
        MemberInfo member = ColumnMembers.Find(typeof(TRow), memberName);
        Type type = ColumnMembers.ValueTypeOf(member);
        (string method, Type generic) =
            type == typeof(string) ? (text, null)
            : type == typeof(string[]) ? (textArray, null)
            : type.IsArray ? (array, type.GetElementType())
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? (vbuffer, type.GetGenericArguments()[0])
            : (direct, type);
        MethodInfo info = typeof(MemberAccess<TRow>).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static);
        info = generic == null ? info : info.MakeGenericMethod(generic);
        return (TResult)info.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [member, .. arguments], null);
    }

    private static ValueGetter<ReadOnlyMemory<char>> TextGetter(MemberInfo member, Func<TRow> current)
    {
        Func<TRow, string> read = Reader<string>(member);
        return (ref ReadOnlyMemory<char> value) => value = read(current()).AsMemory();
    }

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextArrayGetter(MemberInfo member, Func<TRow> current)
    {
        Func<TRow, string[]> read = Reader<string[]>(member);
        return (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] source = read(current()) ?? [];
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, source.Length);
            for (int i = 0; i < source.Length; i++)
            {
                editor.Values[i] = source[i].AsMemory();
            }

            value = editor.Commit();
        };
    }

    private static ValueGetter<VBuffer<TItem>> ArrayGetter<TItem>(MemberInfo member, Func<TRow> current)
    {
        Func<TRow, TItem[]> read = Reader<TItem[]>(member);
        return (ref VBuffer<TItem> value) =>
        {
            TItem[] source = read(current()) ?? [];
            VBufferEditor<TItem> editor = VBufferEditor.Create(ref value, source.Length);
            source.CopyTo(editor.Values);
            value = editor.Commit();
        };
    }

    private static ValueGetter<VBuffer<TItem>> VBufferGetter<TItem>(MemberInfo member, Func<TRow> current)
    {
        Func<TRow, VBuffer<TItem>> read = Reader<VBuffer<TItem>>(member);
        return (ref VBuffer<TItem> value) => read(current()).CopyTo(ref value);
    }

    private static ValueGetter<TValue> DirectGetter<TValue>(MemberInfo member, Func<TRow> current)
    {
        Func<TRow, TValue> read = Reader<TValue>(member);
        return (ref TValue value) => value = read(current());
    }

    private static Action<TRow> TextSetter(MemberInfo member, DataViewRow row, DataViewSchema.Column column)
    {
        Action<TRow, string> write = Writer<string>(member);
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            getter(ref value);
            write(target, value.ToString());
        };
    }

    private static Action<TRow> TextArraySetter(MemberInfo member, DataViewRow row, DataViewSchema.Column column)
    {
        Action<TRow, string[]> write = Writer<string[]>(member);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            write(target, [.. value.DenseValues().Select(text => text.ToString())]);
        };
    }

    private static Action<TRow> ArraySetter<TItem>(MemberInfo member, DataViewRow row, DataViewSchema.Column column)
    {
        Func<TRow, TItem[]> read = Reader<TItem[]>(member);
        Action<TRow, TItem[]> write = Writer<TItem[]>(member);
        ValueGetter<VBuffer<TItem>> getter = row.GetGetter<VBuffer<TItem>>(column);
        VBuffer<TItem> value = default;
        return target =>
        {
            getter(ref value);
            TItem[] items = read(target);
            // As in ML.NET, a missing array and an empty vector are the same thing.
            if ((items?.Length ?? 0) != value.Length)
            {
                items = new TItem[value.Length];
                write(target, items);
            }

            value.CopyTo(items);
        };
    }

    private static Action<TRow> VBufferSetter<TItem>(MemberInfo member, DataViewRow row, DataViewSchema.Column column)
    {
        Func<TRow, VBuffer<TItem>> read = Reader<VBuffer<TItem>>(member);
        Action<TRow, VBuffer<TItem>> write = Writer<VBuffer<TItem>>(member);
        ValueGetter<VBuffer<TItem>> getter = row.GetGetter<VBuffer<TItem>>(column);
        return target =>
        {
            VBuffer<TItem> value = read(target);
            getter(ref value);
            write(target, value);
        };
    }

    private static Action<TRow> DirectSetter<TValue>(MemberInfo member, DataViewRow row, DataViewSchema.Column column)
    {
        Action<TRow, TValue> write = Writer<TValue>(member);
        ValueGetter<TValue> getter = row.GetGetter<TValue>(column);
        // One value for all rows: a getter may dispose of the image that it gave out before, as LoadImages does.
        TValue value = default;
        return target =>
        {
            getter(ref value);
            write(target, value);
        };
    }

    private static Func<TRow, TValue> Reader<TValue>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    private static Action<TRow, TValue> Writer<TValue>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        ParameterExpression value = Expression.Parameter(typeof(TValue));
        return Expression.Lambda<Action<TRow, TValue>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value).Compile();
    }
}
