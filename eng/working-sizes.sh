#!/usr/bin/env bash
# Writes into the networks that ship the size that they work at; their weights stay as they are. That of Road was chosen on the validation part, that of Saliency on training images:
#     dotnet run -c Release --project benchmarks/scale -- choose Road kitti/val/images kitti/val/masks 480 560 624 700
#     mlbinary extract --model Saliency --working-size N --images pascal/train/images --masks pascal/train/masks --out n.mlbn; mlbinary evaluate --model n.mlbn --images pascal/train/images --masks pascal/train/masks     (max F)
# (kitti and pascal as eng/hold-out.sh splits them; docs/scale.md has what that printed.) A network that was trained since has its size already.
# usage: eng/working-sizes.sh FOLDER   (of Road.mlbn and Saliency.mlbn)
set -euo pipefail
[ $# -eq 1 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
folder=$(realpath "$1")
cd "$(dirname "$0")/.."
while read -r name size; do
    dotnet run -c Release --project Microsoft.ML.Binary.Cli -- extract --model "$folder/$name.mlbn" --working-size "$size" --out "$folder/$name.mlbn"
done <<'SIZES'
Road 624
Saliency 344
SIZES
