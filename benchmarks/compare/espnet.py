#!/usr/bin/env python3
"""Writes ESPNet (Mehta et al., ECCV 2018, arXiv 1803.06815) as an ONNX file with random weights, for measuring speed only.

Our own writing from the paper, with the encoder depths alpha2 = 2 and alpha3 = 8 and its decoder. Needs PyTorch.

    espnet.py FILE.onnx [--classes 11] [--size 480x360]
"""
import argparse

import torch
from torch import nn


class ConvUnit(nn.Sequential):
    """Convolution, batch norm, PReLU."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs, eps=1e-3), nn.PReLU(outputs))


class NormUnit(nn.Sequential):
    """Batch norm, PReLU."""

    def __init__(self, channels):
        super().__init__(nn.BatchNorm2d(channels, eps=1e-3), nn.PReLU(channels))


class EspBlock(nn.Module):
    """Reduce, five dilated 3x3 convolutions, hierarchical fusion; with a stride it halves the map, else it has a shortcut."""

    def __init__(self, inputs, outputs, stride=1, shortcut=True):
        super().__init__()
        width = outputs // 5
        first = outputs - 4 * width
        self.reduce = nn.Conv2d(inputs, width, 3 if stride == 2 else 1, stride, 1 if stride == 2 else 0, bias=False)
        self.branches = nn.ModuleList(
            nn.Conv2d(width, first if d == 1 else width, 3, 1, d, dilation=d, bias=False) for d in (1, 2, 4, 8, 16))
        self.norm = NormUnit(outputs)
        self.shortcut = shortcut and stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.reduce(x)
        plain, *parts = [branch(y) for branch in self.branches]
        total, sums = None, [plain]
        for part in parts:
            total = part if total is None else total + part
            sums.append(total)
        y = torch.cat(sums, 1)
        return self.norm(x + y if self.shortcut else y)


class EspNet(nn.Module):
    def __init__(self, classes, alpha2=2, alpha3=8):
        super().__init__()
        self.pool = nn.AvgPool2d(3, 2, 1)
        self.level1 = ConvUnit(3, 16, 3, 2)
        self.norm1 = NormUnit(19)
        self.down2 = EspBlock(19, 64, 2)
        self.level2 = nn.ModuleList(EspBlock(64, 64) for _ in range(alpha2))
        self.norm2 = NormUnit(131)
        self.down3 = EspBlock(131, 128, 2)
        self.level3 = nn.ModuleList(EspBlock(128, 128) for _ in range(alpha3))
        self.norm3 = NormUnit(256)
        self.project3 = nn.Conv2d(256, classes, 1, bias=False)
        self.up3 = nn.Sequential(nn.BatchNorm2d(classes, eps=1e-3), nn.ConvTranspose2d(classes, classes, 2, 2, bias=False))
        self.project2 = nn.Conv2d(131, classes, 1, bias=False)
        self.merge2 = nn.Sequential(NormUnit(2 * classes), EspBlock(2 * classes, classes, shortcut=False))
        self.up2 = nn.Sequential(nn.ConvTranspose2d(classes, classes, 2, 2, bias=False), NormUnit(classes))
        self.merge1 = ConvUnit(19 + classes, classes, 3)
        self.up1 = nn.ConvTranspose2d(classes, classes, 2, 2, bias=False)

    def forward(self, image):
        half = self.pool(image)
        one = self.norm1(torch.cat([self.level1(image), half], 1))
        first = y = self.down2(one)
        for block in self.level2:
            y = block(y)
        two = self.norm2(torch.cat([y, first, self.pool(half)], 1))
        first = y = self.down3(two)
        for block in self.level3:
            y = block(y)
        three = self.norm3(torch.cat([first, y], 1))
        y = self.up3(self.project3(three))
        y = self.up2(self.merge2(torch.cat([self.project2(two), y], 1)))
        return self.up1(self.merge1(torch.cat([y, one], 1)))


def main():
    parser = argparse.ArgumentParser(description="ESPNet with random weights as an ONNX file.")
    parser.add_argument("file")
    parser.add_argument("--classes", type=int, default=11)
    parser.add_argument("--size", default="480x360")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    if width % 8 or height % 8:
        parser.error(f"--size {options.size}: both sides must be multiples of 8")
    torch.manual_seed(1)
    network = EspNet(options.classes).eval()
    count = sum(p.numel() for p in network.parameters())
    torch.onnx.export(network, torch.rand(1, 3, height, width), options.file, input_names=["image"], output_names=["logits"], opset_version=13)
    print(f"ESPNet, {count} parameters, {options.classes} classes, {width}x{height}: {options.file}")


if __name__ == "__main__":
    main()
