#!/usr/bin/env python3
"""Computes the evaluation measures a second time, slowly and plainly, and makes the images they are computed on.

    python3 reference.py          writes saliency/, segmentation/, road/ (PNG files) and expected.json beside this file
    python3 reference.py --check  recomputes the values from the PNG files and compares them with expected.json

Standard library only. Nothing here is shared with the library under test: every measure is written from its definition, pixel
by pixel. Means of saliency are rounded as NumPy's are, because published figures can hang on that.
"""
import functools
import json
import math
import os
import random
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
EPSILON = 2.0 ** -52
IGNORE = 255


# ---------------------------------------------------------------- PNG files, 8 bits, gray or RGB

def write_png(path, width, height, gray, rgb=False):
    channels = 3 if rgb else 1
    rows = b"".join(
        b"\0" + bytes(value for value in gray[y * width:(y + 1) * width] for _ in range(channels)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2 if rgb else 0, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(rows, 9)))
        file.write(chunk(b"IEND", b""))


def read_png(path):
    """Reads what write_png wrote (no row filters); of RGB the first channel, since all three are equal."""
    with open(path, "rb") as file:
        data = file.read()
    width, height, _, color = struct.unpack(">IIBB", data[16:26])
    packed, position = b"", 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        if kind == b"IDAT":
            packed += data[position + 8:position + 8 + length]
        position += length + 12
    rows = zlib.decompress(packed)
    channels = 3 if color == 2 else 1
    stride = width * channels + 1
    return width, height, [rows[y * stride + 1 + x * channels] for y in range(height) for x in range(width)]


# ---------------------------------------------------------------- saliency

def normalise(levels):
    values = [level / 255 for level in levels]
    low, high = min(values), max(values)
    return values if low == high else [(value - low) / (high - low) for value in values]


def f_score(precision, recall):
    numerator = (1 + 0.3) * precision * recall
    return 0.0 if numerator == 0 else numerator / (0.3 * precision + recall)


def precision_recall(salient, mask):
    hits = sum(1 for s, m in zip(salient, mask) if s and m)
    return hits / max(sum(salient), 1), hits / max(sum(mask), 1)


def e_measure(salient, mask):
    n = len(mask)
    if not any(mask):
        total = n - sum(salient)
    elif all(mask):
        total = sum(salient)
    else:
        mean_salient, mean_mask = sum(salient) / n, sum(mask) / n
        terms = []
        for s, m in zip(salient, mask):
            a, b = s - mean_salient, m - mean_mask
            alignment = 2 * a * b / (a * a + b * b + EPSILON)
            terms.append((alignment + 1) ** 2 / 4)
        total = math.fsum(terms)
    return total / (n - 1 + EPSILON)


def numpy_sum(values):
    """Adds doubles in NumPy's order: blocks of 8,192, each halved down to 128, those by eight interleaved sums."""
    if len(values) > 8192:
        blocks = [values[i:i + 8192] for i in range(0, len(values), 8192)]
        return functools.reduce(lambda total, block: total + numpy_sum(block), blocks, 0.0)
    if len(values) > 128:
        half = len(values) // 2 // 8 * 8
        return numpy_sum(values[:half]) + numpy_sum(values[half:])
    if len(values) < 8:
        return functools.reduce(lambda total, value: total + value, values, 0.0)
    whole = len(values) // 8 * 8
    a, b, c, d, e, f, g, h = (functools.reduce(lambda total, value: total + value, values[lane:whole:8]) for lane in range(8))
    return functools.reduce(lambda total, value: total + value, values[whole:], ((a + b) + (c + d)) + ((e + f) + (g + h)))


def mean(values):
    return numpy_sum(values) / len(values)


def variance(values):
    center = mean(values)
    return math.fsum((value - center) ** 2 for value in values) / (len(values) - 1)


def distinctness(values):
    center = mean(values)
    return 2 * center / (center * center + 1 + math.sqrt(variance(values)) + EPSILON)


def similarity(values, mask):
    x, y = mean(values), mean(mask)
    covariance = math.fsum((v - x) * (m - y) for v, m in zip(values, mask)) / (len(mask) - 1)
    alpha = 4 * x * y * covariance
    beta = (x * x + y * y) * (variance(values) + variance(mask))
    if alpha != 0:
        return alpha / (beta + EPSILON)
    return 1.0 if beta == 0 else 0.0


