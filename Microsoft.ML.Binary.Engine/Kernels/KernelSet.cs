namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Every kernel of an instruction set: <see cref="For"/> is the one place that chooses. All sets give the same bits but where a member says
/// otherwise. Rows may have any length unless a member says otherwise.
/// </summary>
internal abstract unsafe class KernelSet
{
    /// <summary>The kernels of this processor.</summary>
    public static KernelSet Best { get; } = For(KernelPaths.Best);

    /// <summary>The kernels of a path, which the processor must support; sets that are not asked for cost nothing.</summary>
    public static KernelSet For(KernelPath path) => path switch
    {
        KernelPath.Scalar => new LaneKernels<Lanes1>(),
        KernelPath.Portable => new LaneKernels<Lanes128>(),
        KernelPath.AdvSimd => new AdvSimdKernels(),
        KernelPath.Avx2 => new LaneKernels<Lanes256>(),
        KernelPath.Avx512 => new Avx512Kernels(),
        KernelPath.Avx512Vbmi => new Avx512VbmiKernels(),
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "There are no kernels for it."),
    };

    /// <summary>Floats of a register.</summary>
    public abstract int Lanes { get; }

    /// <summary>Whether <see cref="CountMismatchesOfSix"/> can be used.</summary>
    public virtual bool HasPlanesOfSix => false;

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>; weights as in <see cref="NibbleWeights"/>.</summary>
    public abstract void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts);

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>; weights as in <see cref="EnlargedWeights"/>.</summary>
    public abstract void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts);

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>; planes of six channels, weights as in <see cref="VbmiWeights"/>.</summary>
    public virtual void CountMismatchesOfSix(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts) =>
        throw new NotSupportedException("Planes of six channels need AVX-512 VBMI.");

    /// <summary>
    /// Sums of sign times digit, <see cref="DigitTables.Bias"/> added for each step; otherwise see <see cref="MismatchKernel{TWeight}"/>. Weights as in
    /// <see cref="DigitWeights"/>.
    /// </summary>
    public abstract void SumDigits(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts);

    /// <summary>From mismatch counts to dot products of signs: K - 2 count for K products.</summary>
    public abstract void ToDots(ReadOnlySpan<ushort> counts, int products, Span<float> dots);

    /// <summary>
    /// Packs the signs of a row of pixels of up to six channels, channel c of which starts at <c>values[c * pitch]</c>; channel c is +1 where
    /// it is at least <c>thresholds[c]</c>. Missing channels are +1.
    /// </summary>
    public abstract void PackSigns(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> signs);

    /// <summary>
    /// Packs the levels of a row of pixels of up to six channels as in <see cref="LevelPacking"/>; channel c starts at <c>values[c * pitch]</c>. Missing channels
    /// have level 0.
    /// </summary>
    /// <param name="values">The rows.</param>
    /// <param name="pitch">From one row to the next.</param>
    /// <param name="thresholds">Three for each channel, ascending.</param>
    /// <param name="lower">Receives the lower bits, a byte for each pixel.</param>
    /// <param name="upper">Receives the upper bits.</param>
    public abstract void PackLevels(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> lower, Span<byte> upper);

    /// <summary>See <see cref="ShuffledSigns"/>: rows [<paramref name="row"/>, <paramref name="last"/>) of a map that is enlarged twice.</summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">Where row 0 of each of the four planes of each channel lies in them.</param>
    /// <param name="pitch">Floats from one row of them to the next.</param>
    /// <param name="width">Their columns.</param>
    /// <param name="thresholds">For each channel.</param>
    /// <param name="signs">Receives the rows.</param>
    /// <param name="signPitch">Bytes from one of them to the next.</param>
    /// <param name="row">The first row.</param>
    /// <param name="last">The row after the last one.</param>
    public abstract void PackShuffledSigns(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, int pitch, int width, ReadOnlySpan<float> thresholds, Span<byte> signs, int signPitch, int row, int last);

    /// <summary>Packs the signs of a plane of channels, from channel <paramref name="first"/> on.</summary>
    /// <param name="counts">A row of mismatch counts for each of them.</param>
    /// <param name="thresholds">What the counts are compared with.</param>
    /// <param name="first">The plane's first channel.</param>
    /// <param name="channels">Number of channels, at most 8.</param>
    /// <param name="signs">Receives as many bytes as a row has counts, a multiple of <see cref="PlaneLayout.Tile"/>.</param>
    public abstract void PackSigns(ReadOnlySpan<ushort> counts, CountThresholds thresholds, int first, int channels, Span<byte> signs);

    /// <summary>See <see cref="EpilogueRow"/>, from real values.</summary>
    public abstract void Finish(in EpilogueRow row, ReadOnlySpan<float> source, Span<float> target);

    /// <summary>See <see cref="EpilogueRow"/>, from mismatch counts of so many products; all of it in pinned memory.</summary>
    public abstract void Finish(in EpilogueRow row, ushort* counts, int products, float* target, int pixels);

    /// <inheritdoc cref="Finish(in EpilogueRow, ushort*, int, float*, int)"/>
    public void Finish(in EpilogueRow row, ReadOnlySpan<ushort> counts, int products, Span<float> target)
    {
        fixed (ushort* c = counts[..target.Length])
        fixed (float* t = target)
        {
            Finish(row, c, products, t, target.Length);
        }
    }

    /// <summary>See <see cref="FloatConvolution"/>: four rows of pixels.</summary>
    /// <param name="values">Real planes, read in whole tiles of <see cref="PlaneLayout.Tile"/> pixels.</param>
    /// <param name="offsets">For each step, where its first pixel lies in <paramref name="values"/>.</param>
    /// <param name="weights">For each step the weights of the four outputs.</param>
    /// <param name="bias">Four values.</param>
    /// <param name="activation">See <see cref="FloatConvolution.Activate"/>; empty for none.</param>
    /// <param name="target">Four rows.</param>
    /// <param name="pitch">Floats from one of them to the next.</param>
    /// <param name="pixels">Their length.</param>
    /// <param name="exact">Whether products and sums are rounded separately; otherwise they may be fused.</param>
    public abstract void Convolve(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> activation,
        Span<float> target, int pitch, int pixels, bool exact);

    /// <summary>The same without activation to four rows that follow each other.</summary>
    public void Convolve(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block, bool exact) =>
        Convolve(values, offsets, weights, bias, [], block, block.Length / FloatConvolution.Outputs, block.Length / FloatConvolution.Outputs, exact);

    /// <summary>The same for one output channel, exact.</summary>
    public abstract void ConvolveDepthwise(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, float bias, Span<float> row);

    /// <summary>See <see cref="StridedTapsRow"/>: rows <paramref name="targetPitch"/> values apart, whose windows are two source rows apart.</summary>
    public abstract void ConvolveStrided(
        ReadOnlySpan<float> source, int pitch, ReadOnlySpan<float> weights, float bias, ReadOnlySpan<float> activation, Span<float> target, int targetPitch, int width, int rows);

    /// <summary>target += other.</summary>
    public abstract void Add(Span<float> target, ReadOnlySpan<float> other);

    /// <summary>target *= factor.</summary>
    public abstract void Scale(Span<float> target, float factor);

    /// <summary>target /= divisor.</summary>
    public abstract void Divide(Span<float> target, ReadOnlySpan<float> divisor);

    /// <summary>The logistic function of as many values as the target holds.</summary>
    public abstract void Sigmoid(ReadOnlySpan<float> values, Span<float> target);

    /// <summary>See <see cref="Kernels.Softmax"/>: rows of as many pixels as there are sums.</summary>
    public abstract void Softmax(Span<float> rows, Span<float> sums);

    /// <summary>See <see cref="Kernels.AttentionLogits"/>.</summary>
    public abstract void AttentionLogits(
        Span<float> dots, ReadOnlySpan<float> rows, ReadOnlySpan<float> columns, float row, float column, float temperature, float slope);

    /// <summary>See <see cref="ArgMaxRow"/>.</summary>
    public abstract void ArgMax(ReadOnlySpan<float> values, int channels, int pitch, Span<int> indices);

    /// <summary>target[2 i] = even[i], target[2 i + 1] = odd[i].</summary>
    public abstract void Merge(ReadOnlySpan<float> even, ReadOnlySpan<float> odd, Span<float> target);

    /// <inheritdoc cref="Merge(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/>
    public abstract void Merge(ReadOnlySpan<ushort> even, ReadOnlySpan<ushort> odd, Span<ushort> target);

    /// <summary>target[i] = source[2 i].</summary>
    public abstract void TakeEven(ReadOnlySpan<float> source, Span<float> target);

    /// <inheritdoc cref="TakeEven(ReadOnlySpan{float}, Span{float})"/>
    public abstract void TakeEven(ReadOnlySpan<byte> source, Span<byte> target);

    /// <summary>Pools two source rows 2x2; each has twice as many columns as the target. See <see cref="AveragePoolRow"/>.</summary>
    public abstract void AveragePool(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, Span<float> target);

    /// <summary>Blends two source rows and enlarges the result; see <see cref="BilinearRow"/>.</summary>
    /// <param name="top">The upper source row, of <see cref="BilinearRow.Padded"/> columns.</param>
    /// <param name="bottom">The lower source row, of <see cref="BilinearRow.Padded"/> columns.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="factor">2 or 4.</param>
    /// <param name="target">Receives factor times as many columns as the source has.</param>
    /// <param name="scratch">At least <see cref="BilinearRow.Scratch"/> floats.</param>
    public abstract void EnlargeBilinear(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int factor, Span<float> target, Span<float> scratch);

    /// <summary>See <see cref="EnlargedArgMax"/>.</summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">Where the upper source row of each channel lies in them.</param>
    /// <param name="below">Floats from the upper source row to the lower.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="factor">2 or 4.</param>
    /// <param name="labels">Receives factor times as many bytes as the source has columns.</param>
    /// <param name="scratch">At least <see cref="BilinearRow.BlendedLength"/> floats.</param>
    public abstract void ArgMaxEnlarged(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, int below, float down, int factor, Span<byte> labels, Span<float> scratch);

    /// <summary>See <see cref="AveragedRows.Run"/>.</summary>
    public abstract void AverageEnlarged(
        in AveragedRows rows, ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> thresholds, int groupPitch, int row, int last, Span<float> scratch);

    /// <summary>
    /// Blends two rows of one length for <see cref="Resize"/>; see <see cref="ResizedRow"/>. <paramref name="values"/> receives the first value
    /// again, then all of them, then the last one again, <paramref name="steps"/> for each but the last the way to the next.
    /// </summary>
    /// <param name="top">The upper source row.</param>
    /// <param name="bottom">The lower source row.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="values">Of <see cref="ResizedRow.BlendedLength"/>; what lies after the last value does not matter.</param>
    /// <param name="steps">Likewise.</param>
    public abstract void Blend(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, Span<float> values, Span<float> steps);

    /// <summary>target[o] = values[places[o]] + weights[o] * steps[places[o]].</summary>
    /// <param name="values">Of <see cref="Blend"/>.</param>
    /// <param name="steps">Of <see cref="Blend"/>.</param>
    /// <param name="places">For each column <see cref="ResizedRow.Source"/>'s position + 1; ascending.</param>
    /// <param name="weights">For each column the weight of the next position.</param>
    /// <param name="target">Receives the columns.</param>
    public abstract void Resize(
        ReadOnlySpan<float> values, ReadOnlySpan<float> steps, ReadOnlySpan<int> places, ReadOnlySpan<float> weights, Span<float> target);

    /// <summary>The lowest and the highest of some values, at least one.</summary>
    public abstract (float Lowest, float Highest) Range(ReadOnlySpan<float> values);

    /// <summary>Numbers 0..255 as bytes.</summary>
    public abstract void Narrow(ReadOnlySpan<int> values, Span<byte> target);

    /// <summary>target[i] = bytes[step * i].</summary>
    /// <param name="bytes">From the first byte wanted to the end of the image: nothing after it is read.</param>
    /// <param name="step">3 for every pixel, 6 for every other; at most 8.</param>
    /// <param name="target">Receives the values.</param>
    public abstract void ReadRgb(ReadOnlySpan<byte> bytes, int step, Span<float> target);

    /// <summary>
    /// Every other pixel of a row of an image: column i of channel c and phase j, 0 or 1, is <c>bytes[6 i + 3 j + c] * scales[c] + offsets[c]</c> and goes to
    /// <c>target[(4 c + j) * pitch + i]</c>.
    /// </summary>
    /// <param name="bytes">From the first pixel of the row to the end of the image: nothing after it is read.</param>
    /// <param name="scales">Three.</param>
    /// <param name="offsets">Three.</param>
    /// <param name="target">Receives six rows.</param>
    /// <param name="pitch">Floats from one plane to the next.</param>
    /// <param name="length">Columns of each phase.</param>
    public abstract void ReadPhases(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets, Span<float> target, int pitch, int length);

    /// <summary>See <see cref="TapProduct"/>.</summary>
    public abstract void TapProduct(int outputs, int terms, float* packed, int* offsets, float* x, float* y, int yPlane, int pixels);

    /// <summary>See <see cref="WeightGradient"/>; each width of registers adds in another order.</summary>
    public abstract void WeightGradient(
        float* dy, int dyPlane, long dyImage, float* x, long xImage, int* offsets, float* gradient, int terms, int pixels, int images);

    /// <summary>signs[i] = values[i] >= threshold ? plus : 0, for as many as there are values.</summary>
    public abstract void FindSigns(ReadOnlySpan<float> values, float threshold, ushort plus, Span<ushort> signs);

    /// <summary>entries[i] = signs[i] + 2 signs[i + 1] + 4 signs[i + 2] + 8 signs[i + 3]: there are three signs more than entries.</summary>
    public abstract void FindEntries(ReadOnlySpan<ushort> signs, Span<ushort> entries);

    /// <summary>offsets[i] += weights[i] >= 0 ? entry : 0.</summary>
    public abstract void AddWhereNotNegative(ReadOnlySpan<float> weights, int entry, Span<int> offsets);

    /// <summary>See <see cref="SignCorrelation.Add"/>.</summary>
    public abstract void AddSignCorrelation(
        float* dy, int dyStride, int groups, ushort* entries, int* groupOffsets, int* termOffsets, int terms, float* sums, float* table);

    /// <summary>See <see cref="SignProduct.Build"/>.</summary>
    public abstract void BuildSignProduct(float* dy, nint channel, int pitch, int rows, int length, float* table);

    /// <summary>See <see cref="SignProduct.Add"/>.</summary>
    public abstract void AddSignProduct(float* table, int* offsets, int count, int taps, int rows, int length, float* sums);

    /// <summary>target = (accumulate ? target : 0) + a * scale + (b * slope + offset).</summary>
    public abstract void AddScaled(
        ReadOnlySpan<float> a, float scale, ReadOnlySpan<float> b, float slope, float offset, Span<float> target, bool accumulate);

    /// <summary>target = a + weight * (b - a).</summary>
    public abstract void Interpolate(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target);

    /// <summary>+1 where x + shift is at least 0, else -1.</summary>
    public abstract void Sign(ReadOnlySpan<float> x, float shift, Span<float> target);

    /// <summary>The sum of (x - center)^2; 512-bit sets add in the order of 256 bits, narrower ones in an order of their own.</summary>
    public abstract double SquaredDistance(ReadOnlySpan<float> x, float center);

    /// <summary>
    /// The backward pass of RPReLU; returns the sums of dx, of dy * t where t is at most 0, and of dy, in the order of <see cref="SquaredDistance"/>.
    /// </summary>
    public abstract (float Shift, float Slope, float Offset) RPReLUGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, float slope, Span<float> dx, bool accumulate);

    /// <summary>
    /// The straight-through estimator of sign: dx = dy * max(0, 2 - 2 |x + shift|), the derivative of Bi-Real Net's piecewise polynomial
    /// (arXiv 1808.00278, section 3.2). Returns the sum of dx, in the order of <see cref="SquaredDistance"/>.
    /// </summary>
    public abstract float SignGradient(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, Span<float> dx, bool accumulate);

    /// <summary>See <see cref="AdamWRow"/>.</summary>
    public abstract void StepAdamW(Span<float> values, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, AdamWRow.Factors factors);
}
