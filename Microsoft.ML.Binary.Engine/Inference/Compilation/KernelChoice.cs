using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>
/// The one place that chooses by which kernel an operation is done, and in which form the kernel finds weights and signs; every operation for itself.
/// Which instruction set the kernels are of is the choice of <see cref="KernelSet.For"/>.
/// </summary>
internal static class KernelChoice
{
    /// <summary>Chooses for all operations, and packs their weights.</summary>
    /// <exception cref="GraphException">There is no kernel for a convolution.</exception>
    public static IEnumerable<FusedOperation> Choose(FusedOperation[] operations, KernelSet kernels)
    {
        if (kernels.HasPlanesOfSix)
        {
            PackSixWherePossible(operations);
        }

        return operations.Select(operation => operation.Root switch
        {
            ConvolveSigns root => operation with { Root = root with { Kernel = KernelOf(root, kernels) } },
            ConvolveReals root => operation with { Root = WithKernel(root) },
            Stem root => operation with
            {
                Root = root with
                {
                    First = root.First with { Convolution = WithKernel(root.First.Convolution) },
                    Depthwise = root.Depthwise with { Convolution = WithKernel(root.Depthwise.Convolution) },
                    Pointwise = WithKernel(root.Pointwise),
                },
            },
            _ => operation,
        });

        static ConvolveReals WithKernel(ConvolveReals root) => root with { Kernel = KernelOf(root.Node) };
    }

    /// <summary>Whether attention reads queries and keys as signs, as they are packed: those of a head must fill whole planes.</summary>
    public static bool PacksKeys(ReducedAttention node, FeatureType queries) => queries.IsSign && queries.Channels / node.Heads % 4 == 0;

    private static BinaryKernel KernelOf(ConvolveSigns root, KernelSet kernels)
    {
        if (root.Node is not (PackedBinaryConvolution or PackedMixedConvolution))
        {
            throw new GraphException(root.Node.Name, $"there is no kernel for the weights of {root.Node.GetType().Name}");
        }

        int inputs = root.Node.ReadChannels, taps = root.Node.Geometry.Kernel * root.Node.Geometry.Kernel;
        if ((long)inputs * taps > NibbleDot.MaxProducts)
        {
            throw new GraphException(
                root.Node.Name, $"{inputs} channels times {taps} taps are more one-bit products than compiled inference counts ({NibbleDot.MaxProducts})");
        }

        if (root.Node is PackedBinaryConvolution { Weight: var signs, ActivationBits: 1 })
        {
            return KernelOf(root, signs.Bits, signs.Outputs, inputs, taps, kernels);
        }

        QuantizedTensor levels = root.Node.Levels;
        if (root.Node.ActivationBits > 1)
        {
            return OfLevels(MixedKernelOf(root, levels, kernels), root.Node, levels);
        }

        if (levels.Bits.All(bits => bits == 1))
        {
            return KernelOf(root, levels.Pack(), levels.Outputs, inputs, taps, kernels);
        }

        if (levels.Bits.All(bits => bits <= 1) && inputs * taps % 2 == 0)
        {
            WeightRows kept = WeightRows.OfBits(levels);
            return new PrunedKernel(KernelOf(root, kept.PackBits(levels), kept.Rows.Count, inputs, taps, kernels), kept, inputs * taps);
        }

        return MixedKernelOf(root, levels, kernels);
    }

    private static MixedKernel OfLevels(MixedKernel kernel, LowBitConvolution node, QuantizedTensor weight)
    {
        int bits = weight.Bits.Max();
        return weight.Products <= MixedKernel.MostLevelProducts(bits)
            ? kernel with { LevelOffsets = MixedKernel.LevelOffsetsOf(weight) }
            : throw new GraphException(
                node.Name, $"{weight.Products} products of levels and weights of {bits} bits are more than compiled inference adds up exactly ({MixedKernel.MostLevelProducts(bits)})");
    }

    private static MixedKernel MixedKernelOf(ConvolveSigns root, QuantizedTensor levels, KernelSet kernels)
    {
        int inputs = levels.Inputs, taps = levels.Kernel * levels.Kernel;
        int steps = NibbleWeights.Steps(inputs, taps);
        if (!root.ReadsSmallMap && root.Source.ChannelsPerPlane == 4 && steps <= DigitTables.MaxSteps)
        {
            WeightRows digits = WeightRows.OfDigits(levels, steps);
            CheckRows(root.Node, digits, products: 4 * steps);
            return new MixedKernel(new WindowKernel<ushort>(kernels.SumDigits, digits.PackDigits(levels), root.Geometry, inputs * taps), digits, inputs * taps);
        }

        WeightRows rows = WeightRows.OfBits(levels);
        CheckRows(root.Node, rows, inputs * taps);
        return new MixedKernel(KernelOf(root, rows.PackBits(levels), rows.Rows.Count, inputs, taps, kernels), rows, inputs * taps);
    }

