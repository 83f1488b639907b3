using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>A real-valued convolution with zero padding.</summary>
internal sealed class RealConvolutionOperation(Convolution node) : TrainingOperation
{
    private DenseProducts? _products;

    private DenseProducts Products => _products ??= new(node.Geometry, Input, Output);

    public override void Forward(TrainingPass pass) => Products.Forward(pass, node.Weight.Values, node.Bias?.Values);

    public override void Backward(TrainingPass pass)
    {
        Products.Backward(pass, node.Weight.Values, pass.GradientArrayOf(node.Weight));
        if (node.Bias is not null)
        {
            Span<float> gradient = pass.GradientOf(node.Bias);
            for (int c = 0; c < gradient.Length; c++)
            {
                for (int image = 0; image < Output.Images; image++)
                {
                    gradient[c] += TensorPrimitives.Sum<float>(Output.GradientPlane(image, c));
                }
            }
        }
    }
}
