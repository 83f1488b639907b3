using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Training;

/// <summary>Where a run stands, beside its tensors.</summary>
/// <param name="Key">What must be equal for a resumed run to be the same run: graph, task, seed, batch and so on.</param>
/// <param name="Step">Steps done.</param>
/// <param name="ElapsedSeconds">Training time so far.</param>
/// <param name="Fraction">Part of the budget used up.</param>
/// <param name="Best">The best network on what is held out, if anything is.</param>
internal sealed record CheckpointState(string Key, int Step, double ElapsedSeconds, double Fraction, BestState? Best = null)
{
    /// <summary>Mean loss of the last steps; null in files of earlier releases.</summary>
    public double? Loss { get; init; }

    /// <summary>The sum of the losses since the last report; 0 in files of earlier releases.</summary>
    public double LossSum { get; init; }

    /// <summary>How many losses that are.</summary>
    public int LossCount { get; init; }

    /// <summary>The budget of the run; null in files of earlier releases.</summary>
    public string? Budget { get; init; }

    /// <summary>The nodes of the network that was trained (<see cref="TrainingKey.Structure"/>); null in files of earlier releases.</summary>
    public string? Structure { get; init; }

    /// <summary>Steps of the runs that this one started from, which its moments have behind them too.</summary>
    public int EarlierSteps { get; init; }
}

/// <summary>The run whose checkpoint another one starts from.</summary>
/// <param name="Step">Its steps, and those of the runs before it.</param>
/// <param name="Digest">Tells checkpoints apart.</param>
internal sealed record RestartState(int Step, string Digest);

