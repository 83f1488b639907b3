using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.ML.Binary;

namespace Web;

/// <summary>Makes an answer of what a predictor refuses: 400, 413, 415 or 503, with the reason.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    /// <summary>Routing refuses bodies by their type, and says no more than the status.</summary>
    public static void GiveReasons(ProblemDetailsOptions options) => options.CustomizeProblemDetails = context =>
    {
        if (context.ProblemDetails is { Status: StatusCodes.Status415UnsupportedMediaType, Detail: null } problem)
        {
            problem.Detail = $"The body is of type '{context.HttpContext.Request.ContentType}'; send the photo itself, as image/jpeg say.";
        }
    };

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        int? status = exception switch
        {
            UnusableImageException unusable => unusable.StatusCode,
            PredictorBusyException => StatusCodes.Status503ServiceUnavailable,
            BadHttpRequestException request => request.StatusCode,
            _ => null,
        };
        if (status is null)
        {
            return false;
        }

        context.Response.StatusCode = status.Value;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return await problems.TryWriteAsync(new()
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = status, Detail = exception.Message },
        });
    }
}
