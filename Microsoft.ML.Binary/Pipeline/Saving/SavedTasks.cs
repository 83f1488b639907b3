using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary;

/// <summary>
/// How columns of several heads are saved. The columns of a mapping are the members of a class, and those of tasks are not known before there is a network: so one
/// mapping runs the network and packs all that is wanted into one vector, and for each column another takes its part out.
/// </summary>
internal static class SavedTasks
{
    /// <summary>Columns that are not wanted afterwards.</summary>
    public static IEnumerable<string> Helpers(ScoringMap map) =>
    [
        SavedColumns.Wanted, SavedColumns.Packed, SavedColumns.Part, SavedColumns.Height, SavedColumns.Width,
        .. Parts(map).Select(ColumnOf).Distinct(),
    ];

    /// <summary>The stages from image and payload to the columns.</summary>
    public static IEnumerable<IEstimator<ITransformer>> Stages(MLContext context, ScoringMap map)
    {
        ScoredColumn[] parts = Parts(map);
        yield return Constant(SavedColumns.Wanted, [.. parts.SelectMany(part => (byte[])[(byte)part.Head, (byte)part.Needs])]);
        yield return map.ImageSize is null ? new SavedTasksFactory().Mapping(context) : new SavedTasksOfPixelsFactory().Mapping(context);
        for (int i = 0; i < parts.Length; i++)
        {
            yield return Constant(SavedColumns.Part, [(byte)i]);
            yield return parts[i].Value == ScoredValue.Labels ? new SavedTaskLabelsFactory().Mapping(context) : new SavedTaskValuesFactory().Mapping(context);
            yield return context.Transforms.CopyColumns(parts[i].Name, ColumnOf(parts[i]));
        }

        foreach (ScoredColumn size in map.Columns.Where(column => column.Needs == DenseValues.None))
        {
            yield return context.Transforms.CopyColumns(size.Name, SavedColumns.Of(size.Value));
        }

        IEstimator<ITransformer> Constant(string column, byte[] value) => SavedNetwork.Lookup(context, column, new SavedEntry { Key = SavedKey.Network, Value = value });
    }

    private static ScoredColumn[] Parts(ScoringMap map) => [.. map.Columns.Where(column => column.Needs != DenseValues.None)];

    /// <summary>The column that a part is taken out into.</summary>
    private static string ColumnOf(ScoredColumn part) => part.Value == ScoredValue.Labels ? SavedColumns.Labels : SavedColumns.Scores;
}

/// <summary>Runs a network and packs what is wanted: of each part its length in bytes (4 bytes) and its values, least significant byte first.</summary>
internal sealed class SavedTasksScoring
{
    private readonly SavedScoring _scoring = new();

    /// <param name="input">Image and payload.</param>
    /// <param name="wanted">A head and a <see cref="DenseValues"/> for each part.</param>
    /// <param name="buffers">Those of the cursor: one mapping serves all cursors, several at a time.</param>
    /// <param name="output">Gets the parts.</param>
    public void Pack(SavedInput input, ReadOnlySpan<byte> wanted, SavedTaskBuffers buffers, SavedPacked output)
    {
        DensePrediction prediction = _scoring.Score(input, buffers.ValuesOf(wanted));
        long length = 0;
        for (int i = 0; i < wanted.Length; i += 2)
        {
            HeadPrediction head = prediction[wanted[i]];
            length += sizeof(int) + ((DenseValues)wanted[i + 1] == DenseValues.Labels ? head.Labels.Length : (long)sizeof(float) * head.Values.Length);
        }

        if (length > Array.MaxLength)
        {
            throw new ArgumentException($"What is wanted of the image of {prediction.Width}x{prediction.Height} pixels takes {length} bytes; an array holds at most {Array.MaxLength}. Ask for fewer columns, or for classes alone.");
        }

        Span<byte> packed = buffers.Packed((int)length), rest = packed;
        for (int i = 0; i < wanted.Length; i += 2)
        {
            ReadOnlySpan<byte> part = Part(prediction, wanted[i], (DenseValues)wanted[i + 1]);
            BitConverter.TryWriteBytes(rest, part.Length);
            part.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + part.Length)..];
        }

        output.Packed = SavedScoring.Dense<byte>(packed, output.Packed);
        (output.Height, output.Width) = (prediction.Height, prediction.Width);
    }

    /// <summary>One part of what was packed.</summary>
    public static ReadOnlySpan<byte> Unpack(SavedPart input)
    {
        ReadOnlySpan<byte> rest = Dense(input.Packed);
        for (int i = input.Part.GetItemOrDefault(0); i > 0; i--)
        {
            rest = rest[(sizeof(int) + BitConverter.ToInt32(rest))..];
        }

        return rest.Slice(sizeof(int), BitConverter.ToInt32(rest));
    }

    // ML.NET may hand out any vector with few values other than 0 in sparse form.
    public static ReadOnlySpan<byte> Dense(VBuffer<byte> values) => values.IsDense ? values.GetValues() : values.DenseValues().ToArray();

    private static ReadOnlySpan<byte> Part(DensePrediction prediction, int head, DenseValues values) =>
        values == DenseValues.Labels ? prediction[head].Labels : MemoryMarshal.AsBytes(prediction[head].Values);
}

