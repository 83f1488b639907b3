using System.Reflection;

namespace Microsoft.ML.Binary.Cli;

/// <summary>The version of the tool and the commit that it was built from: <c>0.1.0+4f1c...</c>.</summary>
internal static class ToolVersion
{
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