def s_measure(values, mask, width, height):
    area = width * height
    objects = [(x, y) for y in range(height) for x in range(width) if mask[y * width + x]]
    if not objects:
        return 1 - mean(values)
    if len(objects) == area:
        return mean(values)
    right = round(sum(x for x, _ in objects) / len(objects)) + 1
    bottom = round(sum(y for _, y in objects) / len(objects)) + 1
    share = len(objects) / area
    try:
        object_score = share * distinctness([v for v, m in zip(values, mask) if m]) \
            + (1 - share) * distinctness([1 - v for v, m in zip(values, mask) if not m])
        region_score = 0.0
        for x0, x1, y0, y1 in ((0, right, 0, bottom), (right, width, 0, bottom), (0, right, bottom, height), (right, width, bottom, height)):
            inside = [y * width + x for y in range(y0, y1) for x in range(x0, x1)]
            region_score += similarity([values[i] for i in inside], [mask[i] for i in inside]) * len(inside) / area
    except ZeroDivisionError:
        # No variance of one value or none: NumPy goes on with NaN, and max(0, NaN) is 0 in Python.
        return 0.0
    return max(0.0, 0.5 * object_score + 0.5 * region_score)


def weighted_f(values, mask, width, height):
    objects = [(x, y) for y in range(height) for x in range(width) if mask[y * width + x]]
    if not objects:
        return 0.0
    error = [abs(v - m) for v, m in zip(values, mask)]
    spread, distance = list(error), [0.0] * len(error)
    for y in range(height):
        for x in range(width):
            if not mask[y * width + x]:
                squared, nx, ny = min(((x - ox) ** 2 + (y - oy) ** 2, ox, oy) for ox, oy in objects)
                distance[y * width + x] = math.sqrt(squared)
                spread[y * width + x] = error[ny * width + nx]
    kernel = {(dx, dy): math.exp(-(dx * dx + dy * dy) / 50) for dx in range(-3, 4) for dy in range(-3, 4)}
    kernel_sum = math.fsum(kernel.values())
    inside, outside = [], []
    for y in range(height):
        for x in range(width):
            i = y * width + x
            if mask[i]:
                blurred = math.fsum(
                    weight * spread[(y + dy) * width + x + dx] for (dx, dy), weight in kernel.items()
                    if 0 <= x + dx < width and 0 <= y + dy < height) / kernel_sum
                inside.append(min(error[i], blurred))
            else:
                outside.append(error[i] * (2 - math.exp(math.log(0.5) / 5 * distance[i])))
    hits = len(objects) - math.fsum(inside)
    recall = 1 - math.fsum(inside) / len(objects)
    precision = hits / (hits + math.fsum(outside) + EPSILON)
    return 2 * recall * precision / (recall + precision + EPSILON)


def saliency_image(width, height, levels, gray_mask):
    values = normalise(levels)
    mask = [1 if gray > 128 else 0 for gray in gray_mask]
    bytes_ = [int(value * 255) for value in values]
    thresholded = [[1 if b >= t else 0 for b in bytes_] for t in range(256)]
    pr = [precision_recall(salient, mask) for salient in thresholded]
    f_curve = [f_score(p, r) for p, r in pr]
    e_curve = [e_measure(salient, mask) for salient in thresholded]
    threshold = min(2 * mean(values), 1)
    adaptive = [1 if value >= threshold else 0 for value in values]
    figures = {
        "mae": math.fsum(abs(v - m) for v, m in zip(values, mask)) / len(mask),
        "maxF": max(f_curve),
        "meanF": math.fsum(f_curve) / 256,
        "adaptiveF": f_score(*precision_recall(adaptive, mask)),
        "weightedF": weighted_f(values, mask, width, height),
        "sMeasure": s_measure(values, mask, width, height),
        "maxE": max(e_curve),
        "meanE": math.fsum(e_curve) / 256,
        "adaptiveE": e_measure(adaptive, mask),
    }
    return figures, f_curve, e_curve, [p for p, _ in pr], [r for _, r in pr]


def saliency_set(pairs):
    images, curves = {}, []
    for name, (width, height, levels, mask) in pairs.items():
        images[name], *four = saliency_image(width, height, levels, mask)
        curves.append(four)
    count = len(images)
    f, e, p, r = ([math.fsum(four[i][t] for four in curves) / count for t in range(256)] for i in range(4))
    aggregate = {key: math.fsum(image[key] for image in images.values()) / count
                 for key in ("mae", "adaptiveF", "weightedF", "sMeasure", "adaptiveE")}
    aggregate.update(maxF=max(f), meanF=math.fsum(f) / 256, maxE=max(e), meanE=math.fsum(e) / 256)
    # Every 15th point is enough to pin the curves down.
    aggregate.update(precision=p[::15], recall=r[::15])
    return {"aggregate": aggregate, "perImage": images}


