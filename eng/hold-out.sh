#!/usr/bin/env bash
# Splits a folder of images and masks into train and val: every fifth image by sorted name goes to val. Makes links, copies nothing.
# The four folders in OUT must be empty or not there: links of an earlier run, with other images, would put an image into both parts.
# usage: eng/hold-out.sh IMAGES MASKS OUT   ->   OUT/train/images, OUT/train/masks, OUT/val/images, OUT/val/masks
set -euo pipefail
[ $# -eq 3 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
images=$(realpath "$1") masks=$(realpath "$2") out=$3
for folder in "$out"/{train,val}/{images,masks}; do
    if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
        echo "$folder: the folder has entries already, which would mix with this split. Delete $out/train and $out/val, or name another folder." >&2
        exit 1
    fi
done
names=$(ls "$images" | LC_ALL=C sort)
[ -n "$names" ] || { echo "$images: the folder of the images is empty." >&2; exit 1; }
mkdir -p "$out"/{train,val}/{images,masks}
i=0
while IFS= read -r image; do
    [ $((i % 5)) -eq 4 ] && part=val || part=train
    ln -sfn "$images/$image" "$out/$part/images/$image"
    ln -sfn "$masks/${image%.*}.png" "$out/$part/masks/${image%.*}.png"
    i=$((i + 1))
done <<<"$names"
echo "$(ls "$out/train/images" | wc -l) to train on, $(ls "$out/val/images" | wc -l) held out, in $out"
