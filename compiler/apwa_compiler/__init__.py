"""From a typed program to a plan, and from a plan to Dask tasks, JSON, Python and drawings."""
