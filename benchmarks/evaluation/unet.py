"""What a float network reaches on nuclei: a U-Net (Ronneberger et al., arXiv 1505.04597) of 1.6 million parameters at full resolution.

    python3 unet.py PARTS --minutes 50

PARTS has train/ and val/, each with images/ and masks/ (eng/hold-out.sh makes them). Wants PyTorch, NumPy and Pillow. On one thread it
learns for so many minutes, then prints the IoU of the three classes and their mean on val, the same with the eight turned and mirrored
views averaged, and on every third image of train. The learning rate follows the clock, so another machine takes another number of steps.
"""
import argparse
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
RATE, WARM_UP = 2e-3, 100
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


def train(pairs, minutes):
    network, average = UNet(), UNet()
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    start, step = time.time(), 0
    while (share := (time.time() - start) / 60 / minutes) <= 1:
        for group in optimizer.param_groups:
            group["lr"] = max(RATE * min(1, step / WARM_UP) * (0.5 + 0.5 * np.cos(np.pi * share)), 1e-6)
        images, labels = (torch.stack(items) for items in zip(*[crop(pairs) for _ in range(BATCH)]))
        network.train()
        loss = loss_of(network(images), labels)
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
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    learned, held_out = load(arguments.parts / "train"), load(arguments.parts / "val")
    network, steps = train(learned, arguments.minutes)
    print(f"{steps} steps, {sum(p.numel() for p in network.parameters()):,} parameters")
    print(f"val: {evaluate(network, held_out, 1)}")
    print(f"val, eight views: {evaluate(network, held_out, 8)}")
    print(f"every third of train: {evaluate(network, learned[::3], 1)}")


if __name__ == "__main__":
    main()
