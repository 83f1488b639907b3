using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.PackageManagement;

namespace Notebooks.Tests;

/// <summary>The C# kernel of notebooks, put together as the editors do it: with packages, helpers, and the extensions that packages bring.</summary>
internal sealed class NotebookKernel : IDisposable
{
    private readonly CompositeKernel _kernel;

    public NotebookKernel()
    {
        CSharpKernel csharp = new CSharpKernel().UseKernelHelpers().UseValueSharing();
        csharp.UseNugetDirective((kernel, packages) =>
        {
            kernel.AddAssemblyReferences(packages.SelectMany(package => package.AssemblyPaths));
            return Task.CompletedTask;
        });
        _kernel = new CompositeKernel { csharp };
        _kernel.DefaultKernelName = csharp.Name;
    }

    /// <summary>Runs a cell.</summary>
    /// <returns>What it showed, as HTML.</returns>
    /// <exception cref="AssertFailedException">The cell failed; the message has the cell and the reason.</exception>
    public async Task<IReadOnlyList<string>> Run(string code)
    {
        KernelCommandResult result = await _kernel.SendAsync(new SubmitCode(code));
        if (result.Events.OfType<CommandFailed>().FirstOrDefault() is { } failed)
        {
            Assert.Fail($"{code}\n\n{failed.Message}");
        }

        foreach (PackageAdded package in result.Events.OfType<PackageAdded>())
        {
            // The editors run what a package has there; that is in the tool and not in the packages of the kernel.
            FileInfo extension = new(Path.Combine(package.PackageReference.PackageRoot, "interactive-extensions", "dotnet", "extension.dib"));
            if (extension.Exists)
            {
                await _kernel.LoadAndRunInteractiveDocument(extension);
            }
        }

        return [.. result.Events.OfType<DisplayEvent>().SelectMany(shown => shown.FormattedValues).Where(value => value.MimeType == "text/html").Select(value => value.Value)];
    }

    public void Dispose() => _kernel.Dispose();
}
