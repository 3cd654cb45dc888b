"""Links and files that a community keeps."""
