using System.Reflection;

namespace Microsoft.ML.Binary.Tests.Compat;

/// <summary>What the ML.NET that the tests run on really has, one line a type or member: <c>Type</c>, <c>Type::Field : FieldType</c> or <c>Type::Method(Types) : ReturnType</c>.</summary>
internal static class MlNetMembers
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>The lines of all that another assembly may see.</summary>
    public static HashSet<string> All()
    {
        var lines = new HashSet<string>();
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Microsoft.ML*.dll"))
        {
            if (!MlNetReferences.IsMlNet(Path.GetFileNameWithoutExtension(file)))
            {
                continue;
            }

            foreach (Type type in Assembly.LoadFrom(file).GetExportedTypes())
            {
                lines.Add(type.FullName!);
                lines.UnionWith(type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
                    .Select(field => $"{type.FullName}::{field.Name} : {NameOf(field.FieldType)}"));
                lines.UnionWith(type.GetConstructors(Declared).Where(IsVisible).Select(constructor
                    => Method($"{type.FullName}::{constructor.Name}", 0, ParametersOf(constructor), "System.Void")));
                lines.UnionWith(type.GetMethods(Declared).Where(IsVisible).Select(method
                    => Method($"{type.FullName}::{method.Name}", method.GetGenericArguments().Length, ParametersOf(method), NameOf(method.ReturnType))));
            }
        }

        return lines;
    }

    public static string Method(string name, int typeParameters, IEnumerable<string> parameters, string returnType)
        => $"{name}{(typeParameters == 0 ? "" : $"``{typeParameters}")}({string.Join(", ", parameters)}) : {returnType}";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<string> ParametersOf(MethodBase method) => method.GetParameters().Select(parameter => NameOf(parameter.ParameterType));

    private static string NameOf(Type type)
    {
        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod == null ? "!" : "!!") + type.GenericParameterPosition;
        }

        if (type.HasElementType)
        {
            string suffix = type.IsByRef ? "&" : type.IsPointer ? "*" : $"[{new string(',', type.GetArrayRank() - 1)}]";
            return NameOf(type.GetElementType()!) + suffix;
        }

        return type.IsGenericType
            ? $"{type.GetGenericTypeDefinition().FullName}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.FullName!;
    }
}
