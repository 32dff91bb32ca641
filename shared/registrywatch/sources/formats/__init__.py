"""The formats of documents that are understood: one value each, all of them in `catalogue`."""
