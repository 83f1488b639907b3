using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The instruction sets for which there are kernels. All give the same bits.</summary>
internal enum KernelPath
{
    /// <summary>Plain loops: they define the result.</summary>
    Scalar,

    /// <summary>128-bit vectors of any processor.</summary>
    Portable,

    /// <summary>The same on ARM64, where bits are counted instead of looked up.</summary>
    AdvSimd,

    /// <summary>256-bit vectors of x86.</summary>
    Avx2,

    /// <summary>512-bit vectors of x86 (AVX-512 F and BW).</summary>
    Avx512,

    /// <summary>The same with look-ups in tables of 64 bytes (AVX-512 VBMI): six channels of signs in a byte instead of four.</summary>
    Avx512Vbmi,
}

internal static class KernelPaths
{
    /// <summary>The fastest path of this processor.</summary>
    public static KernelPath Best =>
        Avx512Vbmi.IsSupported ? KernelPath.Avx512Vbmi
        : Avx512BW.IsSupported ? KernelPath.Avx512
        : Avx2.IsSupported ? KernelPath.Avx2
        : AdvSimd.Arm64.IsSupported ? KernelPath.AdvSimd
        : KernelPath.Portable;

    /// <summary>Every path that this processor can run: one of x86 needs what those before it need. Nothing else in the library asks what it can.</summary>
    public static IEnumerable<KernelPath> Supported =>
        Enum.GetValues<KernelPath>().Where(path => path <= Best && (path != KernelPath.AdvSimd || AdvSimd.Arm64.IsSupported));
}
