using System.Runtime.Versioning;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Files;

/// <summary>Files that are there and may not be read.</summary>
[TestClass]
public sealed class FileReadingTests
{
    [TestMethod]
    public void ADenialByTheSystem_IsAnErrorOfReading()
    {
        UnauthorizedAccessException denial = new();
        IOException error = Assert.ThrowsExactly<IOException>(() => FileReading.Open<int>("a.png", () => throw denial));
        Assert.AreEqual("a.png: the file cannot be read. Change its permissions.", error.Message);
        Assert.AreSame(denial, error.InnerException);
        Assert.AreEqual(7, FileReading.Open("a.png", () => 7));
    }

    /// <summary>The system denies that too, to everybody.</summary>
    [TestMethod]
    public void AFolderInPlaceOfATable()
    {
        using TemporaryFolder folder = new();
        foreach (Action read in (Action[])[() => LatencyTable.Load(folder.Path), () => WorkloadTable.Load(folder.Path)])
        {
            StringAssert.Contains(Assert.ThrowsExactly<IOException>(read).Message, $"{folder.Path}: this is a folder, not a file.");
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void AFileWithoutPermission()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("File permissions do not bind this user.");
        }

        using TemporaryFolder folder = new();
        string path = folder.File("a.png");
        new RgbImage(3, 2).SavePng(path);
        File.SetUnixFileMode(path, UnixFileMode.None);
        Action[] readings =
        [
            () => ImageReader.Load(path), () => ImageReader.ReadInfo(path), () => ImageReader.ReadRows(path, info => row => { }), () => RgbImage.Load(path),
            () => MaskReader.ReadClassIndices(path), () => MaskReader.ReadGray(path), () => ImageManifest.Open(path), () => PngNote.Read(path),
            () => DenseNetwork.Load(path), () => TrainingCheckpoint.Read(path, "", []), () => LatencyTable.Load(path), () => WidthTable.Load(path), () => WorkloadTable.Load(path), () => Accelerator.Load(path),
            () => ModelFile.Load(path), () => ModelFile.CheckZip(path), () => SegmentationPredictor.Load(path),
        ];
        foreach (Action read in readings)
        {
            StringAssert.StartsWith(Assert.ThrowsExactly<IOException>(read).Message, $"{path}: the file cannot be read.");
        }
    }
}
