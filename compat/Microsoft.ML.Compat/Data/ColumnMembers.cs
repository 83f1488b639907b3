using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Which members of a user's class are columns, and of which type.</summary>
internal static class ColumnMembers
{
    private const BindingFlags PublicInstance = BindingFlags.Public | BindingFlags.Instance;

    private static readonly Dictionary<Type, PrimitiveDataViewType> Primitives = new PrimitiveDataViewType[]
    {
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
        BooleanDataViewType.Instance, TextDataViewType.Instance,
    }.ToDictionary(type => type.RawType);

    /// <summary>Fields first, then properties, as declared.</summary>
    public static IEnumerable<MemberInfo> Of(Type userType, SchemaDefinition.Direction direction)
    {
        bool read = direction.HasFlag(SchemaDefinition.Direction.Read);
        bool write = direction.HasFlag(SchemaDefinition.Direction.Write);
        IEnumerable<MemberInfo> properties = userType.GetProperties(PublicInstance).Where(property =>
            property.GetIndexParameters().Length == 0
            && ((read && property.GetGetMethod() != null) || (write && property.GetSetMethod() != null)));
        return userType.GetFields(PublicInstance).Concat(properties).Where(member => member.GetCustomAttribute<NoColumnAttribute>() == null);
    }

    public static MemberInfo Find(Type userType, string name) =>
        (MemberInfo)userType.GetField(name, PublicInstance) ?? userType.GetProperty(name, PublicInstance)
        ?? throw new ArgumentOutOfRangeException(nameof(name), $"No field or property with name '{name}' found in type '{userType}'.");

    public static Type ValueTypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    /// <summary>The type in which a data view hands out a member's values.</summary>
    public static Type RawTypeOf(Type valueType)
    {
        if (valueType == typeof(string))
        {
            return typeof(ReadOnlyMemory<char>);
        }

        return valueType.IsArray ? typeof(VBuffer<>).MakeGenericType(RawTypeOf(valueType.GetElementType())) : valueType;
    }

    public static DataViewType TypeOf(MemberInfo member)
    {
        Type valueType = ValueTypeOf(member);
        Type raw = RawTypeOf(valueType);
        VectorTypeAttribute vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>) && Primitives.TryGetValue(raw.GetGenericArguments()[0], out PrimitiveDataViewType item))
        {
            return vector?.Dimensions is { Length: > 0 } dimensions ? new VectorDataViewType(item, dimensions) : new VectorDataViewType(item);
        }

        if (vector != null)
        {
            throw new ArgumentOutOfRangeException(nameof(member), $"Member {member.Name} is marked with {nameof(VectorTypeAttribute)}, and is of type {valueType}.");
        }

        if (Primitives.TryGetValue(raw, out PrimitiveDataViewType primitive))
        {
            return primitive;
        }

        DataViewTypeAttribute attribute = member.GetCustomAttributes().OfType<DataViewTypeAttribute>().SingleOrDefault();
        attribute?.Register();
        return DataViewTypeManager.FindOrNull(raw, attribute)
            ?? throw new ArgumentOutOfRangeException(nameof(member), $"Could not determine an IDataView type and registered custom types for member {member.Name}");
    }
}
