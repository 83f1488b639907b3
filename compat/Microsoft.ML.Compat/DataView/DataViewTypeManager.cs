namespace Microsoft.ML.Data;

/// <summary>Which <see cref="DataViewType"/> a member of a user's class has when it is none of the standard ones. Process-wide and one-to-one.</summary>
public static class DataViewTypeManager
{
    private static readonly Lock Gate = new();
    private static readonly List<(DataViewType Type, Type RawType, DataViewTypeAttribute Attribute)> Known = [];

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        ArgumentNullException.ThrowIfNull(dataViewType);
        ArgumentNullException.ThrowIfNull(type);
        if (type != dataViewType.RawType)
        {
            throw new ArgumentOutOfRangeException(nameof(type), $"{nameof(type)} must be the raw type of {nameof(dataViewType)}, {dataViewType.RawType}, and is {type}.");
        }

        lock (Gate)
        {
            foreach ((DataViewType Type, Type RawType, DataViewTypeAttribute Attribute) known in Known)
            {
                bool sameKey = known.RawType == type && Equals(known.Attribute, typeAttribute);
                bool sameType = known.Type.Equals(dataViewType);
                if (sameKey && sameType)
                {
                    return;
                }

                if (sameKey || sameType)
                {
                    throw new ArgumentOutOfRangeException(nameof(type), sameKey
                        ? $"Repeated type register. The type {type} has been associated with {known.Type} and cannot be associated with {dataViewType}."
                        : $"Repeated type register. {dataViewType} has been associated with {known.RawType} and cannot be registered under another attribute.");
                }
            }

            Known.Add((dataViewType, type, typeAttribute));
        }
    }

    internal static bool Knows(DataViewType dataViewType)
    {
        lock (Gate)
        {
            return Known.Exists(known => known.Type.Equals(dataViewType));
        }
    }

    internal static DataViewType FindOrNull(Type type, DataViewTypeAttribute typeAttribute)
    {
        lock (Gate)
        {
            return Known.Find(known => known.RawType == type && Equals(known.Attribute, typeAttribute)).Type;
        }
    }
}
