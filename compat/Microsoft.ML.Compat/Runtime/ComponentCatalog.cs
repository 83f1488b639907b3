using System.Reflection;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Runtime;

/// <summary>The custom mappings that a saved model may name.</summary>
public sealed class ComponentCatalog
{
    private readonly Lock _gate = new();
    private readonly HashSet<Assembly> _assemblies = [];
    private readonly Dictionary<string, Type> _factories = [];

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_gate)
        {
            if (!_assemblies.Add(assembly))
            {
                return;
            }

            foreach (Type type in assembly.GetTypes())
            {
                if (type.GetCustomAttribute<CustomMappingFactoryAttributeAttribute>(false) is not { } attribute)
                {
                    continue;
                }

                if (!_factories.TryAdd(attribute.ContractName, type) && _factories[attribute.ContractName] != type && throwOnError)
                {
                    throw new ArgumentException($"The contract name '{attribute.ContractName}' of {type} is already taken by {_factories[attribute.ContractName]}.");
                }
            }
        }
    }

    internal ICustomMappingFactory CreateFactory(string contractName)
    {
        lock (_gate)
        {
            return _factories.TryGetValue(contractName, out Type type)
                ? (ICustomMappingFactory)Activator.CreateInstance(type)
                : throw new InvalidOperationException($"Could not find a custom mapping with the contract name '{contractName}'. Register its assembly with {nameof(ComponentCatalog)}.{nameof(RegisterAssembly)}.");
        }
    }
}
