"""What has finished, kept so that no crash loses it: frames on disk, and what is read back from them."""
