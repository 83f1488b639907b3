namespace Ablation;

/// <summary>The figures of one training run.</summary>
/// <param name="Name">The row.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Steps">Steps taken, of all stages.</param>
/// <param name="Loss">Mean loss at the end; null for weights that another row trained.</param>
/// <param name="Val">mIoU on val.</param>
/// <param name="Drive">The drive left out of training, if there was one.</param>
/// <param name="HeldOut">mIoU on that drive.</param>
/// <param name="Minutes">Training time; null for weights that another row trained.</param>
internal sealed record RunResult(string Name, long Seed, int Steps, double? Loss, double Val, string? Drive, double? HeldOut, double? Minutes);
