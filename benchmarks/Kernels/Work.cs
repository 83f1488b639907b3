namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>What a run does, for columns that show how fast: multiply-accumulates, and bytes read and written, each counted once.</summary>
public abstract record Work
{
    public virtual double Macs => 0;

    public virtual double Bytes => 0;
}

/// <summary>A convolution with padding that keeps the size, or halves it for stride 2.</summary>
public sealed record ConvolutionWork(int Inputs, int Outputs, int Height, int Width, int Kernel = 3, int Stride = 1, int Dilation = 1) : Work
{
    public override double Macs => (double)Inputs * Outputs * Kernel * Kernel * Height * Width / (Stride * Stride);

    public override string ToString() =>
        $"{Inputs}-{Outputs} {Height}x{Width} k{Kernel}" + (Stride > 1 ? $" s{Stride}" : "") + (Dilation > 1 ? $" d{Dilation}" : "");
}

/// <summary>A pass over a map.</summary>
public sealed record MapWork(int Channels, int Height, int Width, double BytesPerValue) : Work
{
    public int Values => Channels * Height * Width;

    public override double Bytes => BytesPerValue * Values;

    public override string ToString() => $"{Channels} {Height}x{Width}";
}
