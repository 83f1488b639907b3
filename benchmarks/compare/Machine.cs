using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Compare;

/// <summary>The machine that is measured.</summary>
internal static class Machine
{
    /// <summary>One line: date, processor, instruction set, versions.</summary>
    public static string Describe() =>
        $"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, "
        + $"kernels {Vectors()}, {RuntimeInformation.FrameworkDescription}, ONNX Runtime {OnnxModel.Version}";

    /// <summary>Keeps the calling thread, and the threads it starts from now on, on one core.</summary>
    public static void RunOn(int core) => SetAffinity((nint)1 << core);

    /// <summary>Lets the calling thread, and the threads it starts from now on, run on every core again.</summary>
    public static void RunOnAllCores() => SetAffinity(Environment.ProcessorCount >= 8 * nint.Size ? -1 : ((nint)1 << Environment.ProcessorCount) - 1);

    private static void SetAffinity(nint cores)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using Process self = Process.GetCurrentProcess();
            self.ProcessorAffinity = cores;
        }
    }

    private static string Vectors() => Avx512Vbmi.IsSupported ? "AVX-512 VBMI" : Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "portable";

    private static string Processor()
    {
        const string cpuInfo = "/proc/cpuinfo";
        if (!File.Exists(cpuInfo))
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }

        string[] lines = File.ReadAllLines(cpuInfo);
        return $"{Field("model name")} (family {Field("cpu family")}, model {Field("model")})";

        string Field(string name) =>
            lines.FirstOrDefault(line => line.Split(':')[0].Trim() == name)?.Split(':')[1].Trim() ?? "unknown";
    }
}
