using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>
/// The file of <see cref="EveryNodeNetwork"/> as version 1 of the format was published. If a test here fails, files that people have no
/// longer load, or are written differently under the same version number: change the code or raise the version, not the golden file.
/// </summary>
[TestClass]
public sealed class NetworkFileGoldenTests
{
    // Line breaks are for the reader of this test; the header has none.
    private const string Header = """
        {"writer":"golden","task":"segmentation","classes":["Straße","\"sky\" 天"],"palette":["#804080","#00ff0A"],"provenance":{"data":"none\n(golden)","seed":"1"}
        ,"outputs":[{"name":"logits","node":18},{"name":"features","node":13}],"nodes":[
        {"op":"image","name":"image","in":[],"tensors":[]}
        ,{"op":"affine","name":"normalize","in":[0],"tensors":[{"name":".scale","role":"constant","shape":[3]},{"name":".offset","role":"constant","shape":[3]}]}
        ,{"op":"convolution","name":"stem","in":[1],"kernel":3,"stride":2,"dilation":1,"groups":1,"tensors":[{"name":".weight","role":"weight","shape":[4,3,3,3]},{"name":".bias","role":"modulation","shape":[4]}]}
        ,{"op":"batch-norm","name":"norm","in":[2],"tensors":[{"name":".gamma","role":"modulation","shape":[4]},{"name":".beta","role":"modulation","shape":[4]},{"name":".mean","role":"statistic","shape":[4]},{"name":".variance","role":"statistic","shape":[4]}]}
        ,{"op":"rprelu","name":"bend","in":[3],"tensors":[{"name":".shift","role":"modulation","shape":[4]},{"name":".slope","role":"modulation","shape":[4]},{"name":".offset","role":"modulation","shape":[4]}]}
        ,{"op":"convolution","name":"depth","in":[4],"kernel":3,"stride":1,"dilation":2,"groups":4,"tensors":[{"name":".weight","role":"weight","shape":[4,1,3,3]}]}
        ,{"op":"average-pool","name":"pool","in":[5],"tensors":[]}
        ,{"op":"sign","name":"sign","in":[6],"tensors":[{"name":".shift","role":"modulation","shape":[4]}]}
        ,{"op":"binary-convolution","name":"latent","in":[7],"kernel":3,"stride":1,"dilation":1,"tensors":[{"name":".weight","role":"latent","shape":[4,4,3,3]}]}
        ,{"op":"gate","name":"gate","in":[8],"tensors":[{"name":"another name.logit","role":"modulation","shape":[4]}]}
        ,{"op":"packed-binary-convolution","name":"packed","in":[7],"kernel":1,"stride":1,"dilation":1,"tensors":[{"role":"signs","shape":[3,4,1,1]}]}
        ,{"op":"token-sample","name":"tokens","in":[7],"factor":2,"tensors":[]}
        ,{"op":"reduced-attention","name":"attend","in":[7,11,11],"tensors":[{"name":".temperature","role":"modulation","shape":[2]},{"name":".slope","role":"modulation","shape":[2]}]}
        ,{"op":"add","name":"sum","in":[9,12],"tensors":[]}
        ,{"op":"pixel-shuffle","name":"shuffle","in":[13],"factor":2,"tensors":[]}
        ,{"op":"upsample","name":"nearest","in":[10],"factor":2,"mode":"nearest","tensors":[]}
        ,{"op":"concat","name":"join","in":[14,15],"tensors":[]}
        ,{"op":"channel-mean","name":"mean","in":[16],"groups":2,"tensors":[]}
        ,{"op":"upsample","name":"enlarge","in":[17],"factor":2,"mode":"bilinear","tensors":[]}]}
        """;

