namespace Microsoft.ML.Binary.Reporting;

/// <summary>A line of a report's list of facts.</summary>
/// <param name="Group">What the fact is about, <c>Model</c> for instance; facts of a group stand together.</param>
/// <param name="Name">What is stated.</param>
/// <param name="Value">The statement.</param>
public sealed record ReportFact(string Group, string Name, string Value);
