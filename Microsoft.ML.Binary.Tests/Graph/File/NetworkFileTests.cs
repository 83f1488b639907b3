using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class NetworkFileTests
{
    [TestMethod]
    [DynamicData(nameof(AllNetworks))]
    public void EveryPresetSurvivesBitForBit(NetworkPreset preset, Precision precision, bool frozen)
    {
        DenseNetwork network = TestNetworks.Segmentation(preset, precision);
        network = frozen ? network.Freeze() : network;

        byte[] bytes = network.ToBytes();
        CollectionAssert.AreEqual(bytes, DenseNetwork.FromBytes(bytes).ToBytes());
    }

    public static IEnumerable<(NetworkPreset Preset, Precision Precision, bool Frozen)> AllNetworks =>
        from preset in Enum.GetValues<NetworkPreset>()
        from precision in Enum.GetValues<Precision>()
        from frozen in new[] { false, true }
        select (preset, precision, frozen);
}
