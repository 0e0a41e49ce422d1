"""The ways to have a Dask cluster, one file each."""
