"""What a float network reaches on nuclei: a U-Net (Ronneberger et al., arXiv 1505.04597) of 1.6 million parameters at full resolution.

    python3 unet.py PARTS --minutes 50
    python3 unet.py PARTS --minutes 84 --encoder ResNet18.onnx

PARTS has train/ and val/, each with images/ and masks/ (eng/hold-out.sh makes them). Wants PyTorch, NumPy and Pillow. On one thread it
learns for so many minutes, then prints the IoU of the three classes and their mean on val, the same with the eight turned and mirrored
views averaged, and on every third image of train. The learning rate follows the clock, so another machine takes another number of steps.

With an encoder, what comes below full resolution begins as the first three stages of ResNet-18, learned from ImageNet: the file of
Microsoft.ML.DnnImageFeaturizer.ResNet18 (`dotnet build -c Release benchmarks/teacher` leaves it beside that program). Wants onnx too.
"""
import argparse
import copy
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

CLASSES, IGNORED = 3, 255
CROP, BATCH = 176, 6
CHANNELS = [16, 32, 64, 128, 192]
RATE, TUNED_RATE, WARM_UP = 2e-3, 2e-4, 100
CLASS_WEIGHTS = torch.tensor([1.0, 1.3, 2.0])


def load(part):
    pairs = []
    for mask in sorted((part / "masks").iterdir()):
        image = next(path for path in (part / "images").iterdir() if path.stem == mask.stem)
        pairs.append((np.array(Image.open(image).convert("RGB")), np.array(Image.open(mask)).astype(np.uint8)))
    return pairs


def normalize(image):
    x = image.astype(np.float32)
    x = x - x.mean((0, 1))
    return x / (x.std() + 8)


