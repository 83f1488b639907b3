using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class LevelGradientTests
{
    /// <summary>
    /// The published vectors are of values, level times step; here levels come out. So the gradient of a level is that of the value times the step, and that
    /// of the clip lacks what the step itself contributes: the sum of gradient times level / 3.
    /// </summary>
    [TestMethod]
    public void TheStraightThroughRuleIsThePublishedOne()
    {
        JsonElement pact = OracleVectors.MixedPrecision("pact");
        float[] x = pact.Floats("x"), upstream = pact.Floats("upstream");
        int cases = 0;
        foreach (JsonElement row in pact.GetProperty("cases").EnumerateArray().Where(row => row.GetProperty("bits").GetInt32() == ActivationLevels.Bits))
        {
            float clip = row.GetProperty("clip").GetSingle(), step = clip / ActivationLevels.Highest;
            (float[] level, float[] dx, float shift, float dc) = Run(x, [.. upstream.Select(dy => dy * step)], clip);
            double ofSteps = upstream.Zip(level).Sum(pair => (double)pair.First * pair.Second / ActivationLevels.Highest);
            Assert.AreEqual(row.GetProperty("grad_clip").GetDouble(), dc + ofSteps, 1e-5, $"clip {clip}");
            for (int i = 0; i < x.Length; i++)
            {
                Assert.AreEqual(row.GetProperty("grad_x")[i].GetSingle(), dx[i], 1e-6, $"clip {clip}, x {x[i]:R}");

                // The published margin of 1e-3 moves thresholds by up to that, and keeps the highest level out of reach.
                double scaled = Math.Clamp(x[i], 0, clip) * 3.0 / clip;
                if (scaled == 3 || Math.Abs(scaled - Math.Round(scaled)) > 0.01)
                {
                    Assert.AreEqual(row.GetProperty("q")[i].GetInt32() + (scaled == 3 ? 1 : 0), level[i], $"clip {clip}, x {x[i]:R}");
                }
            }

            Assert.AreEqual(dx.Sum(), shift, 1e-4, "a shift moves every x");
            cases++;
        }

        Assert.IsGreaterThan(0, cases);
    }

    /// <summary>In the middle between thresholds a level follows (x + shift) * 3 / clip, less a half: the rule is its derivative, with the level for that.</summary>
    [TestMethod]
    public void InTheMiddleOfALevelItIsTheDerivativeOfTheValue()
    {
        const float Clip = 4.5f;
        float[] x = [0.75f, 2.25f, 3.75f], dy = [1, -2, 0.5f];
        (float[] level, float[] dx, _, float dc) = Run(x, dy, Clip);
        double clipGradient = 0;
        for (int i = 0; i < x.Length; i++)
        {
            // Central differences of 3 (x - half a step) / clip by x, and by the clip while x keeps its place.
            double Value(double x, double clip) => 3 * (x - Clip / 6) / clip;
            Assert.AreEqual(level[i], Value(x[i], Clip), 1e-6);
            Assert.AreEqual(dy[i] * (Value(x[i] + 0.01, Clip) - Value(x[i] - 0.01, Clip)) / 0.02, dx[i], 1e-5);
            clipGradient += dy[i] * (Value(x[i], Clip + 0.01) - Value(x[i], Clip - 0.01)) / 0.02;
        }

        Assert.AreEqual(clipGradient, dc, 1e-4);
    }

    [TestMethod]
    [DataRow(3, 1, 1)]
    [DataRow(3, 1, 2)]
    [DataRow(3, 2, 1)]
    [DataRow(1, 1, 1)]
    public void AConvolutionOfLevelsComputesWhatTheInterpreterDoes(int kernel, int stride, int dilation)
    {
        ConvolutionGeometry geometry = new(kernel, stride, dilation);
        foreach (LowBitConvolution node in (LowBitConvolution[])
        [
            new BinaryConvolution("conv", [0], geometry, RandomParameter.Latent(2, 6, 5, kernel, kernel)) { ActivationBits = 2 },
            new MixedConvolution("conv", [0], geometry, RandomParameter.Latent(2, 6, 5, kernel, kernel), [8, 0, 1, 4, 2, 8]) { ActivationBits = 2 },
        ])
        {
            GradientCheck check = new(node, [new FeatureType(5, 1, Bits: 2)], 1, 8, 6);
            for (int i = 0; i < check.Inputs[0].Length; i++)
            {
                check.Inputs[0].Data[i] = i * 7 % 11 % 4;
            }

            float[] dx = check.InputGradient(0);
            FeatureMap input = new(5, 8, 6), output = new(6, check.Output.Height, check.Output.Width);
            check.Inputs[0].Data.CopyTo(input.Values, 0);
            CollectionAssert.AreEqual(ReferenceInterpreter.Evaluate(node, [input], output).Values, check.Output.Data, node.GetType().Name);

            // It is linear in its input: one level more shows the gradient.
            for (int i = 0; i < dx.Length; i += 7)
            {
                FeatureMap more = new(5, 8, 6, (float[])input.Values.Clone());
                more.Values[i]++;
                float[] changed = ReferenceInterpreter.Evaluate(node, [more], new(6, check.Output.Height, check.Output.Width)).Values;
                double difference = 0;
                for (int o = 0; o < changed.Length; o++)
                {
                    difference += check.R[o] * ((double)changed[o] - check.Output.Data[o]);
                }

                Assert.AreEqual(difference, dx[i], 1e-3 * Math.Max(1, Math.Abs(difference)), $"{node.GetType().Name}, input {i}");
            }
        }
    }

    private static (float[] Level, float[] Dx, float Shift, float Clip) Run(float[] x, float[] dy, float clip)
    {
        ActivationLevels node = new("n", [0], Parameter.PerChannel("n.shift", 1, 0), Parameter.PerChannel("n.clip", 1, clip));
        TrainingValue input = new(1, 1, 1, x.Length, needsGradient: true), output = new(1, 1, 1, x.Length, needsGradient: true);
        x.CopyTo(input.Data, 0);
        Dictionary<Parameter, float[]> gradients = node.Parameters.ToDictionary(p => p, _ => new float[1]);
        TrainingPass pass = new(1, gradients);
        TrainingOperation operation = TrainingNetwork.Operation(node, [input], output);
        operation.Forward(pass);
        pass.BeginGradient(output);
        dy.CopyTo(output.Gradient!, 0);
        operation.Backward(pass);
        return (output.Data, input.Gradient!, gradients[node.Shift][0], gradients[node.Clip][0]);
    }
}
