"""Tests in the language, run."""
