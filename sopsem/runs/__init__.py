"""Long runs: chunks of work on any executor, kept on disk, the same bytes whatever the workers."""