[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;

/// <summary>
/// Writes and reads the state of a run: 8 bytes of magic, the length of a JSON header, the header, the tensors as little-endian floats,
/// and the SHA-256 of all that. Written whole or not at all.
/// </summary>
internal static class TrainingCheckpoint
{
    // What is done with a checkpoint, for messages.
    private const string Resume = "resume from", Start = "start from";

    private const string Separator = ", ";

    private const int MaxHeader = 1 << 20;

    // Some thirty years.
    private const double MaxSeconds = 1e9;

    private static ReadOnlySpan<byte> Magic => "MLBCKPT\u0001"u8;

    public static void Write(string path, CheckpointState state, IEnumerable<float[]> tensors) => AtomicFile.Write(path, stream => Write(stream, state, tensors));

    public static void Write(Stream stream, CheckpointState state, IEnumerable<float[]> tensors)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(state, CheckpointJson.Default.CheckpointState);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        Append(Magic);
        Append(length);
        Append(header);
        foreach (float[] tensor in tensors)
        {
            Append(MemoryMarshal.AsBytes(tensor.AsSpan()));
        }

        stream.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    /// <summary>Reads a checkpoint of the same run; fills the tensors only once everything has been verified.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, damaged, or of a run with other data or options.</exception>
    public static CheckpointState Read(string path, string key, ImmutableArray<float[]> tensors) => Parse(Bytes(path, Resume), path, key, tensors);

    /// <summary>The same from the bytes of a file; the path is for messages.</summary>
    public static CheckpointState Parse(byte[] bytes, string path, string key, ImmutableArray<float[]> tensors)
    {
        (CheckpointState state, int start) = Verify(bytes, path, Resume);
        Expect(state.Key == key, Resume, path, $"it belongs to another run, {Difference(state.Key, key)}. Use the same network, data and options, or start anew");
        Expect(Floats(bytes, start) == tensors.Sum(tensor => (long)tensor.Length), Resume, path, "its tensors do not fit the network");
        Fill(bytes, start, tensors);
        return state;
    }

    /// <summary>
    /// Reads the first tensors of the checkpoint of another run of a network of the same structure: what that run learned, and not what it was told. Fills them only once
    /// everything has been verified.
    /// </summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="structure">The nodes of the network that is trained.</param>
    /// <param name="tensors">What is read.</param>
    /// <exception cref="InvalidDataException">It is no checkpoint, damaged, or of a network of another structure.</exception>
    public static RestartState ReadStart(string path, string structure, ImmutableArray<float[]> tensors) => ParseStart(Bytes(path, Start), path, structure, tensors);

    /// <summary>The same from the bytes of a file; the path is for messages.</summary>
    public static RestartState ParseStart(byte[] bytes, string path, string structure, ImmutableArray<float[]> tensors)
    {
        (CheckpointState state, int start) = Verify(bytes, path, Start);
        Expect(state.Structure is not null, Start, path, "it is of an earlier version, which did not write of which network it is; resume it first, then start from the checkpoint that this writes");
        Expect(
            state.Structure == structure, Start, path,
            $"it is of a network of another structure; give the network that its run started with (and its {nameof(TrainingOptions.DeepSupervision)}, if it had any)");
        Expect(Floats(bytes, start) >= tensors.Sum(tensor => (long)tensor.Length), Start, path, "its tensors do not fit the network");
        Fill(bytes, start, tensors);
        return new((int)Math.Min((long)state.EarlierSteps + state.Step, int.MaxValue / 2), Convert.ToHexStringLower(bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes, 8)));
    }

    // Keys are lists of settings; of those that both have, nothing needs to be said.
    private static string Difference(string other, string key)
    {
        // Tasks repeat settings, so these are held against each other place by place where they can be.
        string[] others = other.Split(Separator), own = key.Split(Separator);
        (string Other, string Own)[] places = others.Length == own.Length ? [.. others.Zip(own).Where(pair => pair.First != pair.Second)] : [];
        string there = string.Join(Separator, places.Length > 0 ? places.Select(pair => pair.Other) : others.Except(own));
        string here = string.Join(Separator, places.Length > 0 ? places.Select(pair => pair.Own) : own.Except(others));
        return there.Length + here.Length == 0 ? "of settings in another order" : $"which has {(there.Length > 0 ? there : "nothing more")} where this one has {(here.Length > 0 ? here : "nothing more")}";
    }

    /// <summary>Whether a file is a checkpoint, whole or not.</summary>
    public static bool IsOne(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream file = FileReading.Open(path, () => File.OpenRead(path));
        Span<byte> start = stackalloc byte[Magic.Length];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(Magic);
    }

    private static byte[] Bytes(string path, string verb) => File.Exists(path)
        ? FileReading.Open(path, () => File.ReadAllBytes(path))
        : throw new FileNotFoundException($"There is no checkpoint '{path}' to {verb}. Leave it out to start anew, or name the right file.", path);

    /// <summary>The header of a whole and undamaged checkpoint, and where its tensors start.</summary>
    private static (CheckpointState State, int Start) Verify(byte[] bytes, string path, string verb)
    {
        int prefix = Magic.Length + 4, suffix = SHA256.HashSizeInBytes;
        Expect(bytes.Length >= prefix + suffix && bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic), verb, path, "it is not a training checkpoint");
        ReadOnlySpan<byte> body = bytes.AsSpan(0, bytes.Length - suffix);
        Expect(SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(body.Length)), verb, path, $"it is truncated or damaged; {verb} an older one");
        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length));
        Expect(headerLength is > 0 and <= MaxHeader && prefix + headerLength <= body.Length, verb, path, "its header is damaged");
        CheckpointState? state = Header(body.Slice(prefix, headerLength));
        Expect(state is { Key: not null, Step: >= 0 and < int.MaxValue, EarlierSteps: >= 0, LossCount: >= 0, ElapsedSeconds: >= 0 and <= MaxSeconds }, verb, path, "its header is damaged");
        Expect((body.Length - prefix - headerLength) % sizeof(float) == 0, verb, path, "its tensors do not fit the network");
        return (state, prefix + headerLength);
    }

    private static CheckpointState? Header(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointState);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long Floats(byte[] bytes, int start) => (bytes.Length - SHA256.HashSizeInBytes - start) / sizeof(float);

    private static void Fill(byte[] bytes, int start, ImmutableArray<float[]> tensors)
    {
        ReadOnlySpan<byte> data = bytes.AsSpan(start);
        foreach (float[] tensor in tensors)
        {
            MemoryMarshal.Cast<byte, float>(data[..(sizeof(float) * tensor.Length)]).CopyTo(tensor);
            data = data[(sizeof(float) * tensor.Length)..];
        }
    }

    private static void Expect([DoesNotReturnIf(false)] bool condition, string verb, string path, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException($"Cannot {verb} '{path}': {problem}.");
        }
    }
}