def block(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([block(i, o) for i, o in zip([3] + CHANNELS, CHANNELS)])
        self.up = nn.ModuleList([block(o + i, o) for o, i in zip(CHANNELS, CHANNELS[1:])])
        self.classifier = nn.Conv2d(CHANNELS[0], CLASSES, 1)

    def forward(self, x):
        maps = []
        for i, stage in enumerate(self.down):
            x = stage(F.max_pool2d(x, 2) if i else x)
            maps.append(x)
        for skip, stage in zip(maps[-2::-1], list(self.up)[::-1]):
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = stage(torch.cat([skip, x], 1))
        return self.classifier(x)


class ResNetUNet(nn.Module):
    """Two convolutions at full resolution, below them stages of ResNet-18 (strides 2 to 16), and a way up as that of UNet."""

    CHANNELS, ENCODED = [24, 48, 64, 96], [64, 64, 128, 256]
    BLUE_FIRST_MEAN = torch.tensor([103.94, 116.78, 123.68]).view(1, 3, 1, 1)

    def __init__(self, file):
        super().__init__()
        self.fine = block(3, self.CHANNELS[0])
        self.encoder = nn.ModuleList(list(folded_convolutions(file))[:15])
        skips, below = [self.CHANNELS[0]] + self.ENCODED[:-1], self.CHANNELS[1:] + self.ENCODED[-1:]
        self.up = nn.ModuleList([block(skip + other, channels) for skip, other, channels in zip(skips, below, self.CHANNELS)])
        self.classifier = nn.Conv2d(self.CHANNELS[0], CLASSES, 1)

    def stages(self, x):
        # The file wants colours from 0 to 255, blue first, less ImageNet's mean; it pads what it halves above and to the left.
        x = x.flip(1) * 60 + 128 - self.BLUE_FIRST_MEAN
        layers = iter(self.encoder)
        x = F.relu(next(layers)(F.pad(x, (3, 2, 3, 2))))
        yield x
        x = F.max_pool2d(F.pad(x, (1, 0, 1, 0)), 3, 2)
        for stage in range(3):
            around = next(layers)(x) if stage else x
            x = F.relu(next(layers)(F.pad(x, (1, 0, 1, 0)) if stage else x))
            x = F.relu(next(layers)(x) + around)
            inner = F.relu(next(layers)(x))
            x = F.relu(next(layers)(inner) + x)
            yield x

    def forward(self, x):
        maps = [self.fine(x), *self.stages(x)]
        x = maps.pop()
        for skip, stage in zip(maps[::-1], list(self.up)[::-1]):
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = stage(torch.cat([skip, x], 1))
        return self.classifier(x)


def folded_convolutions(file):
    """The convolutions of an ONNX file in its order, each with its batch normalization folded in."""
    import onnx.numpy_helper

    graph = onnx.load(file).graph
    values = {value.name: torch.from_numpy(onnx.numpy_helper.to_array(value).copy()) for value in graph.initializer}
    for node, following in zip(graph.node, graph.node[1:]):
        if node.op_type == "Conv":
            gamma, beta, mean, variance = (values[name] for name in following.input[1:])
            epsilon = next(a.f for a in following.attribute if a.name == "epsilon")
            factor = gamma / (variance + epsilon).sqrt()
            weights = values[node.input[1]] * factor.view(-1, 1, 1, 1)
            stride = next(a.ints[0] for a in node.attribute if a.name == "strides")
            layer = nn.Conv2d(weights.shape[1], weights.shape[0], weights.shape[2], stride, weights.shape[2] // 2 if stride == 1 else 0)
            layer.weight.data, layer.bias.data = weights, beta - mean * factor
            yield layer


def crop(pairs):
    image, mask = random.choice(pairs)
    size = int(CROP / float(np.exp(random.uniform(-0.25, 0.25)))) + 1
    height, width = mask.shape
    if height < size or width < size:
        rows, columns = (0, max(0, size - height)), (0, max(0, size - width))
        image = np.pad(image, (rows, columns, (0, 0)), "reflect")
        mask = np.pad(mask, (rows, columns), constant_values=IGNORED)
    x, (height, width) = normalize(image), mask.shape
    top, left = random.randint(0, height - size), random.randint(0, width - size)
    x, mask = x[top:top + size, left:left + size], mask[top:top + size, left:left + size]
    turns = random.randint(0, 3)
    x, mask = np.rot90(x, turns), np.rot90(mask, turns)
    if random.random() < 0.5:
        x, mask = x[:, ::-1], mask[:, ::-1]
    x = torch.from_numpy(np.ascontiguousarray(x)).permute(2, 0, 1)[None]
    mask = torch.from_numpy(np.ascontiguousarray(mask))[None, None].float()
    x = F.interpolate(x, size=(CROP, CROP), mode="bilinear", align_corners=False)
    mask = F.interpolate(mask, size=(CROP, CROP), mode="nearest-exact")
    x = x * float(np.exp(random.uniform(-0.4, 0.4))) + random.uniform(-0.3, 0.3)
    if random.random() < 0.3:
        x = -x
    if random.random() < 0.3:
        x = x + torch.randn_like(x) * random.uniform(0, 0.1)
    return x[0], mask[0, 0].long()


def loss_of(logits, labels):
    """Weighed cross-entropy and soft IoU, as the package trains segmentation, here with a weight of 1."""
    known = labels != IGNORED
    entropy = F.cross_entropy(logits, torch.where(known, labels, torch.tensor(-100)), weight=CLASS_WEIGHTS)
    predicted = logits.softmax(1) * known[:, None]
    true = F.one_hot(torch.where(known, labels, torch.tensor(0)), CLASSES).permute(0, 3, 1, 2).float() * known[:, None]
    both = (predicted * true).sum((0, 2, 3))
    either = (predicted + true - predicted * true).sum((0, 2, 3))
    return entropy + 1 - ((both + 1) / (either + 1)).mean()


@torch.no_grad()
def evaluate(network, pairs, views):
    network.eval()
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    for image, mask in pairs:
        x = torch.from_numpy(normalize(image)).permute(2, 0, 1)[None]
        height, width = mask.shape
        x = F.pad(x, (0, -width % 16, 0, -height % 16), mode="reflect")
        sums = 0
        for view in range(views):
            seen = torch.rot90(x, view % 4, (2, 3))
            seen = seen.flip(3) if view > 3 else seen
            found = network(seen).softmax(1)
            found = found.flip(3) if view > 3 else found
            sums = sums + torch.rot90(found, -(view % 4), (2, 3))
        labels = sums[:, :, :height, :width].argmax(1)[0].numpy()
        confusion += np.bincount(mask.ravel().astype(int) * CLASSES + labels.ravel(), minlength=CLASSES ** 2).reshape(CLASSES, CLASSES)
    hits = np.diag(confusion)
    iou = hits / (confusion.sum(0) + confusion.sum(1) - hits)
    return f"IoU {iou.round(3).tolist()}, mean {iou.mean():.4f}"


def train(network, pairs, minutes):
    network = network.to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    tuned = list(network.encoder.parameters()) if isinstance(network, ResNetUNet) else []
    fresh = [p for p in network.parameters() if all(p is not other for other in tuned)]
    groups = [{"params": fresh, "most": RATE}, {"params": tuned, "most": TUNED_RATE}]
    optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=RATE, weight_decay=0.02)
    start, step = time.time(), 0
    while (share := (time.time() - start) / 60 / minutes) <= 1:
        for group in optimizer.param_groups:
            group["lr"] = max(group["most"] * min(1, step / WARM_UP) * (0.5 + 0.5 * np.cos(np.pi * share)), 1e-6)
        images, labels = (torch.stack(items) for items in zip(*[crop(pairs) for _ in range(BATCH)]))
        network.train()
        loss = loss_of(network(images.contiguous(memory_format=torch.channels_last)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        with torch.no_grad():
            for kept, new in zip(average.state_dict().values(), network.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.mul_(0.995).add_(new, alpha=0.005)
                else:
                    kept.copy_(new)
        if step % 100 == 0:
            print(f"step {step}, {share * minutes:.1f} minutes, loss {loss.item():.3f}", flush=True)
    return average, step


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", type=Path)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--encoder", type=Path, help="the ONNX file of ResNet-18")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    learned, held_out = load(arguments.parts / "train"), load(arguments.parts / "val")
    network = ResNetUNet(str(arguments.encoder)) if arguments.encoder else UNet()
    network, steps = train(network, learned, arguments.minutes)
    print(f"{steps} steps, {sum(p.numel() for p in network.parameters()):,} parameters")
    print(f"val: {evaluate(network, held_out, 1)}")
    print(f"val, eight views: {evaluate(network, held_out, 8)}")
    print(f"every third of train: {evaluate(network, learned[::3], 1)}")


if __name__ == "__main__":
    main()
