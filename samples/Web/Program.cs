// A page that shows what networks see in a photo, and the endpoints behind it:
//
//     dotnet run -c Release --project samples/Web        http://localhost:5000
//     curl --data-binary @street.jpg -H "Content-Type: image/jpeg" http://localhost:5000/api/models/RoadScene/mask -o mask.png
using Web;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

// A predictor for each network of the configuration; appsettings.json says which, and what they may take.
foreach (IConfigurationSection model in builder.Configuration.GetSection("Models").GetChildren())
{
    if (ModelList.TaskOf(model) == "saliency")
    {
        builder.Services.AddBinarySaliency(model.GetSection("Options"), model.Key);
    }
    else
    {
        builder.Services.AddBinarySegmentation(model.GetSection("Options"), model.Key);
    }
}

int maxFileBytes = builder.Configuration.GetValue("MaxFileBytes", 16 << 20);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = maxFileBytes);
builder.Services.AddSingleton<ModelList>();
builder.Services.AddHealthChecks().AddBinaryPredictors();
builder.Services.AddOpenApi();
builder.Services.AddProblemDetails(ProblemHandler.GiveReasons);
builder.Services.AddExceptionHandler<ProblemHandler>();

WebApplication app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHealthChecks("/health");
app.MapOpenApi();
app.MapModels();
app.Run();

/// <summary>The entry point, for tests.</summary>
public sealed partial class Program;