/// <summary>What the rows of a cursor use again.</summary>
internal sealed class SavedTaskBuffers
{
    private DenseValues[] _values = [];
    private byte[] _packed = [];

    /// <summary>What is asked for of each head.</summary>
    /// <param name="wanted">A head and a <see cref="DenseValues"/> for each part.</param>
    public ReadOnlySpan<DenseValues> ValuesOf(ReadOnlySpan<byte> wanted)
    {
        int heads = 0;
        for (int i = 0; i < wanted.Length; i += 2)
        {
            heads = Math.Max(heads, wanted[i] + 1);
        }

        Array.Resize(ref _values, heads);
        Array.Clear(_values);
        for (int i = 0; i < wanted.Length; i += 2)
        {
            _values[wanted[i]] |= (DenseValues)wanted[i + 1];
        }

        return _values;
    }

    /// <summary>Room for so many bytes.</summary>
    public Span<byte> Packed(int length)
    {
        Array.Resize(ref _packed, length);
        return _packed;
    }
}

/// <summary>An image of any size, and what is wanted of it.</summary>
internal sealed class SavedTasksInput : SavedImageInput
{
    [ColumnName(SavedColumns.Wanted)]
    public VBuffer<byte> Wanted { get; set; }

    internal SavedTaskBuffers Buffers { get; } = new();
}

/// <summary>The pixels of an image of known size, and what is wanted of it.</summary>
internal sealed class SavedTasksPixelInput : SavedPixelInput
{
    [ColumnName(SavedColumns.Wanted)]
    public VBuffer<byte> Wanted { get; set; }

    internal SavedTaskBuffers Buffers { get; } = new();
}

internal sealed class SavedPacked
{
    [ColumnName(SavedColumns.Packed)]
    public VBuffer<byte> Packed { get; set; }

    [ColumnName(SavedColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedColumns.Width)]
    public int Width { get; set; }
}

/// <summary>What was packed, and which part of it is meant.</summary>
internal sealed class SavedPart
{
    [ColumnName(SavedColumns.Packed)]
    public VBuffer<byte> Packed { get; set; }

    [ColumnName(SavedColumns.Part)]
    public VBuffer<byte> Part { get; set; }
}

internal sealed class SavedTaskLabels
{
    [ColumnName(SavedColumns.Labels)]
    public VBuffer<byte> Labels { get; set; }
}

internal sealed class SavedTaskValues
{
    [ColumnName(SavedColumns.Scores)]
    public VBuffer<float> Values { get; set; }
}

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Tasks.1")]
internal sealed class SavedTasksFactory() : SavedFactory<SavedTasksInput, SavedPacked>(() =>
{
    SavedTasksScoring scoring = new();
    return (input, output) => scoring.Pack(input, SavedTasksScoring.Dense(input.Wanted), input.Buffers, output);
});

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.TasksOfPixels.1")]
internal sealed class SavedTasksOfPixelsFactory() : SavedFactory<SavedTasksPixelInput, SavedPacked>(() =>
{
    SavedTasksScoring scoring = new();
    return (input, output) => scoring.Pack(input, SavedTasksScoring.Dense(input.Wanted), input.Buffers, output);
});

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.TaskLabels.1")]
internal sealed class SavedTaskLabelsFactory() : SavedFactory<SavedPart, SavedTaskLabels>(
    () => (input, output) => output.Labels = SavedScoring.Dense(SavedTasksScoring.Unpack(input), output.Labels));

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.TaskValues.1")]
internal sealed class SavedTaskValuesFactory() : SavedFactory<SavedPart, SavedTaskValues>(
    () => (input, output) => output.Values = SavedScoring.Dense(MemoryMarshal.Cast<byte, float>(SavedTasksScoring.Unpack(input)), output.Values));
