using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>Enlarges signs by copying, packed as they are.</summary>
internal sealed class NibbleUpsampleStep(string name, MapView source, PlanBuffer target, int factor) : PlanStep(name)
{
    private readonly int[] _source = source.Offsets();

    public override int Items => target.Planes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = target.Layout;
        for (int plane = first; plane < last; plane++)
        {
            Span<byte> output = state.Bytes(target.PlaneOffset(plane), to.Length);
            for (int row = 0; row < from.Height; row++)
            {
                Span<byte> line = output.Slice(to.Offset(factor * row, 0), to.Width);
                NearestRow.Enlarge<byte>(state.Bytes(_source[plane] + from.Offset(row, 0), from.Width), factor, line);
                for (int copy = 1; copy < factor; copy++)
                {
                    line.CopyTo(output[to.Offset(factor * row + copy, 0)..]);
                }
            }

            to.ClearBorder(output, 0, to.Extent);
        }
    }
}

/// <summary>Samples a token grid of signs, packed as they are.</summary>
internal sealed class NibbleTokenStep(string name, MapView source, PlanBuffer target) : PlanStep(name)
{
    private readonly int[] _source = source.Offsets();
    private readonly int[] _columns = TokenSource.TokenColumns(source.Layout, target.Layout);

    public override int Items => target.Planes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = target.Layout;
        for (int plane = first; plane < last; plane++)
        {
            Span<byte> output = state.Bytes(target.PlaneOffset(plane), to.Length);
            for (int row = 0; row < to.Height; row++)
            {
                int sourceRow = TokenSample.SourceIndex(row, to.Height, from.Height);
                NearestRow.Gather<byte>(
                    state.Bytes(_source[plane] + from.Offset(sourceRow, 0), from.Width), _columns, output.Slice(to.Offset(row, 0), to.Width));
            }

            to.ClearBorder(output, 0, to.Extent);
        }
    }
}
