namespace Microsoft.ML.Binary;

/// <summary>What is wrong with an image that somebody sent.</summary>
/// <example>
/// <code>
/// static string Advice(UnusableImageException e) => e.Problem switch
/// {
///     ImageProblem.TooLarge => "Send a smaller picture.",
///     ImageProblem.UnknownFormat => "Send a JPEG or PNG.",
///     _ => "Send the picture again.",
/// };
/// </code>
/// </example>
public enum ImageProblem
{
    /// <summary>There is nothing.</summary>
    Empty,

    /// <summary>Its header or its data are damaged or truncated.</summary>
    Damaged,

    /// <summary>It has more bytes, pixels or working memory than it may.</summary>
    TooLarge,

    /// <summary>It is in no known format, or no image at all.</summary>
    UnknownFormat,
}

/// <summary>An image that was given to an asynchronous method of a predictor cannot be used. The message is fit to be sent back.</summary>
/// <example>
/// <code>
/// async Task&lt;IResult&gt; Answer(Stream photo)
/// {
///     try
///     {
///         SegmentationMask mask = await predictor.PredictAsync(photo);
///         return Results.Json(mask.ClassShares(numberOfClasses: 3));
///     }
///     catch (UnusableImageException e)
///     {
///         return Results.Problem(e.Message, statusCode: e.StatusCode);
///     }
/// }
/// </code>
/// </example>
public sealed class UnusableImageException : Exception
{
    /// <param name="problem">What is wrong.</param>
    /// <param name="message">The reason, for who sent it.</param>
    /// <param name="cause">The error that it comes from.</param>
    public UnusableImageException(ImageProblem problem, string message, Exception? cause = null)
        : base(message, cause) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public ImageProblem Problem { get; }

    /// <summary>The status by which HTTP says so: 400, 413 (too large) or 415 (unknown format).</summary>
    public int StatusCode => Problem switch
    {
        ImageProblem.TooLarge => 413,
        ImageProblem.UnknownFormat => 415,
        _ => 400,
    };
}

/// <summary>More images wait than may (<see cref="PredictorOptions.MaxQueueLength"/>). HTTP says 503 to that; another try, a little later, may do.</summary>
/// <example>
/// <code>
/// try
/// {
///     SegmentationMask mask = await predictor.PredictAsync(request.Body);
/// }
/// catch (PredictorBusyException e)
/// {
///     logger.LogWarning("{Reason}", e.Message);
///     request.HttpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
/// }
/// </code>
/// </example>
public sealed class PredictorBusyException : Exception
{
    internal PredictorBusyException(int waiting)
        : base($"{waiting} images wait already, and no more may. Try again later.")
    {
    }
}
