using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;

namespace Web;

/// <summary>What a network sees in a photo, for the page.</summary>
/// <param name="Width">Pixels in a row of the pictures.</param>
/// <param name="Height">Their rows.</param>
/// <param name="Milliseconds">Time on the server, waiting included.</param>
/// <param name="Classes">The classes that are there, most frequent first, with their shares of the pixels.</param>
/// <param name="Overlay">The photo with colours over it: a PNG as a data URI.</param>
/// <param name="CutOut">The object on a transparent background, likewise; null for segmentation.</param>
internal sealed record Sight(int Width, int Height, double Milliseconds, IReadOnlyList<ClassInfo> Classes, string Overlay, string? CutOut);

/// <summary>The endpoints below <c>/api/models</c>. A photo is the body of the request.</summary>
internal static class ModelEndpoints
{
    private const int LargestSide = 1280;

    private static readonly Palette s_objectPalette = Palette.Parse("#C9CED6, #E4572E");

    public static void MapModels(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder models = app.MapGroup("/api/models").WithTags("models");
        models.MapGet("/", (ModelList list) => list.All).WithSummary("The networks: task, terms, classes and colours.");
        models.MapPost("/{name}/mask", Mask)
            .WithSummary("The mask of a photo, in its own size: a PNG of class indices (with the classes' colours as palette), or of gray values for saliency.")
            .Produces(StatusCodes.Status200OK, contentType: "image/png")
            .TakesPhoto();
        models.MapPost("/{name}/sight", See)
            .WithSummary("Overlay, cut-out and shares of the classes, for showing: at most 1280 pixels along the longest side.")
            .TakesPhoto();
    }

    private static RouteHandlerBuilder TakesPhoto(this RouteHandlerBuilder endpoint) => endpoint
        .Accepts<Stream>("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff", "application/octet-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<FileContentHttpResult, NotFound>> Mask(string name, ModelList models, HttpRequest request, CancellationToken gone)
    {
        byte[]? png = null;
        if (models.Segmentation(name) is { } segmentation)
        {
            png = await segmentation.PredictAsync(
                request.Body, seen => Png(gone, stream => MaskWriter.Save(stream, seen.Result, Palette.Of(seen.Network.Palette), cancellationToken: gone)), name: "photo", cancellationToken: gone);
        }
        else if (models.Saliency(name) is { } saliency)
        {
            png = await saliency.PredictAsync(request.Body, seen => Png(gone, stream => MaskWriter.Save(stream, seen.Result.ToMask(), gone)), name: "photo", cancellationToken: gone);
        }

        return png is null ? TypedResults.NotFound() : TypedResults.Bytes(png, "image/png");
    }

    private static async Task<Results<Ok<Sight>, NotFound>> See(string name, ModelList models, HttpRequest request, CancellationToken gone)
    {
        long start = TimeProvider.System.GetTimestamp();
        Sight? sight = null;
        if (models.Segmentation(name) is { } segmentation)
        {
            sight = await segmentation.PredictAsync(request.Body, seen => SightOf(seen, gone), LargestSide, "photo", gone);
        }
        else if (models.Saliency(name) is { } saliency)
        {
            sight = await saliency.PredictAsync(request.Body, seen => SightOf(seen, gone), LargestSide, "photo", gone);
        }

        return sight is null ? TypedResults.NotFound() : TypedResults.Ok(sight with { Milliseconds = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds });
    }

    private static Sight SightOf(PredictedImage<SegmentationMask> seen, CancellationToken gone)
    {
        OverlayOptions style = new() { Palette = Palette.Of(seen.Network.Palette) };
        RgbImage overlay = Overlay.Segmentation(seen.Image, seen.Result, style);
        return new(seen.Result.Width, seen.Result.Height, 0, Shares(seen.Result, seen.Network.ClassNames, style.Palette), Uri(gone, overlay.SavePng), null);
    }

    private static Sight SightOf(PredictedImage<ScoreTensor> seen, CancellationToken gone)
    {
        SaliencyMask mask = seen.Result.ToMask();
        RgbImage overlay = Overlay.Saliency(seen.Image, mask);
        return new(mask.Width, mask.Height, 0, Shares(mask.ToObjectMask(), ["background", "object"], s_objectPalette), Uri(gone, overlay.SavePng), Uri(gone, stream => CutOut.SavePng(stream, seen.Image, mask)));
    }

    private static IReadOnlyList<ClassInfo> Shares(SegmentationMask mask, IReadOnlyList<string> names, Palette palette) =>
    [
        .. mask.ClassShares(names.Count).Index().Where(share => share.Item > 0).OrderByDescending(share => share.Item)
            .Select(share => new ClassInfo(names[share.Index], $"{palette[share.Index]}", share.Item)),
    ];

    private static string Uri(CancellationToken gone, Action<Stream> write) => $"data:image/png;base64,{Convert.ToBase64String(Png(gone, write))}";

    private static byte[] Png(CancellationToken gone, Action<Stream> write)
    {
        gone.ThrowIfCancellationRequested();
        using MemoryStream png = new();
        write(png);
        return png.ToArray();
    }
}
