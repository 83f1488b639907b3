"""Scores a manifest in Spark partitions, each by one call of mlbinary. Not run where the project is tested: there is no Spark there.

    spark-submit score.py MODEL MANIFEST OUT PARTITIONS

Model, images and OUT lie on a disk that all executors see, and mlbinary is on their PATH. A partition that Spark runs again, or runs twice
(speculation), goes on from the masks that are there; a mask is written whole or not at all.
"""
import csv
import os
import subprocess
import sys
import tempfile

from pyspark.sql import SparkSession


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
    spark = SparkSession.builder.appName("masks").getOrCreate()
    root = os.path.dirname(os.path.abspath(manifest))
    images = spark.read.csv(manifest, header=True).select("path").rdd.map(
        # The names that mlbinary itself would give the images of this manifest.
        lambda row: (os.path.join(root, row.path), os.path.splitext(row.path)[0]))
    results = images.repartition(partitions).mapPartitionsWithIndex(lambda index, rows: score(index, rows, model, out))
    spark.createDataFrame(results).write.mode("overwrite").parquet(os.path.join(out, "results"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
