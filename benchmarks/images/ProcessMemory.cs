namespace Images;

/// <summary>The largest resident set that this process has had.</summary>
internal static class ProcessMemory
{
    public static long PeakMegabytes()
    {
        const string status = "/proc/self/status", key = "VmHWM:";
        return File.Exists(status)
            ? long.Parse(File.ReadLines(status).First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Replace("kB", "").Trim()) >> 10
            : Environment.WorkingSet >> 20;
    }
}
