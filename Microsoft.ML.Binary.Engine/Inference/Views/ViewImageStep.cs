using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Resampling;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>Brings an image to the size and the exposure of a view, by rows.</summary>
internal sealed unsafe class ViewImageStep : PlanStep
{
    // Null where the view is the image itself, of another exposure.
    private readonly ImageResampler? _resampler;
    private readonly ImageView _view;
    private readonly int _sourceBytes;
    private readonly byte[] _pixels;
    private readonly int[][] _scratch;

    public ViewImageStep(int width, int height, ImageView view, int threads)
        : base("(view)")
    {
        (_view, _sourceBytes) = (view, checked(3 * width * height));
        _resampler = view == new ImageView(width, height, Mirrored: false) ? null : new(width, height, view.Width, view.Height, view.Mirrored);
        _pixels = GC.AllocateUninitializedArray<byte>(checked(3 * view.Width * view.Height), pinned: true);
        _scratch = [.. Enumerable.Range(0, threads).Select(_ => new int[_resampler?.Scratch ?? 0])];
        Bytes = _sourceBytes + _pixels.Length;
    }

    /// <summary>The image, red, green, blue of each pixel. Valid during a run.</summary>
    public byte* Image { get; set; }

    /// <summary>Is applied to the pixels of the view; null for none.</summary>
    public ExposureCurve? Exposure { get; set; }

    /// <summary>The image as the view shows it; its memory does not move.</summary>
    public byte* Pixels => (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_pixels, 0);

    public override int Items => _view.Height;

    public override void Run(RunState state, int thread, int first, int last)
    {
        ReadOnlySpan<byte> image = new(Image, _sourceBytes);
        Span<byte> rows = _pixels.AsSpan(3 * _view.Width * first, 3 * _view.Width * (last - first));
        if (_resampler is null)
        {
            image.Slice(3 * _view.Width * first, rows.Length).CopyTo(rows);
        }
        else
        {
            _resampler.Run(image, _pixels, first, last, _scratch[thread]);
        }

        Exposure?.Apply(rows);
    }
}