    private const string Tensors = """
        AAAAvwAAoD8AAIA+AAAAvwAAoD8AAIA+AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAA
        AAAAAIC/AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAA
        AACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAA
        gL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/
        AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAA
        QD8AAIC+AAAAvwAAoD8AAIA+AABAvwAAAL8AAKA/AACAPgAAQL8AAAC/AACgPwAAgD4AAEC/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAA/AAAAQAAAgD4AAAC/
        AACgPwAAgD4AAEC/AAAAvwAAoD8AAIA+AABAvwAAAL8AAKA/AACAPgAAQL8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/AABAPwAAgL4AAKC/AAAAPwAA
        AL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/
        AACgPwAAgD4AAAC/AACgPwAAgD4AAEC/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAA
        AAAAAIC/AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAA
        AACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAA
        gL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/
        AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAA
        QD8AAIC+AACgvwAAAD8AAAC/AACgPwAAgD4AAEC/AACAPwAAAAAAAIC/AABAPwAAgL4AAKC/AAAAPwAAAL8AAKA/AACAPgAAQL8AAIA/AAAAAAAAgL8AAEA/
        AACAvgAAoL8AAAA/AAAAvwAAoD8AAIA+AABAvwAAgD8AAAAAAACAvwAAQD8AAIC+AACgvwAAAD8AAAC/AAAAvwAAoD8AAIA+AABAv6YJAAAAvwAAoD8AAAC/
        AACgPw==
        """;

    private const string Checksum = "1563c325ae2d248515774ea85c496410fd83213744c230ac8280616f7a806bc8";

    private static readonly byte[] Golden = NetworkBytes.Join(
        Header.ReplaceLineEndings(""), Convert.FromBase64String(Tensors.ReplaceLineEndings("")));

    [TestMethod]
    public void TheGoldenFileIsWhatWasPublished()
    {
        Assert.HasCount(3903, Golden);
        Assert.AreEqual(Checksum, Convert.ToHexStringLower(Golden.AsSpan(^32..)));
    }

    [TestMethod]
    public void WritingGivesTheGoldenFile() => CollectionAssert.AreEqual(Golden, NetworkFileWriter.Write(EveryNodeNetwork.Create(version: 1), "golden"));

    [TestMethod]
    public void ReadingTheGoldenFileGivesTheNetwork() =>
        CollectionAssert.AreEqual(EveryNodeNetwork.Create(version: 1).ToBytes(), DenseNetwork.FromBytes(Golden).ToBytes());

    /// <summary>Files of later versions are pinned by the checksum that they end with.</summary>
    [TestMethod]
    [DataRow(3, "b5883d40a998200df8b902a62f09580cee5f7d13997bd2e721cc6ef4518ba724", DisplayName = "scaling of channels and gates of pixels")]
    [DataRow(5, "22adc328f1bae54515e0509fcd63e20c65f3b997dc42cc30d1fe49348f79a094", DisplayName = "convolutions of several widths")]
    [DataRow(6, "c46988d66f57a0f286aed62e676a7a9f0595938793fe7355806805051cc26072", DisplayName = "levels of activations")]
    [DataRow(8, "e40f3d4e619bc346f3d8ed6647b6f8c74039e0a6e5d2df480f592b825fbd9c82", DisplayName = "thresholds that follow the image")]
    public void WritingNodesOfAVersionGivesTheFileThatWasPublished(int version, string checksum)
    {
        byte[] file = NetworkFileWriter.Write(EveryNodeNetwork.Create(version), "golden");
        Assert.AreEqual(version, file[NetworkFileLayout.VersionOffset]);
        Assert.AreEqual(checksum, Convert.ToHexStringLower(file.AsSpan(^32..)));
    }

    /// <summary>Version 7 added the exposure.</summary>
    [TestMethod]
    public void WritingAnExposureGivesTheSameFileAlways()
    {
        byte[] file = NetworkFileWriter.Write(EveryNodeNetwork.Create(version: 6).WithExposure(ImageExposure.Of(102)), "golden");
        Assert.AreEqual(7, file[NetworkFileLayout.VersionOffset]);
        Assert.AreEqual("805b05446cbceabac5c4bc1384056dd6ba9519c3ab6086dcaee23ef7268b0e56", Convert.ToHexStringLower(file.AsSpan(^32..)));
        Assert.AreEqual(102, DenseNetwork.FromBytes(file).Exposure.Mean);
    }

    [TestMethod]
    public void ANetworkIsWrittenAsTheOldestVersionThatHasItsNodes() => Assert.AreEqual(1, Golden[NetworkFileLayout.VersionOffset]);
}
