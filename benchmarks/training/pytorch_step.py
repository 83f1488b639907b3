"""A training step of BinaryDenseNetwork in PyTorch: the rival that run.sh times against this package's trainer.

    python3 pytorch_step.py FOLDER THREADS [--channels-last]

FOLDER is what `dotnet run --project benchmarks/training` writes: the network's shape (network.json), its trained parameters by name
(parameters.json, parameters.bin) and one batch (images.bin, labels.bin). Every parameter of the package's network must be used here, with
the same shape, and no other; then prints "ready", and for each line read a step's milliseconds and loss.
"""
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


class Sign(torch.autograd.Function):
    """sign, sign(0) = +1; backward the slope max(0, 2 - 2|x|) of Bi-Real Net's polynomial."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return x.abs().mul_(-2).add_(2).clamp_(min=0).mul_(gradient)


class LatentSign(torch.autograd.Function):
    """sign of a latent weight; backward the identity where it lies in [-1, 1]."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


class Weights:
    """The parameters that the package's network starts from; each is handed out once, by name and expected shape."""

    def __init__(self, folder):
        self.entries = {entry["name"]: entry for entry in json.loads((folder / "parameters.json").read_text())}
        self.values = torch.frombuffer(bytearray((folder / "parameters.bin").read_bytes()), dtype=torch.float32)
        self.scope = []

    def __getitem__(self, scope):
        self.scope.append(scope)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scope.pop()

    def take(self, name, *shape):
        entry = self.entries.pop("/".join(self.scope + [name]))
        assert tuple(entry["shape"]) == shape, f"{entry['name']} has shape {entry['shape']} there and {shape} here"
        start = entry["offset"]
        parameter = nn.Parameter(self.values[start:start + entry["length"]].reshape(shape).clone())
        parameter.role = entry["role"]
        return parameter


