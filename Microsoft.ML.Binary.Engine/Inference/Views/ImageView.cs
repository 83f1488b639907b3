using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>One look at an image.</summary>
/// <param name="Width">Pixels in a row that the image is brought to.</param>
/// <param name="Height">Rows that it is brought to.</param>
/// <param name="Mirrored">Whether left and right are exchanged.</param>
/// <example>
/// <code>
/// using CompiledNetwork mirrored = CompiledNetwork.Compile(network, new() { Views = ViewOptions.AsTrained with { Mirrored = true } });
/// foreach (ImageView view in mirrored.Views(image.Width, image.Height))
/// {
///     ReferenceViews.View(image, view).SavePng($"{view.Width}x{view.Height}{(view.Mirrored ? "-mirrored" : "")}.png");         // what the network is shown
/// }
/// </code>
/// </example>
public readonly record struct ImageView(int Width, int Height, bool Mirrored)
{
    /// <summary>The views of an image, in the order in which they are added up: by scale, each first as it is and then mirrored.</summary>
    /// <param name="options">Which.</param>
    /// <param name="trained">The network's working size.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    internal static ImageView[] Of(ViewOptions options, WorkingSize trained, int width, int height)
    {
        List<ImageView> views = [];
        foreach (double scale in options.Scales)
        {
            (int viewWidth, int viewHeight) = Size(options.Size ?? trained, scale, width, height);
            views.Add(new(viewWidth, viewHeight, Mirrored: false));
            if (options.Mirrored)
            {
                views.Add(new(viewWidth, viewHeight, Mirrored: true));
            }
        }

        return [.. views];
    }

    private static (int Width, int Height) Size(WorkingSize size, double scale, int width, int height)
    {
        if (scale == 1)
        {
            return size.Fit(width, height);
        }

        int longest = size.IsOwn ? Math.Max(width, height) : size.LongestSide;
        return WorkingSize.Fit(width, height, (int)Math.Clamp(Math.Floor(longest * scale + 0.5), 1, int.MaxValue / 4));
    }
}
