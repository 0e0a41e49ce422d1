"""The workloads of the examples at full size, against a scripted model."""
