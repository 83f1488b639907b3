using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Binary.Teacher;

/// <summary>
/// A float network for saliency: ResNet-18 of ImageNet (the MIT-licensed file of Microsoft.ML.DnnImageFeaturizer.ResNet18), its batch normalizations folded, and a feature
/// pyramid above it (Lin et al., CVPR 2017) that ends at a quarter of the input. The first two stages stay as they are.
/// </summary>
internal sealed class SaliencyNetwork : nn.Module<Tensor, Tensor>
{
    private const int Channels = 64;
    private static readonly int[] s_widths = [64, 128, 256, 512];

    // ImageNet's mean color, blue first, as the file was trained with.
    private static readonly float[] s_mean = [103.94f, 116.78f, 123.68f];

    private readonly Tensor _mean;
    private readonly ModuleList<Conv2d> _encoder = nn.ModuleList<Conv2d>(), _sides = nn.ModuleList<Conv2d>(), _merges = nn.ModuleList<Conv2d>();
    private readonly Conv2d _context, _last;

    /// <param name="resNet">The file of ResNet-18.</param>
    public SaliencyNetwork(string resNet) : base(nameof(SaliencyNetwork))
    {
        _mean = tensor(s_mean).view(1, 3, 1, 1);
        foreach (FoldedConvolution convolution in OnnxFile.ReadConvolutions(resNet))
        {
            bool halves = _encoder.Count == 0 || convolution.Sides[0] == 2 * convolution.Sides[1];
            long side = convolution.Sides[2];
            Conv2d layer = nn.Conv2d(convolution.Sides[1], convolution.Sides[0], side, stride: halves ? 2 : 1, padding: halves ? 0 : side / 2);
            using (no_grad())
            {
                layer.weight.copy_(tensor(convolution.Weights).view(convolution.Sides));
                layer.bias!.copy_(tensor(convolution.Bias));
            }

            _encoder.append(layer);
        }

        foreach (int width in s_widths)
        {
            _sides.append(nn.Conv2d(width, Channels, 1));
            _merges.append(nn.Conv2d(Channels, Channels, 3, padding: 1));
        }

        _context = nn.Conv2d(s_widths[^1], Channels, 1);
        _last = nn.Conv2d(Channels, 1, 1);
        RegisterComponents();
    }

    /// <summary>What is learned of ResNet-18: its last two stages, ten convolutions.</summary>
    public IEnumerable<Parameter> Tuned => _encoder.Skip(10).SelectMany(layer => layer.parameters());

    /// <summary>What is learned from nothing.</summary>
    public IEnumerable<Parameter> Fresh => _sides.Concat(_merges).Append(_context).Append(_last).SelectMany(layer => layer.parameters());

    /// <summary>Logits at the size of the input.</summary>
    /// <param name="input">[image, blue green red, row, column] from 0 to 255; rows and columns are multiples of 32.</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> stages = Stages(input);
        Tensor above = _context.call(stages[^1].mean([2, 3], keepdim: true));
        for (int stage = stages.Count - 1; stage >= 0; stage--)
        {
            Tensor here = _sides[stage].call(stages[stage]);
            here = here + (stage == stages.Count - 1 ? above : Enlarged(above, here.shape[2], here.shape[3]));
            above = _merges[stage].call(here.relu()).relu();
        }

        return Enlarged(_last.call(above), input.shape[2], input.shape[3]).MoveToOuterDisposeScope();
    }

    // The file pads where it halves above and to the left alone, one more than below for the first.
    private List<Tensor> Stages(Tensor input)
    {
        Tensor x = _encoder[0].call(nn.functional.pad(input - _mean, (3, 2, 3, 2))).relu();
        x = nn.functional.max_pool2d(nn.functional.pad(x, (1, 0, 1, 0)), 3, 2);
        List<Tensor> stages = [];
        int next = 1;
        for (int stage = 0; stage < s_widths.Length; stage++)
        {
            Tensor around = x, halved = x;
            if (stage > 0)
            {
                around = _encoder[next++].call(x);
                halved = nn.functional.pad(x, (1, 0, 1, 0));
            }

            x = (_encoder[next + 1].call(_encoder[next].call(halved).relu()) + around).relu();
            x = (_encoder[next + 3].call(_encoder[next + 2].call(x).relu()) + x).relu();
            next += 4;
            stages.Add(stage == 1 ? x.detach() : x);
            x = stages[^1];
        }

        return stages;
    }

    private static Tensor Enlarged(Tensor x, long rows, long columns) =>
        nn.functional.interpolate(x, [rows, columns], mode: InterpolationMode.Bilinear, align_corners: false);
}
