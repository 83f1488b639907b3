using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Inference;

/// <summary>The core that a thread runs on, on Linux, whose scheduler may leave two threads on one core for a tenth of a second while another core has one.</summary>
internal static partial class CpuCore
{
    private const int MaskBytes = 128, Unknown = -1;

    private static volatile bool s_isKnown = OperatingSystem.IsLinux();

    /// <summary>The number of the core that the calling thread runs on; negative if it is not known.</summary>
    public static int Current
    {
        get
        {
            try
            {
                return s_isKnown ? CurrentCore() : Unknown;
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                s_isKnown = false;
                return Unknown;
            }
        }
    }

    /// <summary>Moves the calling thread from a core to any other that it may use, if there is one. The scheduler may move it back as it likes.</summary>
    public static void Leave(int core)
    {
        Span<byte> allowed = stackalloc byte[MaskBytes], others = stackalloc byte[MaskBytes];
        if (core is < 0 or >= MaskBytes * 8 || GetAffinity(0, MaskBytes, allowed) != 0)
        {
            return;
        }

        allowed.CopyTo(others);
        others[core / 8] &= (byte)~(1 << (core % 8));
        if (others.ContainsAnyExcept((byte)0) && SetAffinity(0, MaskBytes, others) == 0)
        {
            SetAffinity(0, MaskBytes, allowed);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    private static partial int CurrentCore();

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint bytes, Span<byte> mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint bytes, ReadOnlySpan<byte> mask);
}
