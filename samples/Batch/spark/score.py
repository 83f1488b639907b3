"""Scores a manifest in Spark partitions, each by one call of mlbinary. Not run where the project is tested, but for the names: there is no Spark there.

    spark-submit score.py MODEL MANIFEST OUT PARTITIONS

MANIFEST is a table (.csv) as docs/batch.md says. Model, images and OUT lie on a disk that all executors see, and mlbinary is on their PATH. A partition
that Spark runs again, or runs twice (speculation), goes on from the masks that are there; a mask is written whole or not at all.
"""
import csv
import os
import subprocess
import sys
import tempfile


def images(columns, root):
    """What makes path and name of a row of the manifest, as mlbinary has them: its own name, or its path without extension, from the manifest's folder or the root on."""
    known = [column.strip().lower() for column in columns]
    path_column = next((i for i, column in enumerate(known) if column in ("path", "image", "imagepath", "file")), None)
    if path_column is None:
        raise ValueError(f"no column of the manifest is called path, image, imagepath or file, only {', '.join(columns)}")
    name_column = known.index("name") if "name" in known else None

    def image(row):
        path = os.path.normpath(os.path.join(root, (row[path_column] or "").strip()))
        if name_column is not None:
            return path, (row[name_column] or "").strip()
        below = os.path.relpath(path, root)
        return path, os.path.splitext(path.lstrip("/") if below.split(os.sep)[0] == ".." else below)[0]

    return image


def score(index, rows, model, out):
    """Writes the rows of a partition to a manifest, scores it, and yields the rows of its table."""
    rows = list(rows)
    if not rows:
        return
    with tempfile.TemporaryDirectory() as folder:
        manifest, table = os.path.join(folder, "images.csv"), os.path.join(folder, "results.csv")
        with open(manifest, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "name"])
            writer.writerows(rows)
        done = subprocess.run(
            ["mlbinary", "score", "--model", model, "--manifest", manifest, "--out", out, "--resume", "--table", table, "--threads", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        # 1 with a table: single images could not be scored; their rows say why.
        if done.returncode not in (0, 1) or not os.path.exists(table):
            raise RuntimeError(f"partition {index}: {done.stderr}")
        with open(table, newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def main(model, manifest, out, partitions):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("masks").getOrCreate()
    # Quotation marks as RFC 4180 has them.
    table = spark.read.csv(manifest, header=True, escape='"')
    image = images(table.columns, os.path.dirname(os.path.abspath(manifest)))
    results = table.rdd.map(image).repartition(partitions).mapPartitionsWithIndex(lambda index, rows: score(index, rows, model, out))
    spark.createDataFrame(results).write.mode("overwrite").parquet(os.path.join(out, "results"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