class Convolution(nn.Module):
    def __init__(self, weights, name, inputs, outputs, kernel, stride=1, dilation=1, groups=1, bias=False):
        super().__init__()
        self.weight = weights.take(name + ".weight", outputs, inputs // groups, kernel, kernel)
        self.bias = weights.take(name + ".bias", outputs) if bias else None
        self.geometry = dict(stride=stride, padding=dilation * (kernel - 1) // 2, dilation=dilation, groups=groups)

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, **self.geometry)


class BinaryConvolution(nn.Module):
    """Signs of the latent weights against a map of signs, padded with +1."""

    def __init__(self, weights, name, inputs, outputs, kernel, stride=1, dilation=1):
        super().__init__()
        self.weight = weights.take(name + ".weight", outputs, inputs, kernel, kernel)
        self.padding = dilation * (kernel - 1) // 2
        self.geometry = dict(stride=stride, dilation=dilation)

    def forward(self, x):
        if self.padding > 0:
            x = F.pad(x, [self.padding] * 4, value=1.0)
        return F.conv2d(x, LatentSign.apply(self.weight), **self.geometry)


class BatchNorm(nn.BatchNorm2d):
    def __init__(self, weights, name, channels):
        super().__init__(channels)
        self.weight = weights.take(name + ".gamma", channels)
        self.bias = weights.take(name + ".beta", channels)


class ShiftedSign(nn.Module):
    def __init__(self, weights, name, channels):
        super().__init__()
        self.shift = weights.take(name + ".shift", channels)

    def forward(self, x):
        return Sign.apply(x + self.shift[:, None, None])


class RPReLU(nn.Module):
    def __init__(self, weights, name, channels):
        super().__init__()
        self.shift = weights.take(name + ".shift", channels)
        self.slope = weights.take(name + ".slope", channels)
        self.offset = weights.take(name + ".offset", channels)

    def forward(self, x):
        return F.prelu(x + self.shift[:, None, None], self.slope) + self.offset[:, None, None]


class ConvolutionNorm(nn.Sequential):
    """Sign, binary convolution, batch norm; in float precision convolution and batch norm."""

    def __init__(self, weights, name, inputs, outputs, kernel, binary, signed=False, **geometry):
        parts = []
        if binary and not signed:
            parts.append(ShiftedSign(weights, name + ".sign", inputs))
        parts.append((BinaryConvolution if binary else Convolution)(weights, name, inputs, outputs, kernel, **geometry))
        parts.append(BatchNorm(weights, name + ".norm", outputs))
        super().__init__(*parts)


class Stem(nn.Sequential):
    def __init__(self, weights, width):
        half = width // 2
        with weights["stem"]:
            super().__init__(
                Convolution(weights, "first", 3, half, 3, stride=2), BatchNorm(weights, "first.norm", half), RPReLU(weights, "first.activation", half),
                Convolution(weights, "depthwise", half, half, 3, stride=2, groups=half), BatchNorm(weights, "depthwise.norm", half),
                Convolution(weights, "pointwise", half, width, 1), BatchNorm(weights, "pointwise.norm", width), RPReLU(weights, "activation", width))


class Unit(nn.Module):
    def __init__(self, weights, name, channels, binary, dilation=1):
        super().__init__()
        with weights[name]:
            self.convolution = ConvolutionNorm(weights, "convolution", channels, channels, 3, binary, dilation=dilation)
            self.activation = RPReLU(weights, "activation", channels)

    def forward(self, x):
        return self.activation(self.convolution(x) + x)


class Down(nn.Module):
    def __init__(self, weights, name, channels, binary):
        super().__init__()
        with weights[name]:
            self.convolution = ConvolutionNorm(weights, "convolution", channels, 2 * channels, 3, binary, stride=2)
            self.activation = RPReLU(weights, "activation", 2 * channels)

    def forward(self, x):
        pooled = F.avg_pool2d(x, 2)
        return self.activation(self.convolution(x) + torch.cat([pooled, pooled], 1))


class Attention(nn.Module):
    """Keys and values on a reduced token grid, one-bit queries and keys."""

    def __init__(self, weights, channels, heads, reduction, binary):
        super().__init__()
        self.heads, self.reduction = heads, reduction
        with weights["attention"]:
            def sign(name):
                return ShiftedSign(weights, name, channels) if binary else nn.Identity()

            def project(name, signed=True):
                return ConvolutionNorm(weights, name, channels, channels, 1, binary, signed=signed)

            self.sign, self.query, self.query_sign = sign("sign"), project("query"), sign("query.sign")
            self.key, self.key_sign, self.value = project("key"), sign("key.sign"), project("value")
            self.temperature = weights.take("attend.temperature", heads)
            self.slope = weights.take("attend.slope", heads)
            self.project = project("project", signed=False)
            self.activation = RPReLU(weights, "activation", channels)
        self.grid = None

    def sample(self, side):
        reduced = side if self.reduction == 1 else max(1, (2 * side + self.reduction) // (2 * self.reduction))
        return torch.tensor([(2 * i + 1) * side // (2 * reduced) for i in range(reduced)])

    def forward(self, x):
        images, channels, height, width = x.shape
        if self.grid is None:
            rows, columns = self.sample(height), self.sample(width)
            down = (torch.arange(height)[:, None, None, None] - rows[None, None, :, None]).abs()
            across = (torch.arange(width)[None, :, None, None] - columns[None, None, None, :]).abs()
            self.grid = rows, columns, (down + across).reshape(height * width, -1).float()
        rows, columns, distance = self.grid
        signs = self.sign(x)
        tokens = signs.index_select(2, rows).index_select(3, columns)

        def split(value):
            return value.reshape(images, self.heads, channels // self.heads, -1)

        q, k = split(self.query_sign(self.query(signs))), split(self.key_sign(self.key(tokens)))
        v = split(self.value(tokens))
        logits = self.temperature[:, None, None] * (q.transpose(2, 3) @ k) + self.slope[:, None, None] * distance
        attended = (v @ logits.softmax(-1).transpose(2, 3)).reshape(x.shape)
        return self.activation(self.project(attended) + x)


class Upsampler(nn.Module):
    """sum_i sigmoid(g_i) BN(conv(U_i(x))) with nearest, bilinear and sub-pixel enlargement, and shortcuts around it."""

    def __init__(self, weights, name, inputs, outputs, binary):
        super().__init__()
        with weights[name]:
            self.nearest_sign = ShiftedSign(weights, "nearest.sign", inputs) if binary else nn.Identity()
            self.nearest = ConvolutionNorm(weights, "nearest.convolution", inputs, outputs, 3, binary, signed=True)
            self.bilinear = ConvolutionNorm(weights, "bilinear.convolution", inputs, outputs, 3, binary)
            self.subpixel = ConvolutionNorm(weights, "subpixel.convolution", inputs // 4, outputs, 3, binary)
            self.gates = nn.ParameterList([weights.take(f"{branch}.convolution.gate.logit", outputs) for branch in ("nearest", "bilinear", "subpixel")])
            self.activation = RPReLU(weights, "activation", outputs)

    def forward(self, x, skip):
        smooth = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
        branches = [
            self.nearest(F.interpolate(self.nearest_sign(x), scale_factor=2.0, mode="nearest")),
            self.bilinear(smooth),
            self.subpixel(F.pixel_shuffle(x, 2)),
        ]
        total = skip + smooth.unflatten(1, (-1, skip.shape[1])).mean(1)
        for gate, branch in zip(self.gates, branches):
            total = total + gate.sigmoid()[:, None, None] * branch
        return self.activation(total)


class Network(nn.Module):
    def __init__(self, weights, shape):
        super().__init__()
        width, binary, dilations = shape["Width"], shape["Precision"] == "Binary", shape["Stride16Dilations"]
        self.register_buffer("mean", torch.tensor([123.675, 116.28, 103.53])[:, None, None])
        self.register_buffer("deviation", torch.tensor([58.395, 57.12, 57.375])[:, None, None])
        self.stem = Stem(weights, width)
        self.stride4 = nn.Sequential(*[Unit(weights, f"stride4.{i}", width, binary) for i in range(shape["Stride4Depth"])])
        self.stride8 = nn.Sequential(
            Down(weights, "stride8.0", width, binary),
            *[Unit(weights, f"stride8.{i}", 2 * width, binary) for i in range(1, shape["Stride8Depth"])])
        self.stride16 = nn.Sequential(
            Down(weights, "stride16.0", 2 * width, binary),
            *[Unit(weights, f"stride16.{i}", 4 * width, binary, dilations[(i - 1) % len(dilations)]) for i in range(1, shape["Stride16Depth"])])
        self.attention = Attention(weights, 4 * width, shape["AttentionHeads"], shape["AttentionReduction"], binary)
        self.up8 = Upsampler(weights, "up8", 4 * width, 2 * width, binary)
        self.up4 = Upsampler(weights, "up4", 2 * width, width, binary)
        self.refine = nn.Sequential(*[Unit(weights, f"refine.{i}", width, binary) for i in range(shape["RefineDepth"])])
        self.classifier = Convolution(weights, "classifier", width, shape["Outputs"], 1, bias=True)

    def forward(self, image):
        stride4 = self.stride4(self.stem((image - self.mean) / self.deviation))
        stride8 = self.stride8(stride4)
        x = self.up4(self.up8(self.attention(self.stride16(stride8)), stride8), stride4)
        return F.interpolate(self.classifier(self.refine(x)), scale_factor=4.0, mode="bilinear", align_corners=False)


def main():
    folder, threads, channels_last = Path(sys.argv[1]), int(sys.argv[2]), "--channels-last" in sys.argv[3:]
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    shape = json.loads((folder / "network.json").read_text())
    batch = [shape[side] for side in ("Batch", "Height", "Width")]
    shape = shape["Network"]
    weights = Weights(folder)
    network = Network(weights, shape).train()
    assert not weights.entries, f"parameters of the package's network that this one lacks: {sorted(weights.entries)}"
    images = torch.frombuffer(bytearray((folder / "images.bin").read_bytes()), dtype=torch.float32).reshape(batch[0], 3, *batch[1:])
    labels = torch.frombuffer(bytearray((folder / "labels.bin").read_bytes()), dtype=torch.uint8).reshape(batch).long()
    if channels_last:
        network, images = network.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)

    parameters = list(network.parameters())
    latent = [p for p in parameters if p.role == "LatentSign"]
    decayed = [p for p in parameters if p.role == "Weight"]
    others = [p for p in parameters if p.role == "Modulation"]
    groups = [dict(params=latent + others, weight_decay=0.0), dict(params=decayed, weight_decay=0.01)]
    optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=2e-3, betas=(0.9, 0.999), eps=1e-8, foreach=True)

    print(f"ready {sum(p.numel() for p in parameters)} PyTorch {torch.__version__}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = F.cross_entropy(network(images), labels, ignore_index=255)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for p in latent:
                p.clamp_(-1, 1)
        value = loss.item()
        print(f"{1000 * (time.perf_counter() - start):.3f} {value:.6f}", flush=True)


if __name__ == "__main__":
    main()
