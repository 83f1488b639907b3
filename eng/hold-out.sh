#!/usr/bin/env bash
# Splits a folder of images and masks into train and val: every fifth image by sorted name goes to val. Makes links, copies nothing.
# usage: eng/hold-out.sh IMAGES MASKS OUT   ->   OUT/train/images, OUT/train/masks, OUT/val/images, OUT/val/masks
set -euo pipefail
[ $# -eq 3 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
images=$(realpath "$1") masks=$(realpath "$2") out=$3
mkdir -p "$out"/{train,val}/{images,masks}
i=0
for image in $(ls "$images" | LC_ALL=C sort); do
    [ $((i % 5)) -eq 4 ] && part=val || part=train
    ln -sfn "$images/$image" "$out/$part/images/$image"
    ln -sfn "$masks/${image%.*}.png" "$out/$part/masks/${image%.*}.png"
    i=$((i + 1))
done
echo "$(ls "$out/train/images" | wc -l) to train on, $(ls "$out/val/images" | wc -l) held out, in $out"
