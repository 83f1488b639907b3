using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary.Tests.Compat;

/// <summary>What the library relies on in ML.NET's context; these tests run on the packages and on compat/ alike.</summary>
[TestClass]
public class ContextBehaviourTests
{
    [TestMethod]
    public void ChannelsReachTheLogWithHostAndChannelName()
    {
        var ml = new MLContext(seed: 1);
        var logged = new List<LoggingEventArgs>();
        ml.Log += (_, message) => logged.Add(message);
        IHost host = ((IHostEnvironment)ml).Register("Trainer");
        using (IChannel channel = host.Start("Fit"))
        {
            channel.Info(MessageSensitivity.None, "loss {0}", 1.5);
            channel.Trace(MessageSensitivity.None, "braces {stay}");
            channel.Warning(MessageSensitivity.None, "slow");
            channel.Error(MessageSensitivity.None, "broken");
        }

        Assert.IsTrue(logged.All(message => message.Source == "Trainer; Fit"));
        CollectionAssert.AreEqual(
            new[] { "Info loss 1.5", "Trace braces {stay}", "Warning slow", "Error broken" },
            logged.Where(message => !message.RawMessage.StartsWith("Channel ", StringComparison.Ordinal)).Select(message => $"{message.Kind} {message.RawMessage}").ToArray());
        Assert.AreEqual("[Source=Trainer; Fit, Kind=Info] loss 1.5", logged.Single(message => message.Kind == ChannelMessageKind.Info).Message);
    }

    [TestMethod]
    public void AChannelSaysWhenItStartsAndFinishes()
    {
        var ml = new MLContext();
        var logged = new List<string>();
        ml.Log += (_, message) => logged.Add(message.RawMessage);
        using (((IHostEnvironment)ml).Register("Host").Start("Work"))
        {
        }

        Assert.AreEqual("Channel started", logged[0]);
        StringAssert.StartsWith(logged[1], "Channel finished. Elapsed ");
        Assert.AreEqual("Channel disposed", logged[2]);
    }

    [TestMethod]
    public void AChildHostHasItsOwnNameOnly()
    {
        var ml = new MLContext();
        var sources = new HashSet<string>();
        ml.Log += (_, message) => sources.Add(message.Source);
        ((IHostEnvironment)ml).Register("Parent").Register("Child").Start("Work").Dispose();
        CollectionAssert.AreEqual(new[] { "Child; Work" }, sources.ToArray());
    }

    [TestMethod]
    public void ASeedMakesTheRandomNumbersOfHostsRepeat()
    {
        static int[] Draw(int seed)
        {
            IHostEnvironment environment = new MLContext(seed);
            Random rand = environment.Register("Trainer").Rand;
            return [rand.Next(), rand.Next(), environment.Register("Trainer").Rand.Next()];
        }

        CollectionAssert.AreEqual(Draw(5), Draw(5));
        CollectionAssert.AreNotEqual(Draw(5), Draw(6));
    }

    [TestMethod]
    public void AProgressChannelTakesNoMoreValuesThanItsHeaderNames()
    {
        IHost host = ((IHostEnvironment)new MLContext()).Register("Trainer");
        using IProgressChannel progress = host.StartProgressChannel("Fit");
        progress.SetHeader(new ProgressHeader(["loss"], ["steps"]), entry => entry.SetProgress(0, 1, 10));
        progress.Checkpoint(0.5, 1, 10);
        progress.Checkpoint(null, 1);
        Assert.ThrowsExactly<InvalidOperationException>(() => progress.Checkpoint(0.5, 1, 10, 2));
    }
}
