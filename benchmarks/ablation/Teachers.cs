namespace Ablation;

/// <summary>The float twins that distilled rows learn from: one file for each seed.</summary>
internal static class Teachers
{
    /// <summary>The file of a seed's twin.</summary>
    public static string File(string folder, long seed) => Path.Combine(folder, $"twin-{seed}.mlbn");

    /// <summary>What a row lacks that comes to learn from a teacher before there is one; null if none does.</summary>
    public static string? Missing(Variant[] rows, long[] seeds, string? folder)
    {
        Variant? early = rows.TakeWhile(row => row != Methods.FloatTwin || folder is null).FirstOrDefault(row => row.Distills);
        return early is null || (folder is not null && seeds.All(seed => System.IO.File.Exists(File(folder, seed))))
            ? null
            : $"'{early.Name}': rows that learn from a teacher need --teachers FOLDER, and the row '{Methods.FloatTwin.Name}' before them (or its file there).";
    }
}
