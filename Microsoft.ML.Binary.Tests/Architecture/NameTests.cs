using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>A program that uses several namespaces of the libraries beside ML.NET's need not say which type it means.</summary>
[TestClass]
public sealed class NameTests
{
    // What every program has, and what ML.NET's samples begin with.
    private static readonly string[] s_usual =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks", "Microsoft.ML", "Microsoft.ML.Data"];

    [TestMethod]
    public void PublicTypes_HaveNamesOfTheirOwn()
    {
        Type[] ours = [.. typeof(SegmentationTransformer).Assembly.GetExportedTypes(), .. typeof(DenseNetwork).Assembly.GetExportedTypes()];
        IEnumerable<Type> others = new[] { typeof(object), typeof(Enumerable), typeof(HttpClient), typeof(MLContext), typeof(MLImage), typeof(IDataView), typeof(TextLoader), typeof(File), typeof(Parallel) }
            .Select(type => type.Assembly).Distinct().SelectMany(assembly => assembly.GetExportedTypes()).Where(type => s_usual.Contains(type.Namespace));
        string[] twice =
        [
            .. ours.Where(type => !type.IsNested).Concat(others.Where(type => !type.IsNested)).GroupBy(type => type.Name, StringComparer.Ordinal)
                .Where(same => same.Count() > 1 && same.Any(ours.Contains)).Select(same => string.Join(" and ", same)),
        ];
        Assert.IsEmpty(twice, string.Join('\n', twice));
    }
}
