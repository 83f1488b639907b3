using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Levels of two bits with PACT's straight-through rule (arXiv 1805.06085). For the value y = level * clip / 3 that is dy/dx = 1 where x + shift lies
/// between 0 and the clip, and dy/dclip = 1 where it lies beyond. Here levels are handed on, not values: level = 3 y / clip, whose derivatives by the chain
/// rule are 3 / clip inside, and by the clip -level / clip inside and 0 beyond.
/// </summary>
internal sealed class ActivationLevelsOperation(ActivationLevels node) : TrainingOperation
{
    public override void Forward(TrainingPass pass)
    {
        float[] thresholds = node.Thresholds();
        pass.For(Input.Channels, c =>
        {
            ReadOnlySpan<float> own = thresholds.AsSpan(ActivationLevels.Highest * c, ActivationLevels.Highest);
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> x = Input.Plane(image, c);
                Span<float> level = Output.Plane(image, c);
                for (int i = 0; i < level.Length; i++)
                {
                    level[i] = LevelPacking.LevelOf(x[i], own);
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = Input.NeedsGradient && pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            float clip = node.ClipOf(c), shift = node.Shift.Values[c], slope = ActivationLevels.Highest / clip;
            double shiftGradient = 0, clipGradient = 0;
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> x = Input.Plane(image, c), dy = Output.GradientPlane(image, c), level = Output.Plane(image, c);
                Span<float> dx = Input.NeedsGradient ? Input.GradientPlane(image, c) : [];
                for (int i = 0; i < dy.Length; i++)
                {
                    float t = x[i] + shift;
                    bool isInside = t > 0 && t < clip;
                    float gradient = isInside ? dy[i] * slope : 0;
                    shiftGradient += gradient;
                    clipGradient -= isInside ? dy[i] * level[i] : 0;
                    if (!dx.IsEmpty)
                    {
                        dx[i] = accumulate ? dx[i] + gradient : gradient;
                    }
                }
            }

            AddTo(pass.GradientOf(node.Shift), shiftGradient);
            AddTo(pass.GradientOf(node.Clip), clipGradient / clip);

            void AddTo(Span<float> gradient, double value)
            {
                if (!gradient.IsEmpty)
                {
                    gradient[c] += (float)value;
                }
            }
        });
    }
}
