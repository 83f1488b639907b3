using Microsoft.ML.Binary.Tests.Architecture.Upper;

namespace Microsoft.ML.Binary.Tests.Architecture.Lower;

internal sealed class ByNothing;

internal sealed class ByBase : Forbidden;

internal sealed class ByField
{
    public Forbidden?[] Field = [];
}

internal sealed class BySignature
{
    public static void Take(Forbidden[] values) => _ = values.Length;
}

internal sealed class ByCall
{
    public static void Run() => Forbidden.Call();
}

internal sealed class ByLambda
{
    public static Func<int, object> Make() => n => n > 0 ? new Forbidden() : n;
}

internal sealed class ByTypeArgument
{
    public static object Make() => new List<Forbidden>();
}

internal sealed class ByMethodArgument
{
    public static object Make() => Array.Empty<Forbidden>();
}

internal sealed class ByConstraint
{
    public static int Count<T>(T[] values) where T : IForbidden => values.Length;
}

internal sealed class ByCatch
{
    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (ForbiddenException)
        {
        }
    }
}

internal sealed class ByPattern
{
    public static bool Is(object value) => value is Forbidden;
}

[Forbidden]
internal sealed class ByAttribute;

internal interface IByNothingButAnInterface : IForbidden;
