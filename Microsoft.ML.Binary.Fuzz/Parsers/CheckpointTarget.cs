using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Checkpoints, with right checksums too.</summary>
internal sealed class CheckpointTarget : Target
{
    private const int HeaderOffset = 12;

    private static readonly string[] s_values = ["0", "-1", "1e300", "-1e300", "1e-320", "1e999", "2147483647", "2147483648", "9e15", "null", "\"\"", "[]", "{}", "true", "\"key\"", "\"other\""];

    private const string Structure = "structure";

    private static readonly ImmutableArray<int> s_sizes = [3, 0, 70];

    public override string Name => "checkpoint";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Seed(new("key", 12, 3.5, 0.25)), Seed(new("key", 0, 0, 0) { Loss = 0.5, Budget = "30 minutes" }),
        Seed(new("key", 7, 1e6, 1, new(5, 0.75, 2)) { Loss = 0.1, Budget = "7 steps", Structure = Structure, EarlierSteps = 3 }),
    ];

    public override byte[] Forge(ref RandomStream random, byte[] file)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(HeaderOffset - 4));
        string header = Encoding.UTF8.GetString(file.AsSpan(HeaderOffset, length));
        byte[] tensors = file[(HeaderOffset + length)..^SHA256.HashSizeInBytes];
        header = JsonMutation.Apply(ref random, header, s_values);
        if (random.NextInt(4) == 0)
        {
            Array.Resize(ref tensors, random.NextInt(tensors.Length + 9));
        }

        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] forged = [.. file[..(HeaderOffset - 4)], 0, 0, 0, 0, .. text, .. tensors];
        BinaryPrimitives.WriteInt32LittleEndian(forged.AsSpan(HeaderOffset - 4), random.NextInt(20) == 0 ? random.NextInt(int.MaxValue) : text.Length);
        return [.. forged, .. SHA256.HashData(forged)];
    }

    public override bool Read(byte[] file, bool thoroughly)
    {
        Expect(Filled(tensors => TrainingCheckpoint.ParseStart(file, "fuzzed", Structure, tensors)) is not { Step: < 0 }, "A start with fewer than no steps.");
        if (Filled(tensors => TrainingCheckpoint.Parse(file, "fuzzed", "key", tensors)) is not { } state)
        {
            return false;
        }

        // What a trainer does with it.
        BudgetClock clock = new(TrainingBudget.OfSteps(10), 5, 2, state.Step, TimeSpan.FromSeconds(state.ElapsedSeconds));
        _ = (clock.IsExceeded(state.Step), clock.Fraction(state.Step), clock.TotalSteps(state.Step), clock.Remaining(state.Step));
        BudgetClock timed = new(TrainingBudget.OfDuration(TimeSpan.FromHours(1)), 5, 2, state.Step, TimeSpan.FromSeconds(state.ElapsedSeconds));
        _ = (timed.IsExceeded(state.Step), timed.Fraction(state.Step), timed.TotalSteps(state.Step), timed.Remaining(state.Step));
        return true;
    }

    /// <summary>What was read, or null of a file that is refused, which fills no tensor.</summary>
    private static T? Filled<T>(Func<ImmutableArray<float[]>, T> read)
        where T : class
    {
        float[][] tensors = [.. s_sizes.Select(size => new float[size])];
        T? filled = Try(() => read([.. tensors]));
        Expect(filled is not null || !tensors.Any(tensor => tensor.Any(value => value != 0)), "Refused, and yet tensors were filled.");
        return filled;
    }

    private static byte[] Seed(CheckpointState state)
    {
        using MemoryStream stream = new();
        TrainingCheckpoint.Write(stream, state, s_sizes.Select(size => Enumerable.Range(1, size).Select(i => (float)i).ToArray()));
        return stream.ToArray();
    }
}
