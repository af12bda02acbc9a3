"""The Spark jobs of Landfall. Each job reads, transforms and writes; what it did is a small JSON document."""
