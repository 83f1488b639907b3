// samples/Web under load, on loopback. Starts the sample as a process of its own and prints what docs/web.md has:
//
//     dotnet build -c Release samples/Web && dotnet run -c Release --project benchmarks/web -- load 64 60
//     dotnet run -c Release --project benchmarks/web -- bad | cancel | reload 30
using System.Globalization;
using WebLoad;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    ["load", var callers, var seconds] => await Load.Run(int.Parse(callers), int.Parse(seconds)),
    ["bad"] => await BadUploads.Run(),
    ["cancel"] => await Cancelling.Run(),
    ["reload", var seconds] => await Reloading.Run(int.Parse(seconds)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: load CALLERS SECONDS | bad | cancel | reload SECONDS");
    return 2;
}
