using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Systematic damage under a right checksum: a network comes out, or a <see cref="NetworkFileException"/>, never anything else.</summary>
[TestClass]
public sealed partial class NetworkFileFuzzTests
{
    private readonly byte[] _file = EveryNodeNetwork.Create().ToBytes();

    [TestMethod]
    public void EveryByteChangedInSeveralWays()
    {
        int read = 0;
        for (int at = 0; at < _file.Length - NetworkBytes.ChecksumLength; at++)
        {
            foreach (int change in (int[])[0x01, 0x02, 0x10, 0x80, 0xFF])
            {
                byte[] damaged = [.. _file];
                damaged[at] ^= (byte)change;
                read += IsRead(NetworkBytes.Seal(damaged)) ? 1 : 0;
            }
        }

        Assert.IsGreaterThan(0, read, "some changes, of a weight or a letter of a name, leave a network");
    }

    [TestMethod]
    public void EveryNumberOfTheHeaderReplaced()
    {
        string header = NetworkBytes.Header(_file);
        byte[] tensors = NetworkBytes.Tensors(_file);
        foreach (Match match in NumberPattern().Matches(header))
        {
            foreach (string value in (string[])["0", "-1", "1", "5", "64", "65536", "2147483647", "4294967297", "1e9", "1e999", "null", "\"\"", "[]", "{}", "true"])
            {
                string damaged = string.Concat(header.AsSpan(0, match.Index), value, header.AsSpan(match.Index + match.Length));
                IsRead(NetworkBytes.Join(damaged, tensors));
            }
        }
    }

    [TestMethod]
    public void EveryPartOfTheHeaderLeftOut()
    {
        string header = NetworkBytes.Header(_file);
        byte[] tensors = NetworkBytes.Tensors(_file);
        foreach (int length in (int[])[1, 4, 20, 100])
        {
            for (int at = 0; at + length <= header.Length; at += length)
            {
                IsRead(NetworkBytes.Join(header.Remove(at, length), tensors));
            }
        }
    }

    [TestMethod]
    public void EveryTextOfTheHeaderSwappedWithTheNext()
    {
        string header = NetworkBytes.Header(_file);
        byte[] tensors = NetworkBytes.Tensors(_file);
        MatchCollection texts = TextPattern().Matches(header);
        for (int i = 0; i + 1 < texts.Count; i++)
        {
            (Match a, Match b) = (texts[i], texts[i + 1]);
            string damaged = header[..a.Index] + b.Value + header[(a.Index + a.Length)..b.Index] + a.Value + header[(b.Index + b.Length)..];
            IsRead(NetworkBytes.Join(damaged, tensors));
        }
    }

    // What is read must also be safe for the readers of the graph.
    private static bool IsRead(byte[] file)
    {
        DenseNetwork network;
        try
        {
            network = DenseNetwork.FromBytes(file);
        }
        catch (NetworkFileException)
        {
            return false;
        }

        CostModel.Measure(network.Graph, 64, 64);
        DenseNetwork.FromBytes(network.ToBytes());
        try
        {
            network.Freeze();
        }
        catch (GraphException)
        {
            // A negative variance, or a product beyond the largest float.
        }

        return true;
    }

    [GeneratedRegex(@"(?<=[\[,:])\d+")]
    private static partial Regex NumberPattern();

    [GeneratedRegex("\"[^\"\\\\]*\"")]
    private static partial Regex TextPattern();
}
