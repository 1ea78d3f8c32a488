"""The same runs on worker processes. The only package that imports Dask's distributed."""
