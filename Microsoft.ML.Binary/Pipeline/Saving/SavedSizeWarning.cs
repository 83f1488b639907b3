using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>
/// Says once, in ML.NET's log, that a transformer meets images which its saved form does not take: that is of ML.NET's own transformers, and bound to what it was
/// fitted to (<see cref="SavedPixelInput"/>). Nobody of ours is asked again before such a model fails, in another process.
/// </summary>
internal sealed class SavedSizeWarning(MLContext context, KnownSize? fitted)
{
    private int _isSaid;

    public void Check(DataViewSchema.Column? image)
    {
        if (image is { } column && KnownSize.Of(column) is var met && met != fitted && Interlocked.Exchange(ref _isSaid, 1) == 0)
        {
            using IChannel channel = ((IHostEnvironment)context).Register("SavedSize").Start("Transform");
            channel.Warning(
                MessageSensitivity.None,
                $"A transformer that was fitted to images of {Shown(fitted)} is applied to images of {Shown(met)} ('{column.Name}'). That works, but once it is saved, what ml.Model.Load gives does not take them: "
                + "fit it behind what makes such images, or call Restore of the catalog after loading.");
        }
    }

    /// <summary>For a transformer that comes from a loaded model.</summary>
    public void Silence() => _isSaid = 1;

    private static string Shown(KnownSize? size) => size is null ? "any size" : $"{size.Width}x{size.Height}";
}
