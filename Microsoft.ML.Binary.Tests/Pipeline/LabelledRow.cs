using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>A row as a user would write it.</summary>
internal sealed class LabelledRow
{
    public MLImage? Image { get; set; }

    public byte[] Label { get; set; } = [];
}
