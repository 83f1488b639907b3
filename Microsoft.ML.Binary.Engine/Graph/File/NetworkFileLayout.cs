using System.Reflection;
using System.Security.Cryptography;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Layout and bounds of the network file (docs/network-file.md): magic, version, header length, tensor length, JSON header, tensors,
/// SHA-256 of everything before it. Numbers are little-endian.
/// </summary>
internal static class NetworkFileLayout
{
    /// <summary>The newest version. A network is written as the oldest that can hold it, so that older releases read it where they can.</summary>
    public const uint FormatVersion = 8;

    /// <summary>The first version in which there can be a working size.</summary>
    public const uint WorkingSizeVersion = 2;

    /// <summary>The first version in which heads have names, so that there can be several.</summary>
    public const uint HeadsVersion = 4;

    /// <summary>The first version in which convolutions read levels as well as signs.</summary>
    public const uint LevelsVersion = 6;

    /// <summary>The first version in which there can be an exposure.</summary>
    public const uint ExposureVersion = 7;

    public const int VersionOffset = 8, HeaderLengthOffset = 12, TensorLengthOffset = 16, HeaderOffset = 24;

    public const int ChecksumBytes = SHA256.HashSizeInBytes;

    public const int MaxHeaderBytes = 4 << 20;

    // Far above any preset (the largest trainable one takes some 60 MB), and it fits one array.
    public const long MaxFileBytes = 1L << 30;

    /// <summary>Weights of pruned channels in a file: they take no bytes of it, and some of memory all the same.</summary>
    public const long MaxPrunedWeights = 1L << 26;

    /// <summary>As in PNG: a transfer that changes line ends or stops at a control-Z breaks the magic visibly.</summary>
    public static ReadOnlySpan<byte> Magic => [(byte)'M', (byte)'L', (byte)'B', (byte)'N', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>What this library calls itself in the files that it writes.</summary>
    public static string Writer { get; } = "Microsoft.ML.Binary " + (typeof(NetworkFileLayout).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "(no version)");
}
