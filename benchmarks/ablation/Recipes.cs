using Microsoft.ML.Binary;

namespace Ablation;

/// <summary>Rows that vary how the network is trained.</summary>
internal static class Recipes
{
    public static Variant[] All { get; } =
    [
        new("lr 1e-3", Recipe: o => o with { LearningRate = 1e-3f }),
        new("lr 2e-3", Recipe: o => o with { LearningRate = 2e-3f }),
        new("lr 4e-3", Recipe: o => o with { LearningRate = 4e-3f }),
        new("lr 16e-3", Recipe: o => o with { LearningRate = 16e-3f }),
        new("ema 0.99", Recipe: o => o with { AverageDecay = 0.99f }),
        new("ema 0", Recipe: o => o with { AverageDecay = 0 }),
        new("decay 0", Recipe: o => o with { WeightDecay = 0 }),
        new("decay 5e-2", Recipe: o => o with { WeightDecay = 5e-2f }),
        new("equal weights", Loss: o => o with { ClassWeights = RoadData.EqualWeights }),
        new("batch 4", Recipe: o => o with { BatchSize = 4 }),
        new("crop 160x120", Recipe: o => o with { CropWidth = 160, CropHeight = 120 }),
        new("scale 0.5-2", Recipe: o => o with { Augmentation = o.Augmentation with { MinScale = 0.5f, MaxScale = 2 } }),
        new("scale 0.8-1.25", Recipe: o => o with { Augmentation = o.Augmentation with { MinScale = 0.8f, MaxScale = 1.25f } }),
        new("photometric 0", Recipe: o => o with { Augmentation = o.Augmentation with { Contrast = 0, Color = 0, Gamma = 0, Blur = 0, Noise = 0 } }),
        new("photometric strong", Recipe: o => o with { Augmentation = o.Augmentation with { Contrast = 0.5f, Color = 0.3f, Gamma = 1, Blur = 1, Noise = 12 } }),
        new("photometric weak", Recipe: o => o with { Augmentation = o.Augmentation with { Contrast = 0.3f, Color = 0.15f, Gamma = 0.3f, Blur = 0, Noise = 0 } }),
        new("photometric half", Recipe: o => o with { Augmentation = o.Augmentation.WithPhotometricStrength(0.5f) }),
        new("float twin, lr 1e-3", n => n with { Precision = Precision.Float }, o => o with { LearningRate = 1e-3f }),
        new("float twin, lr 2e-3", n => n with { Precision = Precision.Float }, o => o with { LearningRate = 2e-3f }),
        new("float twin, lr 4e-3", n => n with { Precision = Precision.Float }, o => o with { LearningRate = 4e-3f }),
        new("without soft IoU", Loss: o => o with { SoftIoUWeight = 0 }),
        new("soft IoU 1", Loss: o => o with { SoftIoUWeight = 1 }),
        new("soft IoU 1, equal weights", Loss: o => o with { SoftIoUWeight = 1, ClassWeights = RoadData.EqualWeights }),
        new("soft IoU 3, equal weights", Loss: o => o with { SoftIoUWeight = 3, ClassWeights = RoadData.EqualWeights }),
        new("soft F 0.3") { SaliencyLoss = o => o with { SoftFBetaSquared = 0.3f } },
        new("prior correction 1", Loss: o => o with { PriorCorrection = 1 }),
        new("deep supervision 0.4", Recipe: o => o with { DeepSupervision = 0.4f }),
        new("two stages") { HasTwoStages = true },
        new("float twin as teacher") { Distills = true },
        new("float twin as teacher, share 0.9", Recipe: o => o with { DistillationWeight = 0.9f }) { Distills = true },
    ];
}
