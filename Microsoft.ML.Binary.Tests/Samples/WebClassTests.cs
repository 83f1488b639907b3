using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;
using Web;

namespace Microsoft.ML.Binary.Tests.Samples;

/// <summary>The classes that the page of <c>samples/Web</c> lists.</summary>
[TestClass]
public sealed class WebClassTests
{
    [TestMethod]
    public void ClassesOfANetworkWithoutColours_HaveTheBuiltInOnes()
    {
        DenseNetwork colored = PipelineNetworks.Segmentation(), plain = new(colored.Graph, colored.Task, colored.ClassNames);
        CollectionAssert.AreEqual(colored.ClassNames.Zip(colored.Palette).ToArray(), Classes(colored));
        CollectionAssert.AreEqual(plain.ClassNames.Zip(Palette.Default, (name, color) => (name, $"{color}")).ToArray(), Classes(plain));
    }

    private static (string Name, string Color)[] Classes(DenseNetwork network) => [.. ClassInfo.Of(network).Select(one => (one.Name, one.Color))];
}
