namespace Ablation;

/// <summary>The float twins that distilled rows learn from: one file for each seed, budget and drive left out.</summary>
internal sealed class Teachers(string folder, int steps, string? heldOutDrive)
{
    /// <summary>The file of a seed's twin; its folder exists.</summary>
    public string File(long seed) => Path.Combine(Directory.CreateDirectory(folder).FullName, $"twin-{seed}-{steps}-{heldOutDrive ?? "all"}.mlbn");
}
