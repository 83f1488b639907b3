namespace Microsoft.ML.Binary.Tests.Architecture.Upper;

internal class Forbidden
{
    public static void Call()
    {
    }
}

internal sealed class ForbiddenException : Exception;

internal sealed class ForbiddenAttribute : Attribute;

internal interface IForbidden;
