using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>A prediction that has its turn, and keeps it until it is told to go on.</summary>
internal sealed class HeldPrediction : IDisposable
{
    private readonly ManualResetEventSlim _inside = new(), _open = new();
    private readonly Task<bool> _run;

    /// <summary>Returns once the image has its turn.</summary>
    public HeldPrediction(SegmentationPredictor predictor, RgbImage image, CancellationToken cancellationToken)
    {
        _run = predictor.PredictAsync(
            Upload(image),
            _ =>
            {
                _inside.Set();
                _open.Wait(cancellationToken);
                return true;
            },
            cancellationToken: cancellationToken);
        _inside.Wait(cancellationToken);
    }

    /// <summary>An image as it is sent.</summary>
    public static MemoryStream Upload(RgbImage image)
    {
        MemoryStream png = new();
        image.SavePng(png);
        png.Position = 0;
        return png;
    }

    /// <summary>Lets it go on to its end.</summary>
    public Task<bool> End()
    {
        _open.Set();
        return _run;
    }

    public void Dispose()
    {
        _inside.Dispose();
        _open.Dispose();
    }
}
