using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli;

/// <summary>An item of a batch that could not be worked on, and why.</summary>
internal sealed record Failure(string Name, string Reason);

/// <summary>The result of work on one item, or its failure.</summary>
internal readonly record struct Outcome<T>(T? Value, Failure? Failure);

/// <summary>The items of a batch that failed. The batch goes on without them, unless it is to end at the first.</summary>
/// <param name="endsAtFirst">Whether the first failure is an error.</param>
internal sealed class Failures(bool endsAtFirst)
{
    private readonly List<Failure> _list = [];

    public IReadOnlyList<Failure> List => _list;

    /// <summary>Works on an item; errors that come from it, rather than from where results go, become a failure. Safe to call from several threads.</summary>
    public Outcome<T> Try<T>(string name, Func<T> work)
    {
        try
        {
            return new(work(), null);
        }
        catch (Exception e) when (!endsAtFirst && BatchRun.IsFaultOfImage(e))
        {
            return new(default, new(name, ErrorText.Of(e)));
        }
    }

    /// <summary>Works on images, several at a time, and takes the results in their order; what cannot be worked on becomes a failure.</summary>
    /// <typeparam name="TItem">An image.</typeparam>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="items">The images, without those that have failed before.</param>
    /// <param name="threads">Images at a time.</param>
    /// <param name="nameOf">What messages call one.</param>
    /// <param name="work">Is called from several threads.</param>
    /// <param name="take">Gets each result.</param>
    /// <param name="done">Is told how many images are done, those among them that have failed before.</param>
    /// <exception cref="InvalidDataException">There is no result.</exception>
    public void All<TItem, T>(IReadOnlyList<TItem> items, int threads, Func<TItem, string> nameOf, Func<TItem, T> work, Action<T> take, Action<int>? done = null)
    {
        int before = _list.Count, count = before, taken = 0;
        foreach (Outcome<T> one in OrderedParallel.Map(items, threads, item => Try(nameOf(item), () => work(item))))
        {
            if (one.Failure is { } failure)
            {
                Add(failure);
            }
            else
            {
                take(one.Value!);
                taken++;
            }

            done?.Invoke(++count);
        }

        if (taken == 0)
        {
            throw new InvalidDataException($"None of {Plural.Of(_list.Count, "image")} could be evaluated.");
        }
    }

    /// <summary>Takes note of a failure.</summary>
    public void Add(Failure failure) => _list.Add(failure);

    /// <summary>Does the work of a batch, and lists the failures when it is over, also where an error ends it.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="total">Items of the batch.</param>
    /// <param name="what">What is to be done with them: <c>scored</c>.</param>
    /// <param name="work">The work, with what is written of its results.</param>
    /// <returns>The exit code of the command.</returns>
    public int Listed(Terminal terminal, int total, string what, Action work)
    {
        try
        {
            work();
        }
        finally
        {
            Report(terminal, total, what);
        }

        return _list.Count == 0 ? 0 : CommandLineTool.Failure;
    }

    /// <summary>The failures for other programs.</summary>
    public JsonArray ToJson() => new([.. _list.Select(failure => new JsonObject { ["name"] = failure.Name, ["reason"] = failure.Reason })]);

    private void Report(Terminal terminal, int total, string what)
    {
        if (_list.Count == 0)
        {
            return;
        }

        terminal.Error.WriteLine($"mlbinary: {_list.Count} of {Plural.Of(total, "image")} could not be {what}:");
        foreach (Failure failure in _list)
        {
            string named = failure.Reason.Contains(failure.Name, StringComparison.Ordinal) ? failure.Reason : $"{failure.Name}: {failure.Reason}";
            terminal.Error.WriteLine($"  {SafeText.OneLine(CommandLineTool.OneLine(named))}");
        }
    }
}
