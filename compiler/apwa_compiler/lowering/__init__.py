"""From plan steps to Dask tasks."""
