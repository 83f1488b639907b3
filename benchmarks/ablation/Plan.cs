namespace Ablation;

/// <summary>Rows and seeds in the order in which they are to run.</summary>
internal sealed record Plan(Variant[] Rows, long[] Seeds)
{
    /// <summary>Finds rows by name; all of them where none is named.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public static Plan Of(Variant[] all, string[] names, long[] seeds) => new(
        Marked(names.Length == 0 ? all : [.. names.Select(name => Variant.Find(all, name))]), seeds);

    private static Variant[] Marked(Variant[] rows) => [.. rows.Select(row => rows.Any(r => r.TrainedAs == row.Name) ? row with { IsTrainedFor = true } : row)];

    /// <summary>What a row lacks that needs another row to run first; null if none does. It is better known before hours of training than after.</summary>
    public string? Missing(Teachers? teachers)
    {
        for (int i = 0; i < Rows.Length; i++)
        {
            Variant[] before = Rows[..i];
            if (Rows[i].TrainedAs is { } source && !before.Any(row => row.Name == source))
            {
                return $"'{Rows[i].Name}' takes the weights of '{source}', which has to run before it.";
            }

            if (Rows[i].Distills && (teachers is null || (!before.Contains(Methods.FloatTwin) && !Seeds.All(seed => File.Exists(teachers.File(seed))))))
            {
                return $"'{Rows[i].Name}': rows that learn from a teacher need --teachers FOLDER, and the row '{Methods.FloatTwin.Name}' before them (or its file there).";
            }
        }

        return null;
    }
}
