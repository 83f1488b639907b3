using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
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
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .AddEndpointFilter(async (context, next) => RefusedType(context.HttpContext.Request) ?? await next(context));

    private static async Task<Results<FileContentHttpResult, NotFound>> Mask(string name, ModelList models, HttpRequest request, CancellationToken gone)
    {
        byte[]? png = null;
        if (models.Segmentation(name) is { } segmentation)
        {
            Palette palette = PaletteOf(segmentation);
            png = await segmentation.PredictAsync(request.Body, mask => Png(gone, stream => MaskWriter.Save(stream, mask, palette, cancellationToken: gone)), name: "photo", cancellationToken: gone);
        }
        else if (models.Saliency(name) is { } saliency)
        {
            png = await saliency.PredictAsync(request.Body, mask => Png(gone, stream => MaskWriter.Save(stream, mask, gone)), name: "photo", cancellationToken: gone);
        }

        return png is null ? TypedResults.NotFound() : TypedResults.Bytes(png, "image/png");
    }

    private static async Task<Results<Ok<Sight>, NotFound>> See(string name, ModelList models, HttpRequest request, CancellationToken gone)
    {
        long start = TimeProvider.System.GetTimestamp();
        Sight? sight = null;
        if (models.Segmentation(name) is { } segmentation)
        {
            OverlayOptions style = new() { Palette = PaletteOf(segmentation) };
            IReadOnlyList<string> names = segmentation.Network.ClassNames;
            sight = await segmentation.PredictAsync(
                request.Body,
                (photo, mask) => new Sight(photo.Width, photo.Height, 0, Shares(mask, names, style.Palette), Uri(gone, Overlay.Segmentation(photo, mask, style).SavePng), null),
                LargestSide, "photo", gone);
        }
        else if (models.Saliency(name) is { } saliency)
        {
            sight = await saliency.PredictAsync(
                request.Body,
                (photo, mask) => new Sight(
                    photo.Width, photo.Height, 0, Shares(mask), Uri(gone, Overlay.Saliency(photo, mask).SavePng), Uri(gone, stream => CutOut.SavePng(stream, photo, mask))),
                LargestSide, "photo", gone);
        }

        return sight is null ? TypedResults.NotFound() : TypedResults.Ok(sight with { Milliseconds = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds });
    }

    /// <summary>415 for a body that says that it is no image; what it is, the predictor finds out.</summary>
    private static ProblemHttpResult? RefusedType(HttpRequest request)
    {
        bool isImage = !MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            ? string.IsNullOrEmpty(request.ContentType)
            : type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase);
        return isImage
            ? null
            : TypedResults.Problem($"The body is of type '{request.ContentType}'; send the photo itself, as image/jpeg say.", statusCode: StatusCodes.Status415UnsupportedMediaType);
    }

    private static Palette PaletteOf(SegmentationPredictor predictor) => Palette.Parse(string.Join(',', predictor.Network.Palette));

    private static List<ClassInfo> Shares(SegmentationMask mask, IReadOnlyList<string> names, Palette palette)
    {
        int[] counts = new int[256];
        foreach (byte label in mask.Labels)
        {
            counts[label]++;
        }

        return [.. Enumerable.Range(0, names.Count).Where(label => counts[label] > 0).OrderByDescending(label => counts[label])
            .Select(label => new ClassInfo(names[label], $"{palette[label]}", (double)counts[label] / mask.Labels.Length))];
    }

    private static List<ClassInfo> Shares(SaliencyMask mask)
    {
        double share = (double)mask.Values.Count(value => value > 128) / mask.Values.Length;
        return [new("object", "#E4572E", share), new("background", "#C9CED6", 1 - share)];
    }

    private static string Uri(CancellationToken gone, Action<Stream> write) => $"data:image/png;base64,{Convert.ToBase64String(Png(gone, write))}";

    private static byte[] Png(CancellationToken gone, Action<Stream> write)
    {
        gone.ThrowIfCancellationRequested();
        using MemoryStream png = new();
        write(png);
        return png.ToArray();
    }
}