# ---------------------------------------------------------------- segmentation

def ratio(part, whole):
    return part / whole if whole else None


def defined_mean(values):
    values = [value for value in values if value is not None]
    return math.fsum(values) / len(values) if values else None


def boundary(labels, width, height):
    """Pixels with another class, or the outside of the image, within d of them in the maximum norm."""
    d = max(1, round(0.02 * math.sqrt(width * width + height * height)))

    def same(x, y, label):
        return 0 <= x < width and 0 <= y < height and labels[y * width + x] == label

    return [not all(same(x + dx, y + dy, labels[y * width + x]) for dy in range(-d, d + 1) for dx in range(-d, d + 1))
            for y in range(height) for x in range(width)]


def segmentation(images, classes):
    """All figures of a list of (width, height, labels, predictions), pooled over the pixels of the list."""
    confusion = [[0] * classes for _ in range(classes)]
    both, either = [0] * classes, [0] * classes
    ignored = 0
    for width, height, labels, predictions in images:
        predictions = [IGNORE if label == IGNORE else prediction for label, prediction in zip(labels, predictions)]
        label_boundary, prediction_boundary = boundary(labels, width, height), boundary(predictions, width, height)
        for i, (label, prediction) in enumerate(zip(labels, predictions)):
            if label == IGNORE:
                ignored += 1
                continue
            confusion[label][prediction] += 1
            for c in range(classes):
                a, b = label == c and label_boundary[i], prediction == c and prediction_boundary[i]
                both[c] += a and b
                either[c] += a or b
    correct = [confusion[c][c] for c in range(classes)]
    labelled = [sum(confusion[c]) for c in range(classes)]
    predicted = [sum(row[c] for row in confusion) for c in range(classes)]
    total = sum(labelled)
    iou = [ratio(correct[c], labelled[c] + predicted[c] - correct[c]) for c in range(classes)]
    accuracy = [ratio(correct[c], labelled[c]) for c in range(classes)]
    dice = [ratio(2 * correct[c], labelled[c] + predicted[c]) for c in range(classes)]
    boundary_iou = [ratio(both[c], either[c]) for c in range(classes)]
    return {
        "meanIoU": defined_mean(iou),
        "pixelAccuracy": ratio(sum(correct), total),
        "meanAccuracy": defined_mean(accuracy),
        "meanDice": defined_mean(dice),
        "frequencyWeightedIoU": ratio(math.fsum(labelled[c] * iou[c] for c in range(classes) if labelled[c]), total),
        "meanBoundaryIoU": defined_mean(boundary_iou),
        "perClassIoU": iou,
        "perClassAccuracy": accuracy,
        "perClassPrecision": [ratio(correct[c], predicted[c]) for c in range(classes)],
        "perClassDice": dice,
        "perClassBoundaryIoU": boundary_iou,
        "confusionMatrix": confusion,
        "ignoredPixelCount": ignored,
    }


def segmentation_set(pairs, classes):
    return {"classCount": classes, "aggregate": segmentation(list(pairs.values()), classes),
            "perImage": {name: segmentation([image], classes) for name, image in pairs.items()}}


# ---------------------------------------------------------------- road: thresholds of a score

def road_set(pairs):
    pixels = [(score, label) for _, _, scores, labels in pairs.values() for score, label in zip(scores, labels) if label != IGNORE]
    positives = sum(label for _, label in pixels)
    negatives = len(pixels) - positives
    points = []
    for t in range(256):
        hits = sum(1 for score, label in pixels if score >= t and label)
        false = sum(1 for score, label in pixels if score >= t and not label)
        recall, precision = hits / positives, hits / (hits + false + 1e-10)
        points.append((2 * precision * recall / (precision + recall + 1e-10), -t, precision, recall, false / negatives, 1 - recall))
    best = max(points)
    return {
        "maxF": best[0], "threshold": -best[1] / 255, "precision": best[2], "recall": best[3],
        "falsePositiveRate": best[4], "falseNegativeRate": best[5],
        "averagePrecision": math.fsum(max(p[2] for p in points if p[3] >= i * 0.1) for i in range(11)) / 11,
    }


# ---------------------------------------------------------------- the images

def blob(width, height, cx, cy, rx, ry, inside=255, outside=0):
    return [inside if ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1 else outside for y in range(height) for x in range(width)]


