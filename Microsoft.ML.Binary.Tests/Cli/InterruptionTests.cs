using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class InterruptionTests
{
    [TestMethod]
    public void TheFirstSignalEndsTheWork_TheSecondTheProcess()
    {
        using StringWriter error = new();
        using Interruption interruption = new(new(TextWriter.Null, error, Live: null));
        PosixSignalContext first = new(PosixSignal.SIGTERM), second = new(PosixSignal.SIGTERM);

        interruption.Handle(first);
        Assert.IsTrue(first.Cancel && interruption.Token.IsCancellationRequested);
        StringAssert.Contains(error.ToString(), "ending as soon as the step under way is done");

        interruption.Handle(second);
        Assert.IsFalse(second.Cancel);
    }

    [TestMethod]
    public void AnErrorStreamThatTakesNothing_IsNoReasonToLoseTheWork()
    {
        using Interruption interruption = new(new(TextWriter.Null, new ActingWriter("ending", () => throw new IOException("No space left on device")), Live: null));
        PosixSignalContext signal = new(PosixSignal.SIGTERM);

        interruption.Handle(signal);

        Assert.IsTrue(signal.Cancel && interruption.Token.IsCancellationRequested);
    }
}
