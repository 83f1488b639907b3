#!/usr/bin/env python3
"""Scores a folder of predictions against a folder of masks, plainly and apart from the library, and checks the library's figures.

    python3 score_folders.py segmentation PREDICTIONS MASKS CLASSES [OURS.json]
    python3 score_folders.py saliency PREDICTIONS MASKS [OURS.json]

OURS.json is what `mlbinary evaluate --json` wrote; the largest difference is printed, and above 1e-9 the exit code is 1.
Standard library only. Files are PNG of 8 bits, gray, palette (the indices count) or RGB (the first channel counts), not interlaced.
Of saliency only mean absolute error and F-measures are computed here; reference.py has all measures, but takes minutes a photograph.
"""
import collections
import json
import math
import os
import struct
import sys
import zlib

IGNORE = 255
TOLERANCE = 1e-9


# ---------------------------------------------------------------- PNG

def unfilter(kind, line, above, step):
    """Undoes a row filter of the PNG specification (section 9), in place."""
    if kind == 1:
        for i in range(step, len(line)):
            line[i] = (line[i] + line[i - step]) & 255
    elif kind == 2:
        for i, up in enumerate(above):
            line[i] = (line[i] + up) & 255
    elif kind == 3:
        for i, up in enumerate(above):
            line[i] = (line[i] + ((line[i - step] if i >= step else 0) + up) // 2) & 255
    elif kind == 4:
        for i, up in enumerate(above):
            left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
            estimate = left + up - corner
            nearest = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))
            line[i] = (line[i] + nearest[2]) & 255


def read_png(path):
    with open(path, "rb") as file:
        data = file.read()
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    if data[:8] != b"\x89PNG\r\n\x1a\n" or depth != 8 or interlaced:
        sys.exit(f"{path}: only PNG of 8 bits that are not interlaced are read here")
    packed, position = b"", 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        if kind == b"IDAT":
            packed += data[position + 8:position + 8 + length]
        position += length + 12
    rows, stride = zlib.decompress(packed), width * channels + 1
    values, above = bytearray(), bytes(width * channels)
    for y in range(height):
        line = bytearray(rows[y * stride + 1:(y + 1) * stride])
        unfilter(rows[y * stride], line, above, channels)
        values += line[::channels]
        above = line
    return width, height, bytes(values)


def read_pairs(predictions, masks):
    for file in sorted(os.listdir(masks), key=lambda file: os.path.splitext(file)[0]):
        width, height, mask = read_png(os.path.join(masks, file))
        other_width, other_height, prediction = read_png(os.path.join(predictions, file))
        if (width, height) != (other_width, other_height):
            sys.exit(f"{file}: the mask is {width}x{height}, the prediction {other_width}x{other_height}")
        yield os.path.splitext(file)[0], mask, prediction


# ---------------------------------------------------------------- figures

def ratio(part, whole):
    return part / whole if whole else None


def defined_mean(values):
    values = [value for value in values if value is not None]
    return math.fsum(values) / len(values) if values else None


def figures(counts, classes):
    """Figures of a count of (label, prediction) pairs, ignored labels left out."""
    matrix = [[counts.get((label, prediction), 0) for prediction in range(classes)] for label in range(classes)]
    hit = [matrix[c][c] for c in range(classes)]
    labelled = [sum(matrix[c]) for c in range(classes)]
    predicted = [sum(row[c] for row in matrix) for c in range(classes)]
    total = sum(labelled)
    iou = [ratio(hit[c], labelled[c] + predicted[c] - hit[c]) for c in range(classes)]
    accuracy = [ratio(hit[c], labelled[c]) for c in range(classes)]
    dice = [ratio(2 * hit[c], labelled[c] + predicted[c]) for c in range(classes)]
    return {
        "meanIoU": defined_mean(iou), "pixelAccuracy": ratio(sum(hit), total), "meanAccuracy": defined_mean(accuracy), "meanDice": defined_mean(dice),
        "frequencyWeightedIoU": ratio(math.fsum(labelled[c] * iou[c] for c in range(classes) if labelled[c]), total),
        "perClassIoU": iou, "perClassAccuracy": accuracy, "perClassPrecision": [ratio(hit[c], predicted[c]) for c in range(classes)],
        "perClassDice": dice, "confusionMatrix": matrix, "pixelCount": total,
    }


def segmentation(pairs, classes):
    total, images = collections.Counter(), []
    for name, mask, prediction in pairs:
        counts = collections.Counter(zip(mask, prediction))
        counts = {pair: count for pair, count in counts.items() if pair[0] != IGNORE}
        total.update(counts)
        single = figures(counts, classes)
        images.append({"name": name, **{key: single[key] for key in ("meanIoU", "pixelAccuracy", "meanAccuracy", "meanDice", "pixelCount")}})
    return {**figures(total, classes), "imageCount": len(images), "images": images}


def f_score(precision, recall):
    return 0.0 if precision * recall == 0 else 1.3 * precision * recall / (0.3 * precision + recall)


def saliency(pairs):
    images, curves = [], []
    for name, mask, prediction in pairs:
        low, high = min(prediction) / 255, max(prediction) / 255
        stretched = [level / 255 if low == high else (level / 255 - low) / (high - low) for level in range(256)]
        counts = collections.Counter(zip(prediction, (value > 128 for value in mask)))
        objects = sum(count for (_, inside), count in counts.items() if inside)
        error = math.fsum(abs(stretched[level] - inside) * count for (level, inside), count in counts.items()) / len(mask)
        curve = []
        for t in range(256):
            hits = sum(count for (level, inside), count in counts.items() if inside and int(stretched[level] * 255) >= t)
            salient = sum(count for (level, _), count in counts.items() if int(stretched[level] * 255) >= t)
            curve.append(f_score(hits / max(salient, 1), hits / max(objects, 1)))
        curves.append(curve)
        images.append({"name": name, "mae": error, "maxF": max(curve), "meanF": math.fsum(curve) / 256})
    mean_curve = [math.fsum(curve[t] for curve in curves) / len(curves) for t in range(256)]
    return {"mae": math.fsum(image["mae"] for image in images) / len(images), "maxF": max(mean_curve), "meanF": math.fsum(mean_curve) / 256,
            "imageCount": len(images), "images": images}


# ---------------------------------------------------------------- comparison

def differences(path, ours, expected):
    """Yields (difference, where) for every value expected; what is missing or undefined on one side only is infinitely far away."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(f"{path}.{key}", ours.get(key), value)
    elif isinstance(expected, list):
        if ours is None or len(ours) != len(expected):
            yield math.inf, path
            return
        for i, value in enumerate(expected):
            yield from differences(f"{path}[{i}]", ours[i], value)
    elif isinstance(expected, (int, float)) and isinstance(ours, (int, float)):
        yield abs(ours - expected), path
    else:
        yield (0.0 if ours == expected else math.inf), path


def main():
    task, predictions, masks, *rest = sys.argv[1:]
    pairs = read_pairs(predictions, masks)
    result = segmentation(pairs, int(rest.pop(0))) if task == "segmentation" else saliency(pairs)
    for key, value in result.items():
        if key not in ("images", "confusionMatrix"):
            print(key, value)
    if rest:
        with open(rest[0], encoding="utf-8") as file:
            all_differences = list(differences("", json.load(file), result))
        largest = max(all_differences)
        print(f"largest of {len(all_differences)} differences: {largest[0]:.3g} at {largest[1] or 'root'}")
        sys.exit(0 if largest[0] <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
