using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Headers and tensors that a right checksum does not make right.</summary>
[TestClass]
public sealed partial class NetworkFileHeaderTests
{
    private readonly byte[] _file = EveryNodeNetwork.Create(version: 1).ToBytes();

    [TestMethod]
    [DataRow("\"workingSize\":0,", "'workingSize' of the header is 0; it must be an integer from 1 to 16384")]
    [DataRow("\"workingSize\":16385,", "'workingSize' of the header is 16385")]
    [DataRow("\"workingSize\":\"own\",", "it must be an integer from 1 to 16384")]
    public void AWorkingSizeThatIsNone(string property, string problem)
    {
        string header = NetworkBytes.Header(_file).Replace("\"provenance\":", property + "\"provenance\":");
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(header, NetworkBytes.Tensors(_file), version: 2));
        StringAssert.Contains(e.Message, problem);
    }

    [TestMethod]
    [DataRow("\"exposure\":0,", 7, "'exposure' of the header is 0; it must be an integer from 1 to 254")]
    [DataRow("\"exposure\":255,", 7, "'exposure' of the header is 255")]
    [DataRow("\"exposure\":102,", 6, "the header has a property 'exposure', which this release does not know")]
    public void AnExposureThatIsNone(string property, int version, string problem)
    {
        string header = NetworkBytes.Header(_file).Replace("\"provenance\":", property + "\"provenance\":");
        StringAssert.Contains(NetworkBytes.Refused(NetworkBytes.Join(header, NetworkBytes.Tensors(_file), (uint)version)).Message, problem);
    }

    [TestMethod]
    public void VersionOneHasNoWorkingSize() => StringAssert.Contains(
        NetworkBytes.Refused(NetworkBytes.Replace(_file, "\"provenance\":", "\"workingSize\":480,\"provenance\":")).Message,
        "the header has a property 'workingSize', which this release does not know");

    [TestMethod]
    [DataRow("\"op\":\"gate\"", "\"op\":\"wavelet\"", "node 'gate' has the operation 'wavelet', which this release does not know")]
    [DataRow("\"op\":\"gate\"", "\"op\":7", "'op' of node 9 is not text")]
    [DataRow("\"task\":\"segmentation\"", "\"task\":\"depth\"", "'task' of the header is 'depth'; it must be one of segmentation, saliency")]
    [DataRow("\"task\":\"segmentation\"", "\"task\":\"saliency\"", "A saliency network has no classes, and 2 class names were given")]
    [DataRow("\"task\":", "\"quest\":", "the header has no 'task'")]
    [DataRow("\"outputs\":", "\"extra\":1,\"outputs\":", "the header has a property 'extra', which this release does not know")]
    [DataRow("\"groups\":4", "\"groups\":4,\"bits\":2", "node 'depth' has a property 'bits'")]
    [DataRow("\"groups\":4", "\"groups\":4.5", "'groups' of node 'depth' is 4.5; it must be an integer")]
    [DataRow("\"groups\":4", "\"groups\":99999999999999999999", "it must be an integer")]
    [DataRow("\"groups\":4", "\"groups\":4,\"groups\":4", "Duplicate property")]
    [DataRow("\"groups\":4", "\"groups\":3", "3 groups are neither 1 nor the 4 input channels")]
    [DataRow("\"kernel\":3", "\"kernel\":5", "kernel 5 is not 1 or 3")]
    [DataRow("\"factor\":2", "\"factor\":0", "'factor' of node 'tokens' is 0")]
    [DataRow("\"mode\":\"nearest\"", "\"mode\":\"cubic\"", "'mode' of node 'nearest' is 'cubic'; it must be one of nearest, bilinear")]
    [DataRow("\"role\":\"statistic\"", "\"role\":\"magic\"", "it must be one of weight, latent, modulation, statistic, constant")]
    [DataRow("\"role\":\"signs\"", "\"role\":\"weight\"", "the weights of 'packed' have the role 'weight'")]
    [DataRow("[3,4,1,1]", "[3,4,1,3]", "and a square kernel")]
    [DataRow("[4,3,3,3]", "[4,3,9]", "has 3 sides; it must have 4")]
    [DataRow("[4,3,3,3]", "[2147483647,2147483647,2147483647,2147483647]", "which needs")]
    [DataRow("[4,3,3,3]", "[4,3,3,-3]", "it must be an integer from 1")]
    [DataRow("[4,3,3,3]", "[4,3,3,0]", "it must be an integer from 1")]
    [DataRow("[4,3,3,3]", "[\"4\",3,3,3]", "is \"4\"; it must be an integer")]
    [DataRow("\"in\":[2]", "\"in\":[18]", "input 18 does not come before it")]
    [DataRow("\"in\":[2]", "\"in\":[-2]", "it must be an integer from 0")]
    [DataRow("\"in\":[2]", "\"in\":2", "'in' of node 'norm' is not a list")]
    [DataRow("\"in\":[]", "\"in\":[0]", "node 'image' is the image and has inputs")]
    [DataRow("\"name\":\"norm\"", "\"name\":\"image\"", "another node has this name")]
    [DataRow("\"node\":18", "\"node\":19", "the output names node 19")]
    [DataRow("\"name\":\"logits\"", "\"name\":\"other\"", "no output 'logits'")]
    [DataRow("\"Straße\"", "\"\\\"sky\\\" 天\"", "occurs twice")]
    [DataRow("\"Straße\"", "\"\\ud800\"", "cannot be used")]
    [DataRow("\"Straße\",", "", "1 class names were given")]
    [DataRow("\"#804080\"", "\"red\"", "Colour 0 of the palette is 'red'")]
    [DataRow("\"seed\":\"1\"", "\"seed\":1", "'seed' in 'provenance' is not text")]
    [DataRow("{\"writer\"", "[\"writer\"", "cannot be used")]
    public void IsNamed(string old, string replacement, string problem)
    {
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Replace(_file, old, replacement));
        StringAssert.Contains(e.Message, problem);
    }

    [TestMethod]
    public void AnUnknownOperationTellsWhoWroteTheFile()
    {
        string header = NetworkBytes.Header(_file).Replace("\"op\":\"gate\"", "\"op\":\"wavelet\"");
        header = WriterPattern().Replace(header, "\"writer\":\"Microsoft.ML.Binary 7.8.9\"");
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(header, NetworkBytes.Tensors(_file)));
        StringAssert.Contains(e.Message, $"It was written by Microsoft.ML.Binary 7.8.9, and this is {NetworkFileLayout.Writer}: update the package");
    }

    [TestMethod]
    public void TooManyTensorsForANode()
    {
        string first = "{\"name\":\"another name.logit\",\"role\":\"modulation\",\"shape\":[4]}";
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Replace(_file, first, $"{first},{first.Replace("logit", "more")}"));
        StringAssert.Contains(e.Message, "node 'gate' has 2 tensors, more than its operation takes");
    }

    [TestMethod]
    public void TooFewTensorsForANode()
    {
        string first = "{\"name\":\"another name.logit\",\"role\":\"modulation\",\"shape\":[4]}";
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Replace(_file, first, ""));
        StringAssert.Contains(e.Message, "node 'gate' has 0 tensors, fewer than its operation takes");
    }

    [TestMethod]
    public void TensorsThatBelongToNoNode()
    {
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(NetworkBytes.Header(_file), [.. NetworkBytes.Tensors(_file), 1, 2, 3]));
        StringAssert.Contains(e.Message, "3 bytes of tensors belong to no node");
    }

    [TestMethod]
    public void TensorsThatEndEarly()
    {
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(NetworkBytes.Header(_file), NetworkBytes.Tensors(_file)[..^1]));
        StringAssert.Contains(e.Message, "'attend.slope' has the shape [2], which needs 8 bytes; 7 are left");
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void AValueThatIsNotFinite(float value)
    {
        byte[] tensors = NetworkBytes.Tensors(_file);
        BitConverter.GetBytes(value).CopyTo(tensors, 4 * 7);
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(NetworkBytes.Header(_file), tensors));
        StringAssert.Contains(e.Message, "'stem.weight': value 1 is");
    }

    [TestMethod]
    public void AnUnusedSignBit()
    {
        byte[] tensors = NetworkBytes.Tensors(_file);
        int second = tensors.Length - 4 * 4 - 1;
        Assert.AreEqual(0b0000_1001, tensors[second], "the second byte of 12 signs, with two temperatures and two slopes after");
        tensors[second] |= 0x80;
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Join(NetworkBytes.Header(_file), tensors));
        StringAssert.Contains(e.Message, "12 signs leave bits of the last byte unused");
    }

    [TestMethod]
    public void TooManyNodes()
    {
        string nodes = string.Join(",", Enumerable.Repeat("0", DenseGraph.MaxNodes + 1));
        NetworkFileException e = NetworkBytes.Refused(NetworkBytes.Replace(_file, "\"nodes\":[", $"\"nodes\":[{nodes},"));
        StringAssert.Contains(e.Message, $"'nodes' of the header is not a list of at most {DenseGraph.MaxNodes} elements");
    }

    [TestMethod]
    public void JsonThatIsNestedTooDeep()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        NetworkBytes.Refused(NetworkBytes.Replace(_file, "\"classes\":[", $"\"classes\":[{deep},"));
    }

    [GeneratedRegex("\"writer\":\"[^\"]*\"")]
    private static partial Regex WriterPattern();
}