    private static void CheckRows(Node node, WeightRows rows, int products)
    {
        long signs = (long)rows.Rows.Count * products;
        if (signs > int.MaxValue)
        {
            throw new GraphException(node.Name, $"its weights are {signs} bits, more than compiled inference packs ({int.MaxValue})");
        }
    }

    private static BinaryKernel KernelOf(ConvolveSigns root, ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, KernelSet kernels)
    {
        int products = inputs * taps;
        if (root.ReadsSmallMap)
        {
            ushort[] packed = new ushort[EnlargedWeights.Length(outputs, inputs)];
            EnlargedWeights.PackBits(bits, outputs, inputs, packed);
            return new EnlargedKernel(kernels.CountMismatches, packed, products);
        }

        if (root.Source.ChannelsPerPlane == VbmiWeights.Channels)
        {
            ushort[] packed = new ushort[VbmiWeights.Length(outputs, inputs, taps)];
            VbmiWeights.PackBits(bits, outputs, inputs, taps, packed);
            return new WindowKernel<ushort>(kernels.CountMismatchesOfSix, packed, root.Geometry, products);
        }

        byte[] nibbles = new byte[NibbleWeights.Length(outputs, inputs, taps)];
        NibbleWeights.PackBits(bits, outputs, inputs, taps, nibbles);
        return new WindowKernel<byte>(kernels.CountMismatches, nibbles, root.Geometry, products);
    }

    private static RealKernel KernelOf(Convolution node)
    {
        bool isDepthwise = node.Groups > 1;
        int outputs = node.Weight.Shape[0];
        float[] bias = new float[NibbleWeights.Groups(outputs) * FloatConvolution.Outputs];
        node.Bias?.Values.CopyTo(bias, 0);
        return new(isDepthwise, isDepthwise ? node.Weight.Values : FloatWeights.Pack(node.Weight.Values, outputs), bias);
    }

    /// <summary>
    /// Whether a convolution is faster with digits of its weights on planes of four channels than with their bits on planes of six: a row of digits takes as
    /// long as 4/3 rows of bits, and stands for two bits.
    /// </summary>
    private static bool PrefersDigits(ConvolveSigns root) =>
        !root.ReadsSmallMap && root.Node is PackedMixedConvolution { Weight: var levels } && 4 * levels.Bits.Sum(bits => DigitWeights.Rows(bits)) < 3 * levels.Bits.Sum(bits => bits);

    /// <summary>
    /// Puts six channels of signs into a plane where nobody but convolutions of bits reads it, as it is or in phases. Where they are packed together with
    /// a mean over channel groups, both must have whole planes.
    /// </summary>
    private static void PackSixWherePossible(FusedOperation[] operations)
    {
        HashSet<Value> other = [], digits = [.. operations.Select(operation => operation.Root).OfType<ConvolveSigns>().Where(PrefersDigits).SelectMany(root => root.Source.Owners)];
        foreach (FusedOperation operation in operations)
        {
            if (operation.Root is ConvolveSigns { ReadsSmallMap: false, Source.Parts.IsEmpty: true } convolution && !digits.Contains(convolution.Source)
                || operation.Root is SplitPhases { Source.Parts.IsEmpty: true } split && !digits.Contains(split.Phases))
            {
                continue;
            }

            other.UnionWith(operation.Reads.SelectMany(value => value.Owners));
        }

        foreach (FusedOperation operation in operations)
        {
            foreach (SignOutput sign in operation.Signs)
            {
                Choose(sign.Map, true);
            }

            if (operation.Root is AverageEnlarged { EnlargedSigns: { } signs })
            {
                Choose(signs.Map, operation.Type.Channels % VbmiWeights.Channels == 0);
            }
        }

        foreach (SplitPhases phases in operations.Select(operation => operation.Root).OfType<SplitPhases>())
        {
            phases.Phases.ChannelsPerPlane = phases.Source.ChannelsPerPlane;
        }

        void Choose(Map map, bool isPossible)
        {
            if (isPossible && !other.Contains(map))
            {
                map.ChannelsPerPlane = VbmiWeights.Channels;
            }
        }
    }
}
