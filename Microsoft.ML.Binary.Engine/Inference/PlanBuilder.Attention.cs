using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference;

internal sealed partial class PlanBuilder
{
    private void EmitAttention(int index, ReducedAttention node)
    {
        bool packed = _fusion.PacksKeys(node);
        Func<int, MapView> keyForm = packed ? SignPlanes : Real;
        MapView queries = keyForm(node.Inputs[0]), keys = keyForm(node.Inputs[1]), values = Real(node.Inputs[2]);
        int keyDepth = _graph.Types[node.Inputs[1]].Channels / node.Heads, valueDepth = _graph.Types[index].Channels / node.Heads;
        AttentionShape shape = new(node.Heads, keyDepth, valueDepth, Layout(index), Layout(node.Inputs[1]), packed);

        PlanLimits.Check(shape.Logits * sizeof(float), PlanLimits.MaxArrayBytes);
        PlanBuffer keyWeights = new(PlanLimits.Row(shape.AllKeyWeights), 1, packed ? sizeof(byte) : sizeof(float));
        PlanBuffer valueWeights = new(PlanLimits.Row(shape.AllValueWeights), 1, sizeof(float));
        _draft.Add(
            () => new AttentionPackStep(node.Name + "/pack", shape, keys, values, keyWeights, valueWeights), [keys, values], keyWeights, valueWeights);

        PlanBuffer target = new(Layout(index), _graph.Types[index].Channels, sizeof(float));
        _draft.Add(
            () => new AttentionStep(node, shape, queries, keyWeights, valueWeights, target, exact: _graph.IsBinary),
            [queries, MapView.Of(keyWeights), MapView.Of(valueWeights)], target);
        _real[index] = MapView.Of(target);
    }
}
