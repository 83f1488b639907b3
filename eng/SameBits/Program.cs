// Whether the engine computes on this processor what it computes on every other one; eng/arm64.sh runs it on two of them.
//
//     SameBits checks [count] [seed]             self-test, random networks against the interpreter; the exit code is 1 if anything differs
//     SameBits digests image.png network...      a line for each network and image: the same text on every processor
using Microsoft.ML.Binary.Diagnostics;
using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.SameBits;

switch (args)
{
    case ["checks", ..]:
        long count = args.Length > 1 ? long.Parse(args[1]) : 100, seed = args.Length > 2 ? long.Parse(args[2]) : 1;
        bool isRight = true;
        foreach (SelfTestResult result in SelfTest.Run())
        {
            Console.WriteLine($"self-test    {result.Kernels}: {(result.IsRight ? "right" : "WRONG")}, {result.Digest[..16]}");
            isRight &= result.IsRight;
        }

        isRight &= GraphRun.Run(count, seed, Environment.ProcessorCount, Console.Out);
        isRight &= GraphRun.RunLayers(2 * count, seed, Environment.ProcessorCount, Console.Out);
        return isRight ? 0 : 1;
    case ["digests", string photo, .. string[] networks]:
        (string Name, RgbImage Image)[] images = [("made up", SelfTest.Image()), (Path.GetFileName(photo), RgbImage.Load(photo))];
        foreach (string file in networks)
        {
            DenseNetwork network = DenseNetwork.Load(file);
            foreach ((string name, RgbImage image) in images)
            {
                Console.WriteLine($"{Path.GetFileName(file)}, {name} {image.Width}x{image.Height}: {LogitsDigest.Of(network, image)}");
            }
        }

        return 0;
    default:
        Console.Error.WriteLine("SameBits checks [count] [seed] | SameBits digests image.png network...");
        return 2;
}