def soft(rng, width, height, mask, noise=40):
    """What a network might answer: the mask blurred by its neighbours, a little noise."""
    def at(x, y):
        return mask[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]

    return [min(255, max(0, sum(at(x + dx, y + dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) // 9 + rng.randint(-noise, noise)))
            for y in range(height) for x in range(width)]


def saliency_pairs(rng):
    """name -> (width, height, levels, mask, mask is stored as RGB)"""
    def noise(width, height, low=0, high=255):
        return [rng.randint(low, high) for _ in range(width * height)]

    pairs = {}

    def add(name, width, height, levels, mask, rgb=False):
        pairs[name] = (width, height, levels, mask, rgb)

    ball = blob(16, 12, 7, 5, 4, 3)
    add("all-empty", 8, 6, [0] * 48, [0] * 48)
    add("all-full", 8, 6, [255] * 48, [255] * 48)
    add("empty-mask-noise", 9, 7, noise(9, 7), [0] * 63)
    add("empty-mask-full-map", 5, 4, [255] * 20, [0] * 20)
    add("full-mask-noise", 9, 7, noise(9, 7), [255] * 63)
    add("full-mask-empty-map", 5, 4, [0] * 20, [255] * 20)
    add("constant-0", 16, 12, [0] * 192, ball)
    add("constant-77", 16, 12, [77] * 192, ball)
    add("constant-128", 16, 12, [128] * 192, ball)
    add("constant-255", 16, 12, [255] * 192, ball)
    add("one-pixel-black", 1, 1, [0], [0])
    add("one-pixel-white", 1, 1, [255], [255])
    add("one-pixel-gray-on-object", 1, 1, [100], [255])
    add("one-row", 13, 1, noise(13, 1), [0] * 4 + [255] * 5 + [0] * 4)
    add("one-column", 1, 11, noise(1, 11), [0] * 3 + [255] * 6 + [0] * 2)
    add("odd-7x5", 7, 5, soft(rng, 7, 5, blob(7, 5, 3, 2, 2, 1.5)), blob(7, 5, 3, 2, 2, 1.5))
    add("odd-31x17", 31, 17, soft(rng, 31, 17, blob(31, 17, 12, 9, 8, 5)), blob(31, 17, 12, 9, 8, 5))
    add("perfect", 16, 12, ball, ball)
    add("inverted", 16, 12, [255 - level for level in ball], ball)
    add("single-object-pixel", 9, 9, noise(9, 9), [255 if i == 40 else 0 for i in range(81)])
    add("single-background-pixel", 9, 9, noise(9, 9), [0 if i == 40 else 255 for i in range(81)])
    add("object-in-last-column", 9, 6, noise(9, 6), [255 if i % 9 == 8 else 0 for i in range(54)])
    add("object-in-last-corner", 8, 8, noise(8, 8), [255 if i % 8 >= 6 and i // 8 >= 6 else 0 for i in range(64)])
    add("mask-levels-near-threshold", 12, 10, noise(12, 10), noise(12, 10, 126, 130))
    add("low-contrast", 14, 9, noise(14, 9, 100, 104), blob(14, 9, 6, 4, 4, 3))
    add("rgb-mask", 20, 14, soft(rng, 20, 14, blob(20, 14, 12, 6, 5, 5)), blob(20, 14, 12, 6, 5, 5), rgb=True)
    add("rgb-empty-mask", 10, 8, noise(10, 8, 0, 60), [0] * 80, rgb=True)
    add("two-objects", 24, 15, soft(rng, 24, 15, [max(a, b) for a, b in zip(blob(24, 15, 5, 7, 3, 4), blob(24, 15, 18, 7, 3, 4))]),
        [max(a, b) for a, b in zip(blob(24, 15, 5, 7, 3, 4), blob(24, 15, 18, 7, 3, 4))])
    add("scattered-objects", 15, 15, noise(15, 15), [255 if rng.random() < 0.05 else 0 for _ in range(225)])
    add("checkerboard", 10, 10, noise(10, 10), [255 if (x + y) % 2 else 0 for y in range(10) for x in range(10)])
    add("ramp", 32, 8, [8 * x for _ in range(8) for x in range(32)], [255 if x >= 20 else 0 for _ in range(8) for x in range(32)])
    # A region where map and mask are both flat: its similarity depends on whether the mean of equal values is rounded.
    left_half = [255 if x < 8 else 0 for _ in range(12) for x in range(16)]
    add("constant-77-half-mask", 16, 12, [77] * 192, left_half)
    add("constant-43-half-mask", 16, 12, [43] * 192, left_half)
    # Twice the mean of these is the level 170 but for rounding.
    add("adaptive-threshold-tie", 10, 1, [0, 255, 51, 68, 85, 0, 51, 153, 170, 17], [0] * 7 + [255] * 2 + [0])
    add("soft-48x36", 48, 36, soft(rng, 48, 36, blob(48, 36, 20, 17, 13, 10), 25), blob(48, 36, 20, 17, 13, 10))
    return pairs


def label_map(rng, width, height, classes, ignored):
    """Nearest of some random seeds: patches with straight borders, some of them ignored."""
    seeds = [(rng.randrange(width), rng.randrange(height), IGNORE if rng.random() < ignored else rng.choice(classes)) for _ in range(7)]
    return [min(seeds, key=lambda s: ((x - s[0]) ** 2 + (y - s[1]) ** 2, s))[2] for y in range(height) for x in range(width)]


def segmentation_pairs(rng):
    pairs = {}
    for name, width, height, classes, ignored in (
            ("patches-40x30", 40, 30, [0, 1, 2, 3], 0.0), ("some-ignored", 33, 21, [0, 1, 2, 3], 0.3),
            ("absent-classes", 17, 13, [1, 3], 0.1), ("single-class", 9, 7, [2], 0.0), ("all-ignored", 8, 5, [0], 1.0),
            ("one-pixel", 1, 1, [3], 0.0), ("one-row", 19, 1, [0, 1], 0.0), ("wide-120x9", 120, 9, [0, 1, 2], 0.1)):
        labels = label_map(rng, width, height, classes, ignored)
        wrong = label_map(rng, width, height, classes, 0.0)
        # Shifted by a pixel and with wrong patches; class 4 occurs in neither, class 0 sometimes in predictions only.
        predictions = [wrong[i] if (i // width + i % width) % 11 < 3 else labels[max(i - 1, 0)] for i in range(width * height)]
        pairs[name] = (width, height, labels, [0 if p == IGNORE else p for p in predictions])
    return pairs


def road_pairs(rng):
    pairs = {}
    for name, width, height in (("road-a", 30, 12), ("road-b", 25, 11), ("road-c", 18, 9)):
        labels = [IGNORE if y == 0 else 1 if y > height // 2 and abs(x - width / 2) < y else 0 for y in range(height) for x in range(width)]
        scores = [min(255, max(0, (170 if label == 1 else 80) + rng.randint(-80, 85))) for label in labels]
        pairs[name] = (width, height, scores, labels)
    return pairs


def write_images():
    rng = random.Random(20240527)
    for name, (width, height, levels, mask, rgb) in saliency_pairs(rng).items():
        write_png(os.path.join(HERE, "saliency", "preds", name + ".png"), width, height, levels)
        write_png(os.path.join(HERE, "saliency", "masks", name + ".png"), width, height, mask, rgb)
    for name, (width, height, labels, predictions) in segmentation_pairs(rng).items():
        write_png(os.path.join(HERE, "segmentation", "preds", name + ".png"), width, height, predictions)
        write_png(os.path.join(HERE, "segmentation", "masks", name + ".png"), width, height, labels)
    for name, (width, height, scores, labels) in road_pairs(rng).items():
        write_png(os.path.join(HERE, "road", "preds", name + ".png"), width, height, scores)
        write_png(os.path.join(HERE, "road", "masks", name + ".png"), width, height, labels)


def read_pairs(kind):
    pairs = {}
    for file in sorted(os.listdir(os.path.join(HERE, kind, "masks"))):
        width, height, mask = read_png(os.path.join(HERE, kind, "masks", file))
        _, _, prediction = read_png(os.path.join(HERE, kind, "preds", file))
        first, second = (mask, prediction) if kind == "segmentation" else (prediction, mask)
        pairs[file[:-4]] = (width, height, first, second)
    return pairs


def compute():
    return {"saliency": saliency_set(read_pairs("saliency")), "segmentation": segmentation_set(read_pairs("segmentation"), 5),
            "road": road_set(read_pairs("road"))}


def rounded(text):
    """Values without the last digits, in which mathematical libraries may differ."""
    return json.loads(text, parse_float=lambda digits: round(float(digits), 12))


def main():
    path = os.path.join(HERE, "expected.json")
    if "--check" in sys.argv:
        with open(path, encoding="utf-8") as file:
            committed = rounded(file.read())
        same = committed == rounded(json.dumps(compute()))
        print("expected.json is what this script computes" if same else "expected.json differs from what this script computes")
        sys.exit(0 if same else 1)
    write_images()
    values = compute()
    with open(path, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
