using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace WebLoad;

/// <summary>The sample as a process of its own, on a free port of loopback.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process _process;

    private Server(Process process, string url)
    {
        _process = process;
        Client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1024 }) { BaseAddress = new(url), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    /// <summary>Processor time of the process up to now.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Its resident memory, in MB.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <param name="settings">Settings of the application, as <c>Models:Road:Options:MaxPixels</c>.</param>
    public static async Task<Server> Start(params (string Name, string Value)[] settings)
    {
        string web = Path.GetFullPath(Path.Combine(Folder(), "..", "..", "samples", "Web"));
        string program = Path.Combine(web, "bin", "Release", "net10.0", "Web.dll");
        string url = $"http://127.0.0.1:{FreePort()}";
        ProcessStartInfo start = new("dotnet", [program, "--urls", url, "--contentRoot", web]) { RedirectStandardOutput = true };
        start.Environment["Logging__LogLevel__Default"] = "Error";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name.Replace(":", "__")] = value;
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        Server server = new(process, url);
        for (int i = 0; i < 300; i++)
        {
            try
            {
                if (await server.Client.GetStringAsync("/health") == "Healthy")
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(100);
        }

        server.Dispose();
        throw new TimeoutException("The server does not answer.");
    }

    public void Dispose()
    {
        Client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
